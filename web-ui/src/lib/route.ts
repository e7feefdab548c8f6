// Where the reader is, kept in the part of the address behind `#`.
import { useEffect, useState } from "preact/hooks";

export type Route =
  | { page: "cluster" }
  | { page: "node"; id: string }
  | { page: "activity"; space: string; node: string; key: string }
  | { page: "data"; space: string; prefix: string; key: string | null }
  | { page: "lab" }
  | { page: "signed-out"; why: string };

export function parseRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?");
  const [page = "", ...rest] = path.split("/");
  if (page === "signed-out") return { page, why: rest[0] ?? "" };
  const parameters = new URLSearchParams(query);
  const parameter = (name: string) => parameters.get(name) ?? "";
  if (page === "node" && rest[0]) return { page, id: decode(rest[0]) };
  if (page === "activity") return { page, space: parameter("space"), node: parameter("node"), key: parameter("key") };
  if (page === "lab") return { page };
  if (page !== "data") return { page: "cluster" };
  return {
    page: "data",
    space: decode(rest[0] ?? "") || "main",
    prefix: parameter("prefix"),
    key: parameters.get("key"),
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export const LAB = "#/lab";

export const nodeLink = (id: string) => `#/node/${encodeURIComponent(id)}`;

/** The activity, filtered: by space, by the id of a node, by how keys begin. */
export function activityLink(filter: { space?: string; node?: string; key?: string } = {}): string {
  const query = new URLSearchParams(Object.entries(filter).filter(([, value]) => value !== "")).toString();
  return `#/activity${query ? `?${query}` : ""}`;
}

export function dataLink(space: string, prefix = "", key: string | null = null): string {
  const parameters = new URLSearchParams();
  if (prefix) parameters.set("prefix", prefix);
  if (key !== null) parameters.set("key", key);
  const query = parameters.toString();
  return `#/data/${encodeURIComponent(space)}${query ? `?${query}` : ""}`;
}

export function go(link: string): void {
  location.hash = link;
}

export function useRoute(): Route {
  const [route, setRoute] = useState(() => parseRoute(location.hash));
  useEffect(() => {
    const changed = () => setRoute(parseRoute(location.hash));
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  return route;
}
