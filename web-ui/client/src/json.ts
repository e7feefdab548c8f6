// JSON with numbers as they were written. A JavaScript number is a double: what it cannot hold
// exactly, or would print differently, stays text in an `Exact`.

/** A number that a double would change: a large whole number, `1.0`, a long decimal. */
export class Exact {
  constructor(readonly text: string) {}

  /** As a whole number; throws a SyntaxError if it is none. */
  toBigInt(): bigint {
    return BigInt(this.text);
  }

  toString(): string {
    return this.text;
  }

  /** For JSON.stringify, which can only round it; `print` keeps it. */
  toJSON(): number {
    return Number(this.text);
  }
}

/** What comes back. */
export type Json = null | boolean | number | string | Exact | Json[] | { [name: string]: Json };

/** What can be sent: whole numbers beyond 2^53 as `bigint`. */
export type Input = Json | bigint | readonly Input[] | { readonly [name: string]: Input | undefined };

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
export function print(value: Input): string {
  if (value instanceof Exact) return value.text;
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number" && !Number.isFinite(value)) throw new TypeError(`JSON has no ${value}`);
  if (Array.isArray(value)) return `[${(value as readonly Input[]).map(print).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const given = Object.entries(value).filter((field): field is [string, Input] => field[1] !== undefined);
    const fields = given.map(([name, field]) => `${JSON.stringify(name)}:${print(field)}`);
    return `{${fields.join(",")}}`;
  }
  return JSON.stringify(value);
}

/** Whether two values are the same, field by field. */
export function same(a: Json, b: Json): boolean {
  return print(a) === print(b);
}
