import { useRef } from "preact/hooks";
import { Dot, Empty, Foreign, Notice, Panel } from "../parts/bits";
import { ago, clock, count, duration } from "../lib/format";
import { useNow, usePolled, type Polled } from "../lib/live";
import { headline, members, note, type Batch, type NodeStatus, type Since } from "../lib/status";
import { Activity } from "./Activity";
import { Flock } from "./Flock";
import { Members } from "./Members";
import { Vectors } from "./Vectors";

export function Cluster({ polled }: { polled: Polled<NodeStatus> }) {
  const activity = usePolled<{ activity: Batch[] }>("/api/v1/activity", 1000);
  const local = useNow();
  const since = useRef<Since>(new Map());
  const status = polled.value;
  if (!status) {
    return polled.problem ? (
      <Notice level="bad">{polled.problem.message}</Notice>
    ) : (
      <Empty title="Asking the node how it is…" />
    );
  }
  // The node's clock, carried on by ours; a reader's clock may be hours off.
  const age = Math.max(0, local - polled.at);
  const now = status.nowMillis + age;
  const views = members(status, now);
  since.current = note(since.current, views, now);
  return (
    <>
      <Head status={status} now={now} since={since.current} stale={polled.problem ? age : 0} problem={polled.problem?.message ?? ""} />
      {views.length > 1 && <Flock members={views} />}
      <Alarms status={status} now={now} />
      <Members members={views} />
      <Vectors status={status} now={now} />
      <Activity batches={activity.value?.activity ?? null} status={status} now={now} />
    </>
  );
}

function Head({ status, now, since, stale, problem }: { status: NodeStatus; now: number; since: Since; stale: number; problem: string }) {
  const head = headline(status, now, since);
  const level = stale > 0 ? "warn" : head.level;
  return (
    <div class={`headline ${level}`} role="status" aria-live="polite" data-level={level}>
      <h1>
        <Dot level={level} />
        <Foreign text={stale > 0 ? "This node does not answer" : `${head.sentence}.`} />
      </h1>
      {stale > 0 ? (
        <p class="faint">
          {problem} What you see is {duration(stale)} old.
        </p>
      ) : (
        <p class="faint">
          As seen from <Foreign text={status.name} />, up for {duration(now - status.startedMillis)}.
        </p>
      )}
      {stale === 0 && head.rest.length > 0 && (
        <ul class="findings">
          {head.rest.map((finding) => (
            <li key={finding.text}>
              <Dot level={finding.level} />
              <Foreign text={finding.text} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Alarms({ status, now }: { status: NodeStatus; now: number }) {
  if (status.alarms.length === 0) return null;
  return (
    <Panel title="Alarms" id="alarms" aside={<span class="faint">since this node started</span>}>
      <ul class="alarms">
        {status.alarms.map((alarm) => (
          <li key={`${alarm.space}|${alarm.kind}`}>
            <Dot level={alarm.kind === "clock-drift" || alarm.kind === "newer-format" ? "warn" : "bad"} />
            <div>
              <span class="strong">{alarm.kind.replaceAll("-", " ")}</span>
              {alarm.space && (
                <>
                  {" in "}
                  <Foreign text={alarm.space} />
                </>
              )}
              <p>
                <Foreign text={alarm.message} />
              </p>
            </div>
            <span class="faint" title={clock(alarm.lastMillis, now)}>
              {alarm.count > 1 && `${count(alarm.count)} times, last `}
              {ago(now - alarm.lastMillis)}
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
