import { useRef } from "preact/hooks";
import { Empty, Foreign, Panel } from "../parts/bits";
import { bytes, clock, plural, replica, count } from "../lib/format";
import { dataLink } from "../lib/route";
import { nameOf, type Batch, type NodeStatus } from "../lib/status";

const SHOWN = 40;
const KEYS_SHOWN = 4;

export function Activity({ batches, status, now }: { batches: Batch[] | null; status: NodeStatus; now: number }) {
  // What was there when the page opened does not flash.
  const seen = useRef<Set<string> | null>(null);
  const shown = (batches ?? []).slice(0, SHOWN);
  const names = shown.map((batch) => `${batch.space}|${batch.replica}|${batch.seq}`);
  const before = seen.current;
  if (batches) seen.current = new Set([...names, ...[...(before ?? [])].slice(0, 400)]);
  return (
    <Panel title="Batches as they arrive" id="activity">
      {batches && shown.length === 0 && (
        <Empty title="Quiet so far">
          Every batch that this node applies shows up here, its own and those of its peers. Write something on the <a href="#/data">Data</a> page.
        </Empty>
      )}
      <ol class="activity" aria-live="off">
        {shown.map((batch, i) => (
          <li key={names[i]} class={before && !before.has(names[i] ?? "") ? "fresh" : undefined}>
            <time dateTime={new Date(batch.atMillis).toISOString()}>{clock(batch.atMillis, now)}</time>
            <span class="who">
              <span class="strong">
                <Foreign text={nameOf(replica(batch.replica).node, status)} />
              </span>
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
    </Panel>
  );
}
