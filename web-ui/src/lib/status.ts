// What the node's status means, in words. Pure functions.
import { duration, plural } from "./format";

export type Vector = Record<string, number>;
export type DigestCheck = "not-compared" | "equal" | "unequal";

export interface Peer {
  id: string;
  name: string;
  up: boolean;
  applied: Vector | null;
  lag: number;
  ahead: number;
  digest: DigestCheck;
  heardMillis: number;
}

export interface SpaceStatus {
  name: string;
  id: string;
  condition: "running" | "degraded" | "failed";
  reason: string;
  self: string;
  versionVector: Vector;
  digest: string;
  cells: number;
  closedReplicas: number;
  stable: Vector;
  buffered: number;
  peers: Peer[];
}

export interface Member {
  id: string;
  name: string;
  site: string;
  addresses: string[];
}

export interface Alarm {
  space: string;
  kind: string;
  message: string;
  count: number;
  lastMillis: number;
}

export interface NodeStatus {
  id: string;
  name: string;
  site: string;
  pid: number;
  state: "starting" | "ready" | "stopping";
  startedMillis: number;
  nowMillis: number;
  http: string;
  grpc: string;
  peer: string;
  spaces: SpaceStatus[];
  members: Member[];
  alarms: Alarm[];
}

export interface Batch {
  atMillis: number;
  space: string;
  replica: string;
  seq: number;
  operations: number;
  bytes: number;
  keys: string[];
}

/** How things stand, from best to worst. */
export type Level = "good" | "moving" | "warn" | "bad";

/** A member as this node knows it, over all spaces. */
export interface MemberView {
  id: string;
  name: string;
  site: string;
  isSelf: boolean;
  up: boolean;
  /** Milliseconds since it was last heard; null if never. */
  age: number | null;
  lag: number;
  ahead: number;
  digest: DigestCheck;
  /** In how many spaces digests were compared and equal, and of how many. */
  equalIn: number;
  spaces: number;
  level: Level;
  addresses: string[];
}

export interface Finding {
  level: Level;
  text: string;
}

export interface Headline {
  level: Level;
  sentence: string;
  rest: Finding[];
}

const ORDER: Level[] = ["good", "moving", "warn", "bad"];

// A beacon is due every second or so; several missed ones are news.
const SILENT_MILLIS = 5_000;

// Batches on their way are no lag to speak of.
const LAG_WORTH_WARNING = 1_000;

export function worse(a: Level, b: Level): Level {
  return ORDER.indexOf(a) >= ORDER.indexOf(b) ? a : b;
}

export function nameOf(id: string, status: NodeStatus): string {
  if (id === status.id) return status.name;
  const member = status.members.find((one) => one.id === id);
  return member?.name || id.slice(0, 8);
}

/** All members, this node first, then by name. */
export function members(status: NodeStatus, now: number): MemberView[] {
  const ids = new Set([...status.members.map((one) => one.id), ...peersOf(status).map((one) => one.id)]);
  ids.delete(status.id);
  const others = [...ids].map((id) => other(id, status, now));
  others.sort((a, b) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id));
  return [self(status), ...others];
}

function peersOf(status: NodeStatus): Peer[] {
  return status.spaces.flatMap((space) => space.peers);
}

function self(status: NodeStatus): MemberView {
  const known = status.members.find((one) => one.id === status.id);
  return {
    id: status.id,
    name: status.name,
    site: status.site || known?.site || "",
    isSelf: true,
    up: true,
    age: 0,
    lag: 0,
    ahead: 0,
    digest: "equal",
    equalIn: status.spaces.length,
    spaces: status.spaces.length,
    level: status.state === "ready" ? "good" : "warn",
    addresses: known?.addresses ?? [],
  };
}

