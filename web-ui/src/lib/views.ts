// What is at a key, with its types, as the node tells it.
import type { View } from "../../client/src/index.js";
import type { Change } from "./api";
import { Exact, type Json } from "./json";

export type { Assignment, Entry as Listed, Page, Reading, Rule, Share, View } from "../../client/src/index.js";

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

// One transaction takes ten thousand operations; one from a page should be far from that.
const ANEW_MAX = 1_000;

/** What writes a view anew where nothing is; null if not all of it is here, or it is too much. */
export function anew(view: View, fields: string[]): Change[] | null {
  const changes = changesOf(view, fields);
  return changes === null || changes.length > ANEW_MAX ? null : changes;
}

/** What a change of a flag or set has to say beside, if it is one where taking away wins. */
export function winning(view: Extract<View, { type: "flag" | "set" }>): { wins?: string } {
  return view.wins === "enable" || view.wins === "add" ? {} : { wins: view.wins };
}

function changesOf(view: View, fields: string[]): Change[] | null {
  switch (view.type) {
    case "absent":
      return [];
    case "register":
      return [{ op: "set", fields, value: view.rule === "all" ? (view.values[0]?.value ?? null) : view.value, rule: view.rule }];
    case "counter":
      return [{ op: "increment", fields, amount: String(view.total instanceof Exact ? view.total.text : view.total) }];
    case "flag":
      return [{ op: "flag", fields, enabled: true, ...winning(view) }];
    case "set":
      return view.more || view.elements.length === 0 ? null : [{ op: "add", fields, elements: view.elements, ...winning(view) }];
    case "map": {
      const inner = Object.entries(view.fields).map(([name, field]) => changesOf(field, [...fields, name]));
      if (inner.length === 0) return [{ op: "merge", fields, patch: {} }];
      return inner.some((one) => one === null) ? null : inner.flatMap((one) => one ?? []);
    }
    case "conflict":
      return null;
  }
}
