// JSON as the client reads and prints it, and what people type.
import { Exact, parse, type Json } from "../../client/src/index.js";

export { Exact, parse, print, same, type Json } from "../../client/src/index.js";

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
