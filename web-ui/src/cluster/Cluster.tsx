import { useRef } from "preact/hooks";
import { Dot, Empty, Foreign, Notice, Panel } from "../parts/bits";
import { ago, clock, count, duration } from "../lib/format";
import { useNow, usePolled, type Polled } from "../lib/live";
import { adviceFor } from "../lib/advice";
import { asking } from "../lib/commands";
import { nodeLink } from "../lib/route";
import { alarmLevel, follow, headline, members, note, oldest, type Batch, type Headline, type MemberView, type NodeStatus, type Since, type Trend } from "../lib/status";
import { As } from "../parts/As";
import { Latest } from "./Activity";
import { Flock } from "./Flock";
import { Lag } from "./Lag";
import { Topology } from "./Topology";
import { Members } from "./Members";
import { Vectors } from "./Vectors";

export function Cluster({ polled }: { polled: Polled<NodeStatus> }) {
  const activity = usePolled<{ activity: Batch[] }>("/api/v1/activity", 1000);
  const local = useNow();
  const since = useRef<Since>(new Map());
  const trend = useRef<Trend>(new Map());
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
  trend.current = follow(trend.current, views, now);
  const stale = polled.problem ? age : 0;
  return (
    <>
      <Head status={status} now={now} views={views} head={headline(status, now, since.current, trend.current)} stale={stale} problem={polled.problem?.message ?? ""} />
      {views.length > 1 && <Flock members={views} />}
      <Alarms status={status} now={now} />
      <Members members={views} />
      {views.length > 1 && <Topology members={views} status={status} batches={activity.value?.activity ?? null} />}
      {views.length > 1 && <Lag status={status} now={now} />}
      <Vectors status={status} now={now} />
      <Latest batches={activity.value?.activity ?? null} status={status} now={now} />
    </>
  );
}

interface HeadProperties {
  status: NodeStatus;
  now: number;
  views: MemberView[];
  head: Headline;
  stale: number;
  problem: string;
}

function Head({ status, now, views, head, stale, problem }: HeadProperties) {
  const level = stale > 0 ? "warn" : head.level;
  const last = oldest(views);
  return (
    <div class={`headline ${level}`} data-level={level}>
      <div role="status">
        <h1>
          <Dot level={level} />
          <Foreign text={stale > 0 ? "This node does not answer" : `${head.sentence}.`} />
        </h1>
      </div>
      {stale > 0 && (
        <p class="faint">
          {problem} What you see is {duration(stale)} old.
        </p>
      )}
      {stale === 0 && head.todo && (
        <p class="todo">
          <Foreign text={head.todo} /> {head.member && <a href={nodeLink(head.member)}>Its page</a>}
        </p>
      )}
      {stale === 0 && (
        <p class="faint seen-from">
          As <Foreign text={status.name} /> sees it, up for {duration(now - status.startedMillis)}.{" "}
          {last && (
            <span data-oldest={last.name}>
              What it shows of others they signed themselves; the oldest, of <Foreign text={last.name} />, {last.age === null ? "has not come yet" : `is ${duration(last.age)} old`}.
            </span>
          )}{" "}
          <As actions={() => [["The same from a shell", asking(location.origin, "status")]]} />
        </p>
      )}
      {stale === 0 && head.rest.length > 0 && (
        <ul class="findings">
          {head.rest.map((finding) => (
            <li key={finding.text}>
              <Dot level={finding.level} />
              <div>
                <Foreign text={finding.text} />
                <span class="todo">
                  <Foreign text={finding.todo} />
                </span>
              </div>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

export function Alarms({ status, now }: { status: NodeStatus; now: number }) {
  if (status.alarms.length === 0) return null;
  return (
    <Panel title="Alarms" id="alarms" aside={<span class="faint">since this node started</span>}>
      <ul class="alarms">
        {status.alarms.map((alarm) => (
          <li key={`${alarm.space}|${alarm.kind}`}>
            <Dot level={alarmLevel(alarm.kind)} />
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
              <p class="todo">{adviceFor(alarm.kind)}</p>
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
