// Going by keyboard: shortcuts, and the sheet that lists them.
import { useEffect, useRef } from "preact/hooks";
import { activityLink, dataLink, go, LAB, nodeLink } from "./lib/route";

const SHORTCUTS: [keys: string, what: string][] = [
  ["?", "this list"],
  ["g c", "the cluster"],
  ["g d", "the data"],
  ["g a", "the activity"],
  ["g l", "the lab"],
  ["g n", "this node"],
  ["/", "to the field that finds keys"],
  ["j, k", "to the next key, the one before"],
  ["Enter", "open what has the focus"],
  ["t", "light or dark"],
  ["Esc", "close, leave a field"],
];

// How long a `g` waits for what is to follow it.
const CHORD_MILLIS = 1_200;

export function Keys({ theme, self }: { theme: () => void; self: string | null }) {
  const sheet = useRef<HTMLDialogElement>(null);
  const latest = useRef({ theme, self });
  latest.current = { theme, self };
  useEffect(() => {
    let chord = -Infinity;
    const pressed = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (isTyping(event.target)) {
        if (event.key === "Escape") (event.target as HTMLElement).blur();
        return;
      }
      const follows = event.timeStamp - chord < CHORD_MILLIS;
      chord = event.key === "g" ? event.timeStamp : -Infinity;
      if (follows ? arrive(event.key, latest.current.self) : act(event.key, latest.current.theme, sheet.current)) event.preventDefault();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
  return (
    <>
      <button type="button" class="quiet help" aria-label="Keyboard shortcuts" title="Keyboard shortcuts (?)" onClick={() => sheet.current?.showModal()}>
        ?
      </button>
      <dialog ref={sheet} class="sheet" aria-labelledby="shortcuts">
        <h2 id="shortcuts">Keyboard</h2>
        <dl>
          {SHORTCUTS.map(([keys, what]) => (
            <div key={keys}>
              <dt>
                <kbd>{keys}</kbd>
              </dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
        <form method="dialog">
          <button type="submit">Close</button>
        </form>
      </dialog>
    </>
  );
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

function arrive(key: string, self: string | null): boolean {
  const links: Record<string, string> = { c: "#/", d: dataLink("main"), a: activityLink(), l: LAB, ...(self ? { n: nodeLink(self) } : {}) };
  const link = links[key];
  if (link !== undefined) go(link);
  return link !== undefined;
}

function act(key: string, theme: () => void, sheet: HTMLDialogElement | null): boolean {
  switch (key) {
    case "?":
      if (!sheet?.open) sheet?.showModal();
      return true;
    case "t":
      theme();
      return true;
    case "/":
      return focus(document.querySelector<HTMLElement>("main input[type=search]"));
    case "j":
      return step(1);
    case "k":
      return step(-1);
    default:
      return false;
  }
}

function focus(element: HTMLElement | null | undefined): boolean {
  element?.focus();
  return Boolean(element);
}

function step(by: number): boolean {
  const keys = [...document.querySelectorAll<HTMLElement>(".key-list a")];
  const at = keys.findIndex((key) => key === document.activeElement);
  const from = at < 0 ? keys.findIndex((key) => key.getAttribute("aria-current") === "true") : at;
  return focus(keys[Math.min(keys.length - 1, Math.max(0, from < 0 ? (by > 0 ? 0 : keys.length - 1) : from + by))]);
}
