// What is at a key, with its types, as the node tells it.
import type { View } from "../../client/src/index.js";
import type { Json } from "./json";

export type { Assignment, Entry as Listed, Page, Reading, Share, View } from "../../client/src/index.js";

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
