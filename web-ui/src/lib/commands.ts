// What a click does, as it is done from a shell: by the command line and by curl.
import { print, type Json } from "./json";
import type { Change } from "./api";
import { HIDDEN } from "./format";

export interface Forms {
  /** Null where the command line has no such thing. */
  cli: string | null;
  curl: string;
}

/**
 * An argument that a shell reads as it is. What would not show in the command, or would act on the terminal
 * it is pasted into, goes as `$'…'`, which bash, zsh, ksh and POSIX since 2024 have.
 */
export function quoted(text: string): string {
  if (/^[A-Za-z0-9_.,/:@%+-][A-Za-z0-9_.,/:=@%+-]*$/.test(text)) return text;
  if (text.replaceAll("\n", "").search(HIDDEN) < 0) return `'${text.replaceAll("'", `'\\''`)}'`;
  return `$'${text.replace(/['\\]/g, "\\$&").replace(HIDDEN, octal)}'`;
}

function octal(text: string): string {
  return [...new TextEncoder().encode(text)].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
}

function starling(words: string[], space: string, options: string[], places: string[] = []): string {
  const within = space === "main" ? [] : ["--space", space];
  const dashed = places.some((place) => place.startsWith("-")) ? ["--"] : [];
  return ["starling", ...words, ...[...within, ...options, ...dashed, ...places].map(quoted)].join(" ");
}

function curl(origin: string, path: string, options: string[] = []): string {
  return ["curl -sS", `-H "Authorization: Bearer $TOKEN"`, ...options, quoted(`${origin}/api/v1${path}`)].join(" ");
}

const JSON_HEADER = "-H 'Content-Type: application/json'";
const spacePath = (space: string) => `/spaces/${encodeURIComponent(space)}`;

/** A transaction. The command line answers to what the node has applied; curl also to a read. */
export function writing(origin: string, space: string, key: string, changes: readonly Change[], context?: string): Forms {
  const mutations = changes.map(({ fields, ...change }) => ({ key, ...(fields && fields.length > 0 ? { fields } : {}), ...change }));
  const answersTo = context ? [`-H ${quoted(`Starling-Token: ${context}`)}`] : [];
  const data = `-d ${quoted(print({ mutations: mutations as unknown as Json[] }))}`;
  const [only] = changes;
  return {
    cli: changes.length === 1 && only ? command(space, key, only) : null,
    curl: curl(origin, `${spacePath(space)}/transactions`, [JSON_HEADER, ...answersTo, data]),
  };
}

function command(space: string, key: string, change: Change): string | null {
  const fields = (change.fields ?? []).flatMap((field) => ["--field", field]);
  const say = (words: string[], options: string[], ...places: string[]) => starling(words, space, [...fields, ...options], [key, ...places]);
  switch (change.op) {
    case "set":
      return say(["set"], [...ruled(change), ...asJson([change["value"] ?? null])], ...texts([change["value"] ?? null]));
    case "increment":
      return say(["incr"], [], String(change["amount"] ?? 1));
    case "flag":
      return say(["set"], ["--flag", ...(change["wins"] === "disable" ? ["--disable-wins"] : [])], change["enabled"] === false ? "off" : "on");
    case "add":
      return say(["add"], [...removeWins(change), ...asJson(elements(change))], ...texts(elements(change)));
    case "removeElements":
      return say(["remove"], [...removeWins(change), ...asJson(elements(change))], ...texts(elements(change)));
    case "merge":
      return say(["doc", "merge"], [], print(change["patch"] ?? {}));
    case "remove":
      return say(["remove"], []);
    case "reset":
      return null;
  }
}

function ruled(change: Change): string[] {
  const rule = change["rule"];
  if (!rule || rule === "latest") return [];
  // What has a rank is a number unless it is said to be text.
  const isText = typeof change["value"] === "string" && (rule === "max" || rule === "min");
  return [`--${String(rule)}`, ...(isText ? ["--text"] : [])];
}

const removeWins = (change: Change) => (change["wins"] === "remove" ? ["--remove-wins"] : []);
const elements = (change: Change) => (change["elements"] ?? []) as Json[];

// A value that is text goes as it is; anything else makes all of them JSON.
const areTexts = (values: Json[]): values is string[] => values.every((value) => typeof value === "string");
const asJson = (values: Json[]) => (areTexts(values) ? [] : ["--json"]);
const texts = (values: Json[]) => (areTexts(values) ? values : values.map((value) => print(value)));

export function reading(origin: string, space: string, key: string): Forms {
  const step = key === "." || key === "..";
  return {
    cli: starling(["get"], space, [], [key]),
    curl: step
      ? curl(origin, `${spacePath(space)}/reads`, [JSON_HEADER, `-d ${quoted(print({ queries: [{ key }] }))}`])
      : curl(origin, `${spacePath(space)}/keys/${encodeURIComponent(key)}?form=view`),
  };
}

export function listing(origin: string, space: string, prefix: string): Forms {
  return {
    cli: starling(["scan"], space, ["--values"], prefix ? [prefix] : []),
    curl: curl(origin, `${spacePath(space)}/keys?${new URLSearchParams({ prefix, form: "value" })}`),
  };
}

export function watching(origin: string, space: string, prefix: string): Forms {
  return {
    cli: starling(["watch"], space, ["--state"], prefix ? [prefix] : []),
    curl: curl(origin, `${spacePath(space)}/watch?${new URLSearchParams({ prefix })}`, ["-N"]),
  };
}

export function creatingSpace(origin: string, name: string): Forms {
  return {
    cli: ["starling", "space", "create", quoted(name)].join(" "),
    curl: curl(origin, "/spaces", [JSON_HEADER, `-d ${quoted(print({ name }))}`]),
  };
}

export function asking(origin: string, path: "status" | "activity"): Forms {
  return { cli: path === "status" ? "starling status --json" : null, curl: curl(origin, `/${path}`) };
}
