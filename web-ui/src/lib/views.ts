// What is at a key, with its types, as the node tells it.
import type { Exact, Json } from "./json";

export interface Assignment {
  value: Json;
  replica: string;
  seq: number;
  index: number;
  millis: number;
  latest: boolean;
}

export interface Share {
  replica: string;
  seq: number;
  index: number;
  total: number | Exact;
}

export type View =
  | { type: "absent" }
  | { type: "register"; rule: "latest" | "all"; value: Json; values: Assignment[] }
  | { type: "counter"; total: number | Exact; shares: Share[] }
  | { type: "flag"; value: true }
  | { type: "set"; elements: Json[]; more: boolean }
  | { type: "map"; fields: Record<string, View> }
  | { type: "conflict"; views: View[] };

export interface Reading {
  key: string;
  fields?: string[];
  type: string;
  view: View;
  token: string;
}

export interface Listed {
  key: string;
  type?: string;
  value?: Json;
  more?: boolean;
  tooLarge?: boolean;
}

export interface Page {
  keys: Listed[];
  more: boolean;
  token: string;
}

/** How many places in a view hold more than one value. */
export function conflicts(view: View): number {
  switch (view.type) {
    case "register":
      return view.values.length > 1 ? 1 : 0;
    case "conflict":
      return 1;
    case "map":
      return Object.values(view.fields).reduce((sum, field) => sum + conflicts(field), 0);
    default:
      return 0;
  }
}

/** A short text for a list. */
export function preview(value: Json, text: (value: Json) => string, room = 120): string {
  const whole = text(value);
  return whole.length <= room ? whole : `${whole.slice(0, room - 1)}…`;
}
