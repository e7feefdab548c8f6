import { useEffect, useRef, useState } from "preact/hooks";
import { As } from "../parts/As";
import { Empty, Foreign, Panel } from "../parts/bits";
import { bytes, clock, plural, replica, count } from "../lib/format";
import { asking } from "../lib/commands";
import { usePolled } from "../lib/live";
import { activityLink, dataLink, go, nodeLink, type Route } from "../lib/route";
import { nameOf, type Batch, type NodeStatus } from "../lib/status";

const SHOWN = 12;
const KEPT = 1_000;
const KEYS_SHOWN = 4;

/** The latest batches, on the page of the cluster. */
export function Latest({ batches, status, now }: { batches: Batch[] | null; status: NodeStatus; now: number }) {
  return (
    <Panel title="Batches as they arrive" id="activity" aside={<a href={activityLink()}>All activity</a>}>
      <Batches batches={batches?.slice(0, SHOWN) ?? null} status={status} now={now} />
    </Panel>
  );
}

/** The log of batches, with filters that the address holds. */
export function Activity({ route, status, now }: { route: Extract<Route, { page: "activity" }>; status: NodeStatus; now: number }) {
  const polled = usePolled<{ activity: Batch[] }>("/api/v1/activity", 1000);
  const [log, setLog] = useState<Batch[] | null>(null);
  const latest = polled.value?.activity;
  // The node keeps the last two hundred; what came while this page is open stays longer.
  useEffect(() => {
    if (latest) setLog((before) => joined(latest, before ?? []));
  }, [latest]);
  const { space, node, key } = route;
  const filter = (change: Partial<{ space: string; node: string; key: string }>) => location.replace(activityLink({ space, node, key, ...change }));
  const shown = log?.filter((batch) => (!space || batch.space === space) && (!node || replica(batch.replica).node === node) && (!key || batch.keys.some((one) => one.startsWith(key)))) ?? null;
  const isFiltered = Boolean(space || node || key);
  return (
    <>
      <h1 class="page-title">Activity</h1>
      <p class="faint">
        The batches that <Foreign text={status.name} /> applied last, its own and those of others, newest first. Keys are the first few of each batch.
      </p>
      <form class="filters" onSubmit={(event) => event.preventDefault()}>
        <label>
          Space
          <select value={space} onChange={(event) => filter({ space: event.currentTarget.value })}>
            <option value="">all</option>
            {options(status.spaces.map((one) => one.name), space).map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <label>
          Written by
          <select value={node} onChange={(event) => filter({ node: event.currentTarget.value })}>
            <option value="">all</option>
            {options(status.members.map((one) => one.id), node).map((id) => (
              <option key={id} value={id}>
                {nameOf(id, status)}
              </option>
            ))}
          </select>
        </label>
        <label>
          Key begins with
          <input type="search" id="activity-key" value={key} autocomplete="off" spellcheck={false} onInput={(event) => filter({ key: event.currentTarget.value })} />
        </label>
        {isFiltered && (
          <button type="button" class="quiet" onClick={() => go(activityLink())}>
            Clear
          </button>
        )}
      </form>
      <Panel title={shown ? plural(shown.length, "batch", "batches") : "Asking…"} id="activity" aside={<As actions={() => [["The same from a shell", asking(location.origin, "activity")]]} />}>
        {isFiltered && shown?.length === 0 ? <Empty title="No batch of this kind lately" /> : <Batches batches={shown} status={status} now={now} />}
      </Panel>
    </>
  );
}

const nameOfBatch = (batch: Batch) => `${batch.space}|${batch.replica}|${batch.seq}`;

function joined(latest: Batch[], before: Batch[]): Batch[] {
  const known = new Set(latest.map(nameOfBatch));
  return [...latest, ...before.filter((batch) => !known.has(nameOfBatch(batch)))].slice(0, KEPT);
}

// What an address names is offered even if there is none of it now.
function options(known: string[], chosen: string): string[] {
  return chosen && !known.includes(chosen) ? [...known, chosen] : known;
}

function Batches({ batches, status, now }: { batches: Batch[] | null; status: NodeStatus; now: number }) {
  // What was there when the page opened does not flash.
  const seen = useRef<Set<string> | null>(null);
  const before = seen.current;
  const names = (batches ?? []).map(nameOfBatch);
  if (batches) seen.current = new Set([...names, ...[...(before ?? [])].slice(0, KEPT)]);
  return (
    <>
      {batches?.length === 0 && (
        <Empty title="Quiet so far">
          Every batch that this node applies shows up here, its own and those of its peers. Write something on the <a href="#/data">Data</a> page.
        </Empty>
      )}
      <ol class="activity" aria-live="off">
        {(batches ?? []).map((batch, i) => (
          <li key={names[i]} class={before && !before.has(names[i] ?? "") ? "fresh" : undefined}>
            <time dateTime={new Date(batch.atMillis).toISOString()}>{clock(batch.atMillis, now)}</time>
            <span class="who">
              <a href={nodeLink(replica(batch.replica).node)} class="strong">
                <Foreign text={nameOf(replica(batch.replica).node, status)} />
              </a>
              <span class="faint" title={batch.replica}>
                #{count(batch.seq)}
              </span>
            </span>
            <a class="space" href={dataLink(batch.space)}>
              <Foreign text={batch.space} />
            </a>
            <span class="touched">
              {batch.keys.slice(0, KEYS_SHOWN).map((key) => (
                <a key={key} href={dataLink(batch.space, "", key)}>
                  <Foreign text={key} mono />
                </a>
              ))}
              {batch.keys.length > KEYS_SHOWN && <span class="faint">and more</span>}
            </span>
            <span class="size faint">
              {plural(batch.operations, "operation")} · {bytes(batch.bytes)}
            </span>
          </li>
        ))}
      </ol>
    </>
  );
}
