// A view, whatever its type, with the edits that its type allows.
import { useState } from "preact/hooks";
import { AsChanges } from "../parts/As";
import { Badge, Empty, Foreign } from "../parts/bits";
import type { Change } from "../lib/api";
import { fromTyped, type Json } from "../lib/json";
import type { NodeStatus } from "../lib/status";
import { anew, conflicts, winning, type View } from "../lib/views";
import { CounterView } from "./CounterView";
import { RegisterView } from "./RegisterView";
import { SetView } from "./SetView";

/** Makes changes to the open key, all or none; whether they were made. */
export type Edit = (...changes: Change[]) => Promise<boolean>;

export interface Place<V extends View> {
  view: V;
  fields: string[];
  edit: Edit | null;
  more: (fields: string[], after: Json) => Promise<Extract<View, { type: "set" }>>;
  status: NodeStatus | null;
}

type Of<T extends View["type"]> = Extract<View, { type: T }>;

export function ViewOf({ view, ...place }: Place<View>) {
  switch (view.type) {
    case "absent":
      return <Empty title="Nothing is here" />;
    case "register":
      return <RegisterView view={view} {...place} />;
    case "counter":
      return <CounterView view={view} {...place} />;
    case "flag":
      return <FlagView view={view} {...place} />;
    case "set":
      return <SetView view={view} {...place} />;
    case "map":
      return <MapView view={view} {...place} />;
    case "conflict":
      return <ConflictView view={view} {...place} />;
  }
}

function FlagView({ view, fields, edit }: Place<Of<"flag">>) {
  const disable: Change = { op: "flag", fields, enabled: false, ...winning(view) };
  return (
    <div class="flag-view">
      <button type="button" class="switch" role="switch" aria-checked="true" disabled={!edit} onClick={() => void edit?.(disable)}>
        <span class="knob" />
        <span class="visually-hidden">enabled</span>
      </button>
      <span>enabled</span>
      {view.wins === "disable" && <span class="faint">disabling wins over enabling at the same time</span>}
      {edit && <AsChanges actions={() => [["Disable it", [disable]]]} />}
    </div>
  );
}

/** Sets of which adding or removing wins are of different types, and so are flags. */
function kindOf(view: View): string {
  if (view.type === "set" && view.wins === "remove") return "remove-wins set";
  return view.type === "flag" && view.wins === "disable" ? "disable-wins flag" : view.type;
}

function ConflictView({ view, fields, ...place }: Place<Of<"conflict">>) {
  return (
    <div class="conflict-view">
      <p class="explain">
        This place was created with different types at the same time on different nodes. Nothing is lost: both stand until someone removes or replaces them.
      </p>
      <div class="side-by-side">
        {view.views.map((one) => (
          <div class="card" key={kindOf(one)}>
            <Badge kind={one.type}>{kindOf(one)}</Badge>
            {/* A page at this place is of one set: further elements of two are read when one is left. */}
            <ViewOf view={one.type === "set" ? { ...one, more: false } : one} fields={fields} {...place} edit={null} />
            {place.edit && <Keep view={one} fields={fields} edit={place.edit} />}
          </div>
        ))}
      </div>
      {place.edit && (
        <div class="card-foot">
          <button type="button" onClick={() => void place.edit?.({ op: "remove", fields })}>
            Remove all of them
          </button>
          <AsChanges actions={() => [["Remove all of them", [{ op: "remove", fields }]]]} />
        </div>
      )}
    </div>
  );
}

/** Settles a place with several types: all go, and what is kept is written anew, in one transaction. */
function Keep({ view, fields, edit }: { view: View; fields: string[]; edit: Edit }) {
  const changes = anew(view, fields);
  if (changes === null) {
    return <p class="faint">It is too large to be written anew from here: remove the other values by a program.</p>;
  }
  const all: Change[] = [{ op: "remove", fields }, ...changes];
  return (
    <div class="card-foot">
      <AsChanges actions={() => [[`Keep the ${view.type}`, all]]} />
      <button type="button" onClick={() => void edit(...all)}>
        Keep the {view.type}
      </button>
    </div>
  );
}

function MapView({ view, fields, ...place }: Place<Of<"map">>) {
  const entries = Object.entries(view.fields);
  return (
    <div class="map-view">
      {entries.length === 0 && <p class="faint">an empty document</p>}
      <ul class="fields">
        {entries.map(([name, field]) => (
          <Field key={name} name={name} view={field} fields={[...fields, name]} {...place} />
        ))}
      </ul>
      {place.edit && <AddField fields={fields} edit={place.edit} />}
    </div>
  );
}

function Field({ name, view, fields, ...place }: Place<View> & { name: string }) {
  const nested = view.type === "map" && Object.keys(view.fields).length > 0;
  const label = (
    <span class="field-name">
      <Foreign text={name} />
      {view.type !== "register" && view.type !== "map" && <Badge kind={view.type}>{view.type}</Badge>}
      {conflicts(view) > 0 && view.type === "map" && <Badge kind="conflict">concurrent values</Badge>}
    </span>
  );
  const remove = place.edit && (
    <button type="button" class="quiet remove" aria-label={`Remove the field ${name}`} title="Remove this field" onClick={() => void place.edit?.({ op: "remove", fields })}>
      ✕
    </button>
  );
  if (nested) {
    return (
      <li class="nested">
        <details open={fields.length <= 2}>
          <summary>{label}</summary>
          <ViewOf view={view} fields={fields} {...place} />
        </details>
        {remove}
      </li>
    );
  }
  return (
    <li>
      {label}
      <div class="field-value">
        <ViewOf view={view} fields={fields} {...place} />
      </div>
      {remove}
    </li>
  );
}

function AddField({ fields, edit }: { fields: string[]; edit: Edit }) {
  const [open, setOpen] = useState(false);
  const [name, setName] = useState("");
  const [typed, setTyped] = useState("");
  const add = async (event: Event) => {
    event.preventDefault();
    if (await edit({ op: "merge", fields, patch: { [name]: fromTyped(typed) } })) {
      setName("");
      setTyped("");
      setOpen(false);
    }
  };
  if (!open) {
    return (
      <button type="button" class="quiet add" onClick={() => setOpen(true)}>
        + field
      </button>
    );
  }
  return (
    <form class="inline" onSubmit={(event) => void add(event)}>
      <input aria-label="Name of the field" placeholder="name" required value={name} onInput={(event) => setName(event.currentTarget.value)} />
      <input aria-label="Value of the field" placeholder="text or JSON" value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />
      <button type="submit">Add</button>
      <AsChanges actions={() => [["Add the field", [{ op: "merge", fields, patch: { [name || "NAME"]: fromTyped(typed) } }]]]} />
      <button type="button" class="quiet" onClick={() => setOpen(false)}>
        Cancel
      </button>
    </form>
  );
}

