// A watch that survives its node (docs/watch.md).
import { events } from "./events.js";
import { parse } from "./json.js";
import type { Entry } from "./model.js";
import type { Nodes } from "./nodes.js";
import { Problem } from "./problem.js";

export interface WatchOptions {
  prefix?: string;
  /** `now` leaves out the state. */
  from?: "state" | "now";
  /** The token of the last group that was taken. */
  resume?: string | undefined;
  form?: "none" | "value" | "view";
  signal?: AbortSignal | undefined;
  /** Entries of one group held until it is whole; 100 000. Over it the watch fails. */
  heldMax?: number;
  /** Characters of such entries, as they come; 64 Mi. Over it the watch fails. */
  heldCharactersMax?: number;
  /** For how long no node need answer before the watch fails; 60 000. `Infinity` never gives up. */
  giveUpMillis?: number;
  /** A silence this long means that the stream is broken; 20 000. */
  silenceMillis?: number;
}

/**
 * From one causally consistent cut to a later one. `state`: all there is under the prefix; what you
 * knew and is not in it was removed. `changes`: each key that changed, once, as it reads now, `absent`
 * if it was removed. Resume with `token`, on any node.
 */
export interface Group {
  kind: "state" | "changes";
  entries: Entry[];
  token: string;
  node: string;
}

const HELD_MAX = 100_000;
const HELD_CHARACTERS_MAX = 64 * 1024 * 1024;
const AGAIN_MILLIS = [100, 200, 400, 800, 1_600, 3_000];

/** Groups as they become whole. Goes on at the next node when one fails; nothing is lost or comes twice. */
export async function* watch(nodes: Nodes, path: string, options: WatchOptions): AsyncGenerator<Group, void, undefined> {
  let resume = options.resume;
  let failures = 0;
  let failingSince = 0;
  while (!options.signal?.aborted) {
    const node = nodes.order()[0] ?? "";
    let problem: Problem;
    try {
      for await (const group of stream(nodes, node, path, { ...options, resume })) {
        nodes.prefer(node);
        failures = 0;
        resume = group.token;
        yield group;
        if (options.signal?.aborted) return;
      }
      problem = new Problem({ kind: "no-answer", node, detail: `${node || "The node"} broke the stream off.` });
    } catch (failed) {
      if (options.signal?.aborted) return;
      problem = asProblem(failed, node);
    }
    if (!problem.isPassing) throw problem;
    nodes.avoid(node);
    failingSince = failures === 0 ? Date.now() : failingSince;
    if (Date.now() - failingSince > (options.giveUpMillis ?? 60_000)) throw problem;
    // The others are asked at once; only when all have failed is there a pause.
    const round = Math.floor(++failures / nodes.all.length);
    if (round > 0) await pause(AGAIN_MILLIS[Math.min(round, AGAIN_MILLIS.length) - 1] ?? 0, options.signal);
  }
}

function asProblem(failed: unknown, node: string): Problem {
  if (failed instanceof Problem) return failed;
  // A broken connection is a TypeError in every engine; anything else is a bug and passes through.
  if (failed instanceof TypeError || (failed as Error)?.name === "AbortError") {
    return new Problem({ kind: "no-answer", node, detail: `${node || "The node"} broke the stream off.` }, failed);
  }
  throw failed;
}

async function* stream(nodes: Nodes, node: string, path: string, options: WatchOptions): AsyncGenerator<Group> {
  const query = new URLSearchParams({ prefix: options.prefix ?? "", form: options.form ?? "value" });
  if (options.resume === undefined) query.set("from", options.from ?? "state");
  const headers: Record<string, string> = { Accept: "text/event-stream" };
  if (options.resume !== undefined) headers["Last-Event-ID"] = options.resume;
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  try {
    const body = await nodes.open(node, { path: `${path}/watch?${query}`, headers, signal });
    const held: Entry[] = [];
    let characters = 0;
    let kind: Group["kind"] = "changes";
    for await (const event of events(body, options.silenceMillis)) {
      switch (event.name) {
        case "snapshot-begin":
          kind = "state";
          held.length = characters = 0;
          break;
        case "row":
        case "change":
          characters += event.data.length;
          if (characters > (options.heldCharactersMax ?? HELD_CHARACTERS_MAX)) throw tooMuch(`${options.heldCharactersMax ?? HELD_CHARACTERS_MAX} characters`, "heldCharactersMax");
          held.push(parse(event.data) as unknown as Entry);
          if (held.length > (options.heldMax ?? HELD_MAX)) throw tooMuch(`${options.heldMax ?? HELD_MAX} entries`, "heldMax");
          break;
        case "snapshot-end":
        case "up-to-date":
          yield { kind, entries: held.splice(0), token: (parse(event.data) as { token: string }).token, node };
          kind = "changes";
          characters = 0;
          break;
        case "resync":
          held.length = characters = 0;
          break;
        case "end":
          throw ended(parse(event.data) as { reason: string; detail: string }, node);
        default:
          // Pings, and what later versions may add.
          break;
      }
    }
  } finally {
    stop.abort();
  }
}

function tooMuch(bound: string, setting: string): Problem {
  return new Problem({
    kind: "too-much-held",
    detail: `More than ${bound} came before a group was whole: watch a longer prefix, watch with form "none", or raise ${setting}.`,
  });
}

function ended(told: { reason: string; detail: string }, node: string): Problem {
  const kind = told.reason === "foreign-token" ? "foreign-token" : told.reason === "not-yet" ? "not-yet" : "unavailable";
  return new Problem({ kind, node, title: "The watch ended", detail: told.detail });
}

function pause(millis: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, millis);
    signal?.addEventListener("abort", done);
  });
}
