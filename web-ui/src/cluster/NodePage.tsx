// One node: what it says of itself, and what is known of it here.
import type { ComponentChildren } from "preact";
import { Badge, Dot, Empty, Foreign, Id, Notice, Panel } from "../parts/bits";
import { ago, bytes, clock, count, duration, plural, short } from "../lib/format";
import { matrix, micros } from "../lib/matrix";
import { activityLink, dataLink, nodeLink } from "../lib/route";
import { findings, holding, members, nameOf, standing, takingOver, type Holder, type NodeStatus, type SpaceStatus } from "../lib/status";
import { Alarms } from "./Cluster";

export function NodePage({ id, status, now }: { id: string; status: NodeStatus; now: number }) {
  const view = members(status, now).find((one) => one.id === id);
  if (!view) {
    return (
      <Empty title="No such member">
        <Foreign text={status.name} /> knows of no member with this id. <a href="#/">All members</a>
      </Empty>
    );
  }
  const about = findings(status, now).filter((finding) => finding.member === id);
  return (
    <>
      <h1 class="page-title">
        <Dot level={view.level} /> <Foreign text={view.name} /> <span class="faint">{standing(view)}</span>
      </h1>
      {about.map((finding) => (
        <Notice key={finding.text} level={finding.level}>
          <Foreign text={finding.text} />. <Foreign text={finding.todo} />
        </Notice>
      ))}
      {!view.isSelf && (
        <p class="faint">
          This is what <Foreign text={status.name} /> knows of it, {view.age === null ? "though it has not heard from it since its start" : `from what it signed ${ago(view.age)}`}.
        </p>
      )}
      <Identity id={id} status={status} now={now} />
      {view.isSelf ? <OwnSpaces status={status} now={now} /> : <Spaces id={id} status={status} now={now} />}
      <Others id={id} status={status} now={now} />
      {view.isSelf && <Links status={status} now={now} />}
      {view.isSelf ? (
        <Alarms status={status} now={now} />
      ) : (
        <p class="footnote-alone">Alarms, versions and links of another node are on its own dashboard: they are not sent around.</p>
      )}
      <p>
        <a href={activityLink({ node: id })}>Batches that it wrote</a>
      </p>
    </>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Identity({ id, status, now }: { id: string; status: NodeStatus; now: number }) {
  const member = status.members.find((one) => one.id === id);
  const isSelf = id === status.id;
  const link = status.links?.find((one) => one.id === id);
  return (
    <Panel title="Identity" id="identity">
      <dl class="facts">
        <Fact name="Key fingerprint">
          <Id id={id} label={id} />
        </Fact>
        <Fact name="Site">
          <Foreign text={(isSelf ? status.site : member?.site) || "none given"} />
        </Fact>
        <Fact name="Peers reach it at">
          <Foreign text={member?.addresses.join(", ") || "not announced"} mono />
        </Fact>
        {isSelf && (
          <>
            <Fact name="Version">
              <Foreign text={status.version ?? "not told"} />
            </Fact>
            <Fact name="State">
              {status.state}, since {clock(status.startedMillis, now)} ({duration(now - status.startedMillis)})
            </Fact>
            <Fact name="Process">{status.pid}</Fact>
            <Fact name="Listens at">
              <span class="mono">
                HTTP {status.http}, gRPC {status.grpc}, peers {status.peer}
              </span>
            </Fact>
          </>
        )}
        {!isSelf && (
          <>
            <Fact name="Link from here">{link?.sinceMillis == null ? "none" : `up for ${duration(now - link.sinceMillis)}`}</Fact>
            <Fact name="Round trip from here">{link?.roundTripMicros == null ? "not measured" : micros(link.roundTripMicros)}</Fact>
            <Fact name="Waiting to be sent to it">{link ? bytes(link.queuedBytes) : "nothing"}</Fact>
          </>
        )}
      </dl>
    </Panel>
  );
}

// Who lacks something for a moment only holds nothing back.
const HELD_MOMENT_MILLIS = 60_000;
const HOLDERS_SHOWN = 3;

/** Who holds back what may go from a log, those for the longest time. */
function Holders({ space, status, now }: { space: SpaceStatus; status: NodeStatus; now: number }) {
  const holders = (space.log?.holders ?? []).filter((one) => now - one.sinceMillis >= HELD_MOMENT_MILLIS);
  if (holders.length === 0) return <span class="faint">nobody</span>;
  return (
    <>
      {holders.slice(0, HOLDERS_SHOWN).map((holder, i) => (
        <span key={holder.id} data-holder={holder.id}>
          {i > 0 && ", "}
          <a href={nodeLink(holder.id)}>
            <Foreign text={nameOf(holder.id, status)} />
          </a>{" "}
          {heldFor(holder, now)}
        </span>
      ))}
      {holders.length > HOLDERS_SHOWN && ` and ${plural(holders.length - HOLDERS_SHOWN, "other")}`}
    </>
  );
}

function heldFor(holder: Holder, now: number): string {
  return `for ${holder.atLeast ? "at least " : ""}${duration(now - holder.sinceMillis)}`;
}

function OwnSpaces({ status, now }: { status: NodeStatus; now: number }) {
  return (
    <Panel title="Spaces" id="spaces">
      <div class="scroll" tabIndex={0} role="region" aria-labelledby="spaces">
        <table>
          <thead>
            <tr>
              <th scope="col">Space</th>
              <th scope="col">Condition</th>
              <th scope="col" class="number">Cells</th>
              <th scope="col" class="number">Waiting</th>
              <th scope="col" class="number">Log</th>
              <th scope="col">Held back by</th>
              <th scope="col">Writes as</th>
              <th scope="col">Digest</th>
            </tr>
          </thead>
          <tbody>
            {status.spaces.map((space) => (
              <tr key={space.id}>
                <th scope="row">
                  <a href={dataLink(space.name)}>
                    <Foreign text={space.name} />
                  </a>
                </th>
                <td>
                  <Dot level={space.condition === "running" ? "good" : "bad"} /> {space.condition} <Foreign text={space.reason} />
                  {space.catchingUp && (
                    <span class="faint" data-catching-up={space.name}>
                      <Foreign text={takingOver(space.catchingUp)} />
                      {space.catchingUp.phase === "fetching" && <progress aria-label={`taken over of ${space.name}`} max={space.catchingUp.cells || 1} value={space.catchingUp.fetched ?? 0} />}
                    </span>
                  )}
                </td>
                <td class="number">{count(space.cells)}</td>
                <td class="number" title="batches that wait for their causes">{count(space.buffered)}</td>
                <td class="number" title="batches kept for peers and watches that come back">{space.log ? bytes(space.log.bytes) : "not told"}</td>
                <td>
                  <Holders space={space} status={status} now={now} />
                </td>
                <td>
                  <Id id={space.self} label={short(space.self.slice(space.self.lastIndexOf("-") + 1))} />
                </td>
                <td>
                  <Id id={space.digest} label={short(space.digest)} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

function Spaces({ id, status, now }: { id: string; status: NodeStatus; now: number }) {
  return (
    <Panel title="Spaces" id="spaces">
      <div class="scroll" tabIndex={0} role="region" aria-labelledby="spaces">
        <table>
          <thead>
            <tr>
              <th scope="col">Space</th>
              <th scope="col" class="number">Lacks</th>
              <th scope="col" class="number">Has more</th>
              <th scope="col">Holds back the log here</th>
              <th scope="col">Digest</th>
              <th scope="col">Last heard</th>
            </tr>
          </thead>
          <tbody>
            {status.spaces.map((space) => {
              const peer = space.peers.find((one) => one.id === id);
              const holder = holding(id, space);
              return (
                <tr key={space.id}>
                  <th scope="row">
                    <a href={dataLink(space.name)}>
                      <Foreign text={space.name} />
                    </a>
                  </th>
                  <td class="number">{peer?.applied ? plural(peer.lag, "batch", "batches") : "not known"}</td>
                  <td class="number">{peer?.applied ? plural(peer.ahead, "batch", "batches") : "not known"}</td>
                  <td>{holder && now - holder.sinceMillis >= HELD_MOMENT_MILLIS ? heldFor(holder, now) : <span class="faint">no</span>}</td>
                  <td class={`digest ${peer?.digest ?? "not-compared"}`}>{(peer?.digest ?? "not-compared").replace("-", " ")}</td>
                  <td class="faint">{peer && peer.heardMillis > 0 ? ago(Math.max(0, now - peer.heardMillis)) : "not yet"}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

/** What others have of its batches, by their own word. */
function Others({ id, status, now }: { id: string; status: NodeStatus; now: number }) {
  const table = matrix(status.spaces, status, now);
  const row = table.nodes.findIndex((node) => node.id === id);
  if (table.nodes.length < 2 || row < 0) return null;
  return (
    <Panel title="What others say of it" id="others">
      <ul class="says">
        {table.nodes.map((node, column) => {
          if (node.id === id) return null;
          const lacks = table.lag[row]?.[column] ?? null;
          const digests = node.isSelf ? status.spaces.flatMap((space) => space.peers.filter((peer) => peer.id === id)).map((peer) => peer.digest) : [];
          return (
            <li key={node.id}>
              <a href={nodeLink(node.id)}>
                <Foreign text={node.name} />
              </a>{" "}
              {lacks === null ? "has not been heard" : lacks === 0 ? "has all of its batches that are known here" : `lacks ${plural(lacks, "batch", "batches")} of it`}
              {digests.includes("unequal") && <Badge kind="conflict">digests differ</Badge>}
              {!digests.includes("unequal") && digests.includes("equal") && ", and the same digest"}
              <span class="faint"> {node.isSelf ? "now" : node.age === null ? "" : ago(node.age)}</span>
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}

function Links({ status, now }: { status: NodeStatus; now: number }) {
  if (!status.links || status.links.length === 0) return null;
  return (
    <Panel title="Links" id="links">
      <div class="scroll" tabIndex={0} role="region" aria-labelledby="links">
        <table>
          <thead>
            <tr>
              <th scope="col">Peer</th>
              <th scope="col">Link</th>
              <th scope="col" class="number">Round trip</th>
              <th scope="col" class="number">Waiting</th>
            </tr>
          </thead>
          <tbody>
            {status.links.map((link) => (
              <tr key={link.id}>
                <th scope="row">
                  <a href={nodeLink(link.id)}>
                    <Foreign text={nameOf(link.id, status)} />
                  </a>
                </th>
                <td>{link.sinceMillis === null ? "none" : `up for ${duration(now - link.sinceMillis)}`}</td>
                <td class="number">{link.roundTripMicros === null ? "not measured" : micros(link.roundTripMicros)}</td>
                <td class="number">{bytes(link.queuedBytes)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}
