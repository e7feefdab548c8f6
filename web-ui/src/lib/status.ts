// What the node's status means, in words. Pure functions.
import { adviceFor } from "./advice";
import { bytes, duration, plural } from "./format";

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

/** A member that is not known to have applied all that is applied here. */
export interface Holder {
  id: string;
  name: string;
  sinceMillis: number;
  /** Whether it may be longer: the node was started only then. */
  atLeast: boolean;
}

export interface LogStatus {
  bytes: number;
  oldestMillis: number | null;
  truncated: number;
  truncatedUnstable: number;
  holders: Holder[];
}

/** How the node takes over another member's state; what is not known is absent. */
export interface CatchingUp {
  phase: "comparing" | "fetching" | "proving" | "joining";
  donor?: string;
  donorName?: string;
  /** Of the donor; no more have to come, fewer where some are here already. */
  cells?: number;
  fetched?: number;
  bytes?: number;
  bytesPerSecond?: number;
  remainingMillis?: number;
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
  /** Absent while nothing is taken over. */
  catchingUp?: CatchingUp;
  peers: Peer[];
  log?: LogStatus;
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

/** How the node is linked with a peer; nobody else measures it. */
export interface Link {
  id: string;
  sinceMillis: number | null;
  roundTripMicros: number | null;
  queuedBytes: number;
}

export interface Discovery {
  state: string;
  reason: string;
}

export interface NodeStatus {
  id: string;
  name: string;
  site: string;
  pid: number;
  version?: string;
  state: "starting" | "ready" | "leaving" | "stopping";
  startedMillis: number;
  nowMillis: number;
  http: string;
  grpc: string;
  peer: string;
  spaces: SpaceStatus[];
  members: Member[];
  links?: Link[];
  discovery?: Discovery;
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
  /** What to do about it. */
  todo: string;
  /** The member it is about. */
  member?: string;
}

export interface Headline {
  level: Level;
  sentence: string;
  todo: string;
  member?: string;
  rest: Finding[];
}

const ORDER: Level[] = ["good", "moving", "warn", "bad"];

// A beacon is due every second or so; several missed ones are news.
const SILENT_MILLIS = 5_000;

// Batches on their way are no lag to speak of.
const LAG_WORTH_WARNING = 1_000;

// Who is away for a while is silent or behind, which is said already; the log is kept for it.
const HOLDING_WORTH_WARNING_MILLIS = 3_600_000;

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
    level: status.state !== "ready" ? "warn" : status.spaces.some((space) => space.catchingUp) ? "moving" : "good",
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

/** What is known of a member's data. An equality that was found before it fell silent or behind is
 * of then. */
export function likeness(view: MemberView): { text: string; class: DigestCheck } {
  if (view.digest !== "equal") return { text: view.digest.replace("-", " "), class: view.digest };
  const where = view.equalIn === view.spaces ? "" : ` in ${view.equalIn} of ${view.spaces} spaces`;
  const isNow = !isSilent(view) && view.lag === 0 && view.ahead === 0;
  return { text: `${isNow ? "equal" : "was equal"}${where}`, class: isNow ? "equal" : "not-compared" };
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

/** How the node comes along in taking over another's state, in a sentence without its subject. */
export function takingOver(it: CatchingUp): string {
  const donor = it.donorName || it.donor?.slice(0, 8) || "another member";
  switch (it.phase) {
    case "comparing":
      return `compares its state with that of ${donor}, to take over what differs`;
    case "fetching":
      return `takes over the state of ${donor}: ${pace(it).join(", ")}`;
    case "proving":
      return `has another member confirm the state that it took over from ${donor}`;
    case "joining":
      return "joins the state that it took over with its own";
  }
}

function pace(it: CatchingUp): string[] {
  const parts = [];
  if (it.cells) parts.push(`${Math.floor((100 * (it.fetched ?? 0)) / it.cells)} %`);
  if (it.bytesPerSecond !== undefined) parts.push(`${bytes(it.bytesPerSecond)}/s`);
  if (it.remainingMillis !== undefined) parts.push(`at most ${duration(it.remainingMillis)} left`);
  return parts.length > 0 ? parts : ["just begun"];
}

/** Since when each member is behind or ahead; what comes and goes within a moment is no news. */
export type Since = Map<string, number>;

/** Notes who is behind or ahead, and forgets who no longer is. */
export function note(since: Since, views: MemberView[], now: number): Since {
  const moving = views.filter((view) => view.lag > 0 || view.ahead > 0);
  return new Map(moving.map((view) => [view.id, since.get(view.id) ?? now]));
}

const MOMENT_MILLIS = 2_500;

// An alarm is a moment, not a state: after this long it stands in the list of alarms alone.
const ALARM_NEWS_MILLIS = 5 * 60_000;

// What these begin is seen for as long as it lasts, and says more.
const SEEN_OTHERWISE = ["behind-log"];

/** How far each member was behind in the last moments. */
export type Trend = Map<string, { at: number; lag: number }[]>;

const TREND_MILLIS = 15_000;
const TREND_MILLIS_MIN = 5_000;

export function follow(trend: Trend, views: MemberView[], now: number): Trend {
  return new Map(
    views.map((view) => {
      const before = (trend.get(view.id) ?? []).filter((sample) => now - sample.at < TREND_MILLIS && sample.at < now);
      return [view.id, [...before, { at: now, lag: view.lag }]];
    }),
  );
}

/** Whether a member falls further and further behind. */
export function isGrowing(trend: Trend | undefined, id: string): boolean {
  const samples = trend?.get(id) ?? [];
  const [first, last] = [samples[0], samples[samples.length - 1]];
  if (!first || !last || last.at - first.at < TREND_MILLIS_MIN) return false;
  return first.lag > 0 && last.lag > first.lag;
}

/** Everything that is not as it should be, the worst first. */
export function findings(status: NodeStatus, now: number, since?: Since, trend?: Trend): Finding[] {
  const found: Finding[] = [];
  if (status.state !== "ready") found.push({ level: "warn", text: `This node is ${status.state}`, todo: adviceFor(status.state) });
  for (const space of status.spaces) {
    if (space.condition !== "running") {
      const reason = space.reason ? `: ${space.reason}` : "";
      found.push({ level: "bad", text: `${space.name} takes no writes on this node${reason}`, todo: adviceFor(space.condition), member: status.id });
    }
  }
  for (const space of status.spaces) {
    if (space.catchingUp) {
      found.push({ level: "moving", text: `This node ${takingOver(space.catchingUp)}, in ${space.name}`, todo: adviceFor(space.catchingUp.phase), member: status.id });
    }
  }
  for (const view of members(status, now)) {
    const began = since?.get(view.id) ?? (since ? now : 0);
    const passing = view.level === "moving" && now - began < MOMENT_MILLIS;
    const finding = concern(view, status, isGrowing(trend, view.id));
    if (finding && !passing) found.push({ ...finding, member: view.id });
  }
  found.push(...held(status, now));
  for (const alarm of status.alarms) {
    if (now - alarm.lastMillis > ALARM_NEWS_MILLIS || SEEN_OTHERWISE.includes(alarm.kind)) continue;
    const where = alarm.space ? ` in ${alarm.space}` : "";
    found.push({ level: alarmLevel(alarm.kind), text: `Alarm: ${alarm.kind.replaceAll("-", " ")}${where}, ${duration(Math.max(0, now - alarm.lastMillis))} ago`, todo: adviceFor(alarm.kind), member: status.id });
  }
  if (status.discovery?.state === "failed") {
    found.push({ level: "warn", text: `Discovery does not run: ${status.discovery.reason}`, todo: adviceFor("discovery") });
  }
  return found.sort((a, b) => ORDER.indexOf(b.level) - ORDER.indexOf(a.level));
}

/** Since when a member holds back what may go from the log of a space here; null if it does not. */
export function holding(id: string, space: SpaceStatus): Holder | null {
  return space.log?.holders.find((one) => one.id === id) ?? null;
}

/** Those for whom the log has been kept for long. */
function held(status: NodeStatus, now: number): Finding[] {
  const ids = new Set(status.spaces.flatMap((space) => (space.log?.holders ?? []).map((one) => one.id)));
  return [...ids].flatMap((id) => {
    const holders = status.spaces.flatMap((space) => holding(id, space) ?? []);
    const longest = holders.reduce((a, b) => (b.sinceMillis < a.sinceMillis ? b : a));
    const age = now - longest.sinceMillis;
    if (age < HOLDING_WORTH_WARNING_MILLIS) return [];
    const where = status.spaces.filter((space) => holding(id, space)).map((space) => space.name);
    const text = `${nameOf(id, status)} has held back the log of ${where.join(", ")} for ${longest.atLeast ? "at least " : ""}${duration(age)}`;
    return [{ level: "warn" as const, text, todo: adviceFor("holding"), member: id }];
  });
}

export function alarmLevel(kind: string): Level {
  return kind === "clock-drift" || kind === "newer-format" || kind === "behind-log" || kind === "store-copied" ? "warn" : "bad";
}

function concern(view: MemberView, status: NodeStatus, growing: boolean): Finding | null {
  if (view.isSelf || (view.level === "good" && !growing)) return null;
  const level = view.level;
  if (view.digest === "unequal") {
    const where = status.spaces
      .filter((space) => space.peers.some((peer) => peer.id === view.id && peer.digest === "unequal"))
      .map((space) => space.name);
    return { level, text: `${view.name} holds other data in ${where.join(", ")} than this node, though both saw the same batches`, todo: adviceFor("unequal") };
  }
  if (isSilent(view)) {
    const text = view.age === null ? `No news from ${view.name} since this node started` : `No news from ${view.name} for ${duration(view.age)}`;
    const linked = status.links?.find((link) => link.id === view.id)?.sinceMillis != null;
    return { level, text, todo: adviceFor(linked ? "mute" : "silent", view.addresses) };
  }
  if (growing) return { level: "warn", text: `${view.name} is ${plural(view.lag, "batch", "batches")} behind, and falls further behind`, todo: adviceFor("growing") };
  if (view.lag > 0) return { level, text: `${view.name} is ${plural(view.lag, "batch", "batches")} behind`, todo: adviceFor("behind") };
  return { level, text: `${view.name} has ${plural(view.ahead, "batch", "batches")} that this node still waits for`, todo: adviceFor("ahead") };
}

/** The one sentence that says whether all is well. */
export function headline(status: NodeStatus, now: number, since?: Since, trend?: Trend): Headline {
  const found = findings(status, now, since, trend);
  const worst = found[0];
  if (worst) return { level: worst.level, sentence: worst.text, todo: worst.todo, rest: found.slice(1), ...(worst.member ? { member: worst.member } : {}) };
  const size = members(status, now).length;
  return { level: "good", sentence: size === 1 ? "One node, on its own" : `${size} nodes in step`, todo: "", rest: [] };
}

/** The oldest of what is shown of others, in milliseconds; null if someone was never heard. */
export function oldest(views: MemberView[]): { name: string; age: number | null } | null {
  const others = views.filter((view) => !view.isSelf);
  const [first] = others.sort((a, b) => (b.age ?? Infinity) - (a.age ?? Infinity));
  return first ? { name: first.name, age: first.age } : null;
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
