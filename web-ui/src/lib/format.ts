// How numbers, times and names look. Pure functions.

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

/** 1234567 as `1 234 567`, with narrow spaces that do not break. */
export function count(number: number | bigint | string): string {
  const [whole = "", fraction] = String(number).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, "\u202f");
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** `1 batch`, `2 batches`. */
export function plural(number: number, one: string, many = `${one}s`): string {
  return `${count(number)} ${number === 1 ? one : many}`;
}

export function bytes(number: number): string {
  let unit = 0;
  let size = number;
  while (size >= 1024 && unit < UNITS.length - 1) {
    size /= 1024;
    unit++;
  }
  return `${unit === 0 || size >= 100 ? Math.round(size) : size.toFixed(1)} ${UNITS[unit]}`;
}

/** A length of time in one unit, without false precision. */
export function duration(millis: number): string {
  const seconds = Math.max(0, millis) / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  if (seconds < 36 * 3600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86400)} d`;
}

/** How long ago: `just now`, `12 s ago`. */
export function ago(millis: number): string {
  return millis < 2000 ? "just now" : `${duration(millis)} ago`;
}

/** A time of day, with the date when it is another day. */
export function clock(millis: number, now: number): string {
  const time = new Date(millis);
  const text = time.toLocaleTimeString("en-GB", { hour12: false });
  return Math.abs(now - millis) < 12 * 3600 * 1000 ? text : `${time.toISOString().slice(0, 10)} ${text}`;
}

/** The part of a long id that people read. */
export function short(id: string): string {
  return id.length <= 8 ? id : id.slice(0, 8);
}

/** A replica id, FINGERPRINT-INCARNATION, taken apart. */
export function replica(id: string): { node: string; incarnation: string } {
  const hyphen = id.lastIndexOf("-");
  return hyphen < 0 ? { node: id, incarnation: "" } : { node: id.slice(0, hyphen), incarnation: id.slice(hyphen + 1) };
}

export type Piece = { text: string; hidden: boolean };

// Controls, and characters that change the direction of text or take no room.
export const HIDDEN =
  // eslint-disable-next-line no-control-regex
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\ufff9-\ufffb]/gu;

/** Text cut into what shows and what would not, or would mislead: those are spelled out. */
export function visible(text: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const match of text.matchAll(HIDDEN)) {
    if (match.index > at) pieces.push({ text: text.slice(at, match.index), hidden: false });
    pieces.push({ text: spelled(match[0]), hidden: true });
    at = match.index + match[0].length;
  }
  if (at < text.length) pieces.push({ text: text.slice(at), hidden: false });
  return pieces;
}

function spelled(character: string): string {
  if (character === "\n") return "↵";
  if (character === "\t") return "⇥";
  const code = character.codePointAt(0) ?? 0;
  return `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
}
