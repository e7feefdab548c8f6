// What is at a key, and what can be done to it.
import type { Exact, Input, Json } from "./json.js";

/** How a register with several values reads: the latest, all, the greatest or the least. */
export type Rule = "latest" | "all" | "max" | "min";

export interface Assignment {
  value: Json;
  replica: string;
  seq: number;
  index: number;
  millis: number;
  latest: boolean;
  /** Whether it is what reads, or one of what reads. */
  read: boolean;
}

export interface Share {
  replica: string;
  seq: number;
  index: number;
  total: number | Exact;
}

/** What wins of enabling and disabling at the same time; flags of which another wins are of another type. */
export type FlagWins = "enable" | "disable";

/** Likewise of adding and removing an element. */
export type SetWins = "add" | "remove";

/** A value with its types, its concurrent values and who wrote them. */
export type View =
  | { type: "absent" }
  | { type: "register"; rule: Rule; value: Json; values: Assignment[] }
  | { type: "counter"; total: number | Exact; shares: Share[] }
  | { type: "flag"; wins: FlagWins; value: true }
  | { type: "set"; wins: SetWins; elements: Json[]; more: boolean }
  | { type: "map"; fields: Record<string, View> }
  | { type: "conflict"; views: View[] };

/** What is at a place, or is listed; `value` or `view` as asked for. */
export interface Entry {
  key: string;
  fields?: string[];
  /** `absent` if nothing is there. */
  type?: string;
  value?: Json;
  view?: View;
  /** Elements are left out. */
  more?: boolean;
  /** Too large for this answer: read it by its parts. */
  tooLarge?: boolean;
}

/** An entry that was read. Its token is the context of an edit that answers to it. */
export interface Reading extends Entry {
  token: string;
}

export interface Page {
  keys: Entry[];
  more: boolean;
  token: string;
}

type Where = { key: string; fields?: readonly string[] };

export type Mutation = Where &
  (
    | { op: "set"; value: Input; rule?: Rule }
    | { op: "increment"; amount?: number | bigint | string }
    | { op: "flag"; enabled?: boolean; wins?: FlagWins }
    | { op: "add" | "removeElements"; elements: readonly Input[]; wins?: SetWins }
    | { op: "merge"; patch: { readonly [name: string]: Input }; nullRemoves?: boolean }
    | { op: "remove" }
    | { op: "reset"; seen?: readonly Share[] }
  );

/** On how many other members a write is durable before it is answered (docs/receipts.md). */
export type Durability = number | "all" | "site";

export interface Acknowledged {
  reached: boolean;
  summary: string;
  acknowledged: string[];
  missing: string[];
  /** JSON that `starling receipt verify` checks. */
  receipt: Json;
}

/** A transaction that was made. */
export interface Written {
  /** 0 if everything was so already. */
  operations: number;
  token: string;
  /** It had been made before, under the same idempotency key. */
  repeat?: boolean;
  durability?: Acknowledged;
}
