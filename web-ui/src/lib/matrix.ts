// Who lacks what of whom: the matrix clock, as this node has it from everyone's signed vectors.
import { replica } from "./format";
import { nameOf, type NodeStatus, type SpaceStatus, type Vector } from "./status";

export interface MatrixNode {
  id: string;
  name: string;
  isSelf: boolean;
  /** How old its row is, in milliseconds; null if it was never heard. */
  age: number | null;
  /** From here to it; null if not measured. */
  roundTripMicros: number | null;
}

export interface Matrix {
  nodes: MatrixNode[];
  /** `lag[author][reader]`: batches of the author that the reader has not said to have; null if not known. */
  lag: (number | null)[][];
}

/** Over some spaces. Each reader counts as it was last heard, so a lag may since be gone, never hidden. */
export function matrix(spaces: SpaceStatus[], status: NodeStatus, now: number): Matrix {
  const ids = new Set([...status.members.map((one) => one.id), ...spaces.flatMap((space) => space.peers.map((peer) => peer.id))]);
  ids.delete(status.id);
  const others = [...ids].sort((a, b) => nameOf(a, status).localeCompare(nameOf(b, status)));
  const all = [status.id, ...others];
  const nodes = all.map((id) => {
    const heard = Math.max(0, ...spaces.flatMap((space) => space.peers.filter((peer) => peer.id === id)).map((peer) => peer.heardMillis));
    return {
      id,
      name: nameOf(id, status),
      isSelf: id === status.id,
      age: id === status.id ? 0 : heard === 0 ? null : Math.max(0, now - heard),
      roundTripMicros: status.links?.find((link) => link.id === id)?.roundTripMicros ?? null,
    };
  });
  return { nodes, lag: all.map((author) => all.map((reader) => lag(spaces, status, author, reader))) };
}

function lag(spaces: SpaceStatus[], status: NodeStatus, author: string, reader: string): number | null {
  let sum: number | null = null;
  for (const space of spaces) {
    const vector = vectorOf(space, status, reader);
    if (vector === null) continue;
    sum ??= 0;
    for (const [id, latest] of Object.entries(latestOf(space))) {
      if (replica(id).node === author) sum += Math.max(0, latest - (vector[id] ?? 0));
    }
  }
  return sum;
}

function vectorOf(space: SpaceStatus, status: NodeStatus, id: string): Vector | null {
  if (id === status.id) return space.versionVector;
  return space.peers.find((peer) => peer.id === id)?.applied ?? null;
}

/** The furthest that anyone is known to have come with each replica. */
function latestOf(space: SpaceStatus): Vector {
  const latest: Vector = { ...space.versionVector };
  for (const peer of space.peers) {
    for (const [id, seq] of Object.entries(peer.applied ?? {})) latest[id] = Math.max(latest[id] ?? 0, seq);
  }
  return latest;
}

/** 850 µs, 1.2 ms, 34 ms. */
export function micros(number: number): string {
  if (number < 1_000) return `${number} µs`;
  return number < 10_000 ? `${(number / 1_000).toFixed(1)} ms` : `${Math.round(number / 1_000)} ms`;
}