function other(id: string, status: NodeStatus, now: number): MemberView {
  const member = status.members.find((one) => one.id === id);
  const peers = peersOf(status).filter((one) => one.id === id);
  const heard = Math.max(0, ...peers.map((one) => one.heardMillis));
  const view: MemberView = {
    id,
    name: nameOf(id, status),
    site: member?.site ?? "",
    isSelf: false,
    up: peers.some((one) => one.up),
    age: heard === 0 ? null : Math.max(0, now - heard),
    lag: sum(peers.map((one) => one.lag)),
    ahead: sum(peers.map((one) => one.ahead)),
    digest: digest(peers),
    equalIn: peers.filter((one) => one.digest === "equal").length,
    spaces: status.spaces.length,
    level: "good",
    addresses: member?.addresses ?? [],
  };
  view.level = level(view);
  return view;
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

function digest(peers: Peer[]): DigestCheck {
  if (peers.some((one) => one.digest === "unequal")) return "unequal";
  return peers.some((one) => one.digest === "equal") ? "equal" : "not-compared";
}

export function isSilent(view: MemberView): boolean {
  return !view.isSelf && (!view.up || view.age === null || view.age > SILENT_MILLIS);
}

function level(view: MemberView): Level {
  if (view.digest === "unequal") return "bad";
  if (isSilent(view)) return "warn";
  if (view.lag > LAG_WORTH_WARNING || view.ahead > LAG_WORTH_WARNING) return "warn";
  return view.lag > 0 || view.ahead > 0 ? "moving" : "good";
}

/** How one member stands, in a few words. */
export function standing(view: MemberView): string {
  if (view.isSelf) return "this node";
  if (view.digest === "unequal") return "holds other data";
  if (isSilent(view)) return view.age === null ? "no news yet" : `no news for ${duration(view.age)}`;
  if (view.lag > 0) return `${plural(view.lag, "batch", "batches")} behind`;
  if (view.ahead > 0) return `${plural(view.ahead, "batch", "batches")} ahead`;
  return "in step";
}

/** Since when each member is behind or ahead; what comes and goes within a moment is no news. */
export type Since = Map<string, number>;

/** Notes who is behind or ahead, and forgets who no longer is. */
export function note(since: Since, views: MemberView[], now: number): Since {
  const moving = views.filter((view) => view.lag > 0 || view.ahead > 0);
  return new Map(moving.map((view) => [view.id, since.get(view.id) ?? now]));
}

const MOMENT_MILLIS = 2_500;

/** Everything that is not as it should be, the worst first. */
export function findings(status: NodeStatus, now: number, since?: Since): Finding[] {
  const found: Finding[] = [];
  if (status.state !== "ready") found.push({ level: "warn", text: `This node is ${status.state}` });
  for (const space of status.spaces) {
    if (space.condition !== "running") {
      const reason = space.reason ? `: ${space.reason}` : "";
      found.push({ level: "bad", text: `${space.name} takes no writes on this node${reason}` });
    }
  }
  for (const view of members(status, now)) {
    const began = since?.get(view.id) ?? (since ? now : 0);
    const passing = view.level === "moving" && now - began < MOMENT_MILLIS;
    const text = concern(view, status);
    if (text && !passing) found.push({ level: view.level, text });
  }
  return found.sort((a, b) => ORDER.indexOf(b.level) - ORDER.indexOf(a.level));
}

function concern(view: MemberView, status: NodeStatus): string | null {
  if (view.isSelf || view.level === "good") return null;
  if (view.digest === "unequal") {
    const where = status.spaces
      .filter((space) => space.peers.some((peer) => peer.id === view.id && peer.digest === "unequal"))
      .map((space) => space.name);
    return `${view.name} holds other data in ${where.join(", ")} than this node, though both saw the same batches`;
  }
  if (isSilent(view)) {
    return view.age === null ? `No news from ${view.name} since this node started` : `No news from ${view.name} for ${duration(view.age)}`;
  }
  if (view.lag > 0) return `${view.name} is ${plural(view.lag, "batch", "batches")} behind`;
  return `${view.name} has ${plural(view.ahead, "batch", "batches")} that this node still waits for`;
}

/** The one sentence that says whether all is well. */
export function headline(status: NodeStatus, now: number, since?: Since): Headline {
  const found = findings(status, now, since);
  const worst = found[0];
  if (worst) return { level: worst.level, sentence: worst.text, rest: found.slice(1) };
  const size = members(status, now).length;
  return { level: "good", sentence: size === 1 ? "One node, on its own" : `${size} nodes in step`, rest: [] };
}

/** A table of version vectors: a row per replica, a column per node. */
export interface Clockwork {
  columns: { id: string; name: string; isSelf: boolean; age: number | null; digest: string | DigestCheck; differs: boolean }[];
  rows: { replica: string; cells: (number | null)[]; latest: number }[];
}

export function clockwork(space: SpaceStatus, status: NodeStatus, now: number): Clockwork {
  const peers = [...space.peers].sort((a, b) => nameOf(a.id, status).localeCompare(nameOf(b.id, status)));
  const vectors = [space.versionVector, ...peers.map((peer) => peer.applied)];
  const replicas = new Set(vectors.flatMap((vector) => Object.keys(vector ?? {})));
  const rows = [...replicas].sort(byAuthor(status)).map((replica) => {
    const cells = vectors.map((vector) => (vector === null ? null : (vector[replica] ?? 0)));
    return { replica, cells, latest: Math.max(0, ...cells.map((cell) => cell ?? 0)) };
  });
  const differs = (column: number) => rows.some((row) => (row.cells[column] ?? row.latest) !== row.latest);
  return {
    columns: [
      { id: status.id, name: status.name, isSelf: true, age: 0, digest: space.digest, differs: false },
      ...peers.map((peer, i) => ({
        id: peer.id,
        name: nameOf(peer.id, status),
        isSelf: false,
        age: peer.heardMillis === 0 ? null : Math.max(0, now - peer.heardMillis),
        digest: peer.digest,
        differs: differs(i + 1),
      })),
    ],
    rows,
  };
}

function byAuthor(status: NodeStatus) {
  return (a: string, b: string) => {
    const [x, y] = [a, b].map((replica) => nameOf(replica.slice(0, replica.lastIndexOf("-")), status));
    return (x ?? "").localeCompare(y ?? "") || a.localeCompare(b);
  };
}
