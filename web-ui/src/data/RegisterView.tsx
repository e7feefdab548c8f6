import { useState } from "preact/hooks";
import { Badge, Foreign, Id } from "../parts/bits";
import { AsChanges } from "../parts/As";
import { JsonView } from "../parts/JsonView";
import { ago, clock, count, plural, replica } from "../lib/format";
import { fromTyped, print, type Json } from "../lib/json";
import { useNow } from "../lib/live";
import { activityLink } from "../lib/route";
import { nameOf, type NodeStatus } from "../lib/status";
import type { Assignment, Rule, View } from "../lib/views";
import type { Edit, Place } from "./ViewOf";

export function RegisterView({ view, fields, edit, status }: Place<Extract<View, { type: "register" }>>) {
  const [editing, setEditing] = useState(false);
  const only = view.values.length === 1 ? view.values[0] : undefined;
  if (editing && edit) {
    return <Editor value={view.value} rule={view.rule} fields={fields} edit={edit} close={() => setEditing(false)} />;
  }
  const change = edit && (
    <button type="button" class="quiet" onClick={() => setEditing(true)}>
      Edit
    </button>
  );
  if (only) {
    return (
      <div class={`register-view${fields.length > 0 ? " inner" : ""}`}>
        <div class="json">
          <JsonView value={only.value} />
        </div>
        <Written by={only} status={status} origin={fields.length === 0} />
        {change}
      </div>
    );
  }
  return (
    <div class="register-view disputed">
      <p class="explain">
        {plural(view.values.length, "value")} were written concurrently. {READS[view.rule]}
      </p>
      <div class="side-by-side">
        {view.values.map((value) => (
          <div class={`card${value.read && view.rule !== "all" ? " latest" : ""}`} key={`${value.replica}|${value.seq}|${value.index}`}>
            <div class="json">
              <JsonView value={value.value} />
            </div>
            <Written by={value} status={status} origin />
            <div class="card-foot">
              {value.read && view.rule !== "all" && <Badge kind="latest">is read</Badge>}
              {edit && mayStay(view.rule, value) && <AsChanges actions={() => [["Keep this one", [{ op: "set", fields, value: value.value, rule: view.rule }]]]} />}
              {edit && mayStay(view.rule, value) && (
                <button type="button" onClick={() => void edit({ op: "set", fields, value: value.value, rule: view.rule })}>
                  Keep this one
                </button>
              )}
            </div>
          </div>
        ))}
      </div>
      {change}
    </div>
  );
}

const READS: Record<Rule, string> = {
  latest: "The latest is read; the others are kept until someone who has seen them writes.",
  all: "All of them are read, as an array.",
  max: "The greatest is read; the others are kept until someone who has seen them writes.",
  min: "The least is read; the others are kept until someone who has seen them writes.",
};

// Of a register that keeps its greatest or least no other value can be kept.
function mayStay(rule: Rule, value: Assignment): boolean {
  return rule === "latest" || rule === "all" || value.read;
}

function Written({ by, status, origin = false }: { by: Assignment; status: NodeStatus | null; origin?: boolean }) {
  const now = useNow(5_000);
  const { node, incarnation } = replica(by.replica);
  return (
    <p class="written faint">
      <time dateTime={new Date(by.millis).toISOString()} title={new Date(by.millis).toISOString()}>
        {now - by.millis < 3600_000 && now >= by.millis ? ago(now - by.millis) : clock(by.millis, now)}
      </time>
      {" by "}
      <Foreign text={status ? nameOf(node, status) : node.slice(0, 8)} /> <Id id={by.replica} label={incarnation.slice(0, 4)} />
      {origin && (
        <>
          {" in batch "}
          <a href={activityLink({ node })} title="Batches of this node">
            #{count(by.seq)}
          </a>
          {`, operation ${count(by.index + 1)}`}
        </>
      )}
    </p>
  );
}

function Editor({ value, rule, fields, edit, close }: { value: Json; rule: string; fields: string[]; edit: Edit; close: () => void }) {
  const [typed, setTyped] = useState(() => (typeof value === "string" && fromTyped(value) === value ? value : print(value)));
  const parsed = fromTyped(typed);
  const save = async (event: Event) => {
    event.preventDefault();
    if (await edit({ op: "set", fields, value: parsed, rule })) close();
  };
  return (
    <form class="editor" onSubmit={(event) => void save(event)}>
      <textarea aria-label="Value: text or JSON" rows={Math.min(12, 1 + Math.ceil(typed.length / 60))} spellcheck={false} value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />
      <div class="editor-foot">
        <span class="faint">{typeof parsed === "string" ? "will be text" : "will be JSON"}</span>
        <AsChanges actions={() => [["Write it", [{ op: "set", fields, value: parsed, rule }]]]} />
        <button type="button" class="quiet" onClick={close}>
          Cancel
        </button>
        <button type="submit" class="primary">
          Write
        </button>
      </div>
    </form>
  );
}
