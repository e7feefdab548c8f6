// What a click does, as commands to copy.
import { createContext } from "preact";
import { useContext, useId, useState } from "preact/hooks";
import type { Change } from "../lib/api";
import { writing, type Forms } from "../lib/commands";
import { Foreign } from "./bits";

/** The key that is open, and the read that shows it: what edits answer to. */
export interface Opened {
  space: string;
  key: string;
  token: string | undefined;
}

export const OpenedKey = createContext<Opened | null>(null);

export type Named = [title: string, forms: Forms];

/** A button that opens the commands of some actions. They are made when it is opened. */
export function As({ actions, label = "As commands" }: { actions: () => Named[]; label?: string }) {
  const id = useId();
  const [open, setOpen] = useState(false);
  const toggled = (event: Event) => setOpen((event as ToggleEvent).newState === "open");
  return (
    <>
      <button type="button" class="quiet as" aria-label={label} title={label} {...{ popovertarget: id }}>
        ›_
      </button>
      <div id={id} class="popover" {...{ popover: "auto" }} role="dialog" aria-label={label} onToggle={toggled}>
        {open &&
          actions().map(([title, forms]) => (
            <section key={title}>
              <h3>
                <Foreign text={title} />
              </h3>
              {forms.cli === null ? <p class="faint">The command line has no command for it.</p> : <Copyable text={forms.cli} what="command" />}
              <Copyable text={forms.curl} what="curl" />
            </section>
          ))}
      </div>
    </>
  );
}

/** The same for changes to the open key. */
export function AsChanges({ actions, label }: { actions: () => [title: string, changes: Change[]][]; label?: string }) {
  const opened = useContext(OpenedKey);
  if (!opened) return null;
  const named = () => actions().map(([title, changes]): Named => [title, writing(location.origin, opened.space, opened.key, changes, opened.token)]);
  return <As actions={named} {...(label ? { label } : {})} />;
}

export function Copyable({ text, what }: { text: string; what: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard?.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 1200);
  };
  return (
    <div class="copyable">
      <pre tabIndex={0} aria-label={what} data-form={what}>
        {text}
      </pre>
      <button type="button" onClick={() => void copy()}>
        {copied ? "Copied" : "Copy"}
      </button>
    </div>
  );
}
