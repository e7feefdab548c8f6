import { useEffect, useState } from "preact/hooks";
import { AsChanges } from "../parts/As";
import { JsonView } from "../parts/JsonView";
import type { Change } from "../lib/api";
import { plural } from "../lib/format";
import { fromTyped, print, type Json } from "../lib/json";
import { winning, type View } from "../lib/views";
import type { Place } from "./ViewOf";

export function SetView({ view, fields, edit, more }: Place<Extract<View, { type: "set" }>>) {
  const [further, setFurther] = useState<Json[]>([]);
  const [hasMore, setHasMore] = useState(view.more);
  const [typed, setTyped] = useState("");
  const known = new Set(view.elements.map((element) => print(element)));
  const elements = [...view.elements, ...further.filter((element) => !known.has(print(element)))];
  const last = elements[elements.length - 1];
  // A new read is of the first page: what was paged in after it is read anew, as far as it went.
  useEffect(() => {
    let isOver = false;
    const again = async () => {
      const read: Json[] = [];
      let from = view.elements.at(-1);
      let rest = view.more;
      while (rest && from !== undefined && read.length < further.length) {
        const next = await more(fields, from);
        read.push(...next.elements);
        from = next.elements.at(-1);
        rest = next.more;
      }
      if (isOver) return;
      setFurther(read);
      setHasMore(rest);
    };
    if (further.length > 0) void again();
    else setHasMore(view.more);
    return () => {
      isOver = true;
    };
  }, [view]);
  const page = async () => {
    if (last === undefined) return;
    const next = await more(fields, last);
    setFurther((before) => [...before, ...next.elements]);
    setHasMore(next.more);
  };
  const add = async (event: Event) => {
    event.preventDefault();
    if (await edit?.({ op: "add", fields, elements: [fromTyped(typed)], ...winning(view) })) setTyped("");
  };
  return (
    <div class="set-view">
      <p class="faint">
        {plural(elements.length, "element")}
        {hasMore && " shown, more follow"}
        {view.wins === "remove" && "; removing wins over adding at the same time"}
      </p>
      <ul class="elements">
        {elements.map((element) => (
          <li key={print(element)}>
            <span class="json">
              <JsonView value={element} />
            </span>
            {edit && (
              <button type="button" class="quiet remove" aria-label={`Remove the element ${print(element)}`} title="Remove this element" onClick={() => void edit({ op: "removeElements", fields, elements: [element], ...winning(view) })}>
                ✕
              </button>
            )}
          </li>
        ))}
      </ul>
      {hasMore && (
        <button type="button" onClick={() => void page()}>
          Show more
        </button>
      )}
      {edit && (
        <form class="inline" onSubmit={(event) => void add(event)}>
          <input aria-label="New element" placeholder="new element: text or JSON" required value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />
          <button type="submit">Add</button>
          <AsChanges
            actions={() => [
              ["Add an element", [{ op: "add", fields, elements: [fromTyped(typed)], ...winning(view) }]],
              ...elements.slice(0, 1).map((element): [string, Change[]] => ["Remove an element", [{ op: "removeElements", fields, elements: [element], ...winning(view) }]]),
            ]}
          />
        </form>
      )}
    </div>
  );
}
