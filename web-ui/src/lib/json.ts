// JSON with numbers as they were written. A JavaScript number is a double: what it cannot hold
// exactly, or would print differently, stays text in an `Exact`.

export class Exact {
  constructor(readonly text: string) {}
}

export type Json = null | boolean | number | string | Exact | Json[] | { [name: string]: Json };

const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

// Numbers that must stay text travel through JSON.parse as strings with a mark nobody can guess.
const MARK = `${crypto.getRandomValues(new Uint32Array(4)).join("-")}:`;

/** Parses JSON text; throws a SyntaxError as JSON.parse does. */
export function parse(text: string): Json {
  JSON.parse(text);
  const marked = text.replace(TOKEN, (token) => (token.startsWith('"') || String(Number(token)) === token ? token : `"${MARK}${token}"`));
  return JSON.parse(marked, (_name, value: unknown) =>
    typeof value === "string" && value.startsWith(MARK) ? new Exact(value.slice(MARK.length)) : value,
  ) as Json;
}

/** Prints a value as JSON text that parses to an equal one. */
export function print(value: Json): string {
  if (value instanceof Exact) return value.text;
  if (Array.isArray(value)) return `[${value.map(print).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const fields = Object.entries(value).map(([name, field]) => `${JSON.stringify(name)}:${print(field)}`);
    return `{${fields.join(",")}}`;
  }
  return JSON.stringify(value);
}

/** A number that may be exact, as a number for arithmetic on screen. */
export function approximate(value: number | Exact): number {
  return value instanceof Exact ? Number(value.text) : value;
}

/** What someone typed: JSON if it is JSON, else the text itself. */
export function fromTyped(typed: string): Json {
  try {
    return parse(typed);
  } catch {
    return typed;
  }
}

/** Whether two values are the same, field by field. */
export function same(a: Json, b: Json): boolean {
  return print(a) === print(b);
}
