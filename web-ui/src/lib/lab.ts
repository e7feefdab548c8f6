// The shape of this cluster, and what is to happen to it, in the words of the simulator.
import type { NodeStatus } from "./status";

/** A node as the lab calls it: a name of the simulator's has no blanks. */
export interface LabNode {
  name: string;
  site: string;
}

export const NODES_MAX = 16;
export const SITES_MAX = 8;

const plain = (text: string) => text.replace(/[^A-Za-z0-9._-]/g, "-").replace(/^[^A-Za-z0-9]+/, "").slice(0, 60) || "x";

/** The members of the cluster, those of a site side by side; two of one name are told apart. */
export function shape(status: Pick<NodeStatus, "members">): LabNode[] {
  // A name that a site has is none for a node: in a step it would mean the site.
  const taken = new Set(status.members.map(({ site }) => plain(site)));
  const named = status.members.map(({ name, site }) => {
    let own = plain(name);
    for (let more = 2; taken.has(own); more++) own = `${plain(name)}-${more}`;
    taken.add(own);
    return { name: own, site: plain(site) };
  });
  return named.sort((a, b) => (a.site === b.site ? compare(a.name, b.name) : compare(a.site, b.site)));
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

export function sitesOf(nodes: readonly LabNode[]): string[] {
  return [...new Set(nodes.map((node) => node.site))];
}

/** As in `berlin: n1,n2 | oslo: n3`. */
export function text(nodes: readonly LabNode[]): string {
  return sitesOf(nodes)
    .map((site) => `${site}: ${namesOf(nodes.filter((node) => node.site === site))}`)
    .join(" | ");
}

const namesOf = (nodes: readonly LabNode[]) => nodes.map((node) => node.name).join(",");

/** The step that cuts some nodes off from the others; none if that cuts nothing. */
export function split(nodes: readonly LabNode[], away: ReadonlySet<string>, from: number, until: number): string[] {
  const there = nodes.filter((node) => away.has(node.name));
  const here = nodes.filter((node) => !away.has(node.name));
  return there.length === 0 || here.length === 0 ? [] : [`${from}s..${until}s: split ${namesOf(here)} | ${namesOf(there)}`];
}
