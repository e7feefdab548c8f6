import { describe, expect, test } from "vitest";
import { EventParser, events } from "./events.js";
import { Exact, parse, print, Problem, Starling, type Group } from "./index.js";

interface Asked {
  node: string;
  path: string;
  method: string;
  headers: Record<string, string>;
  body: string;
}

type Answer = Response | Error | (() => Response | Error);

/** A network of nodes, each a function from what is asked to what is answered. */
function network(nodes: Record<string, (asked: Asked) => Answer>) {
  const log: Asked[] = [];
  const go = async (url: string, given: RequestInit): Promise<Response> => {
    const { origin, pathname, search } = new URL(url);
    const asked = { node: origin, path: pathname + search, method: given.method ?? "", headers: given.headers as Record<string, string>, body: String(given.body ?? "") };
    log.push(asked);
    const told = nodes[origin]?.(asked) ?? refusal("ECONNREFUSED");
    const answer = typeof told === "function" ? told() : told;
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { log, fetch: go as unknown as typeof fetch };
}

const refusal = (code: string) => new TypeError("fetch failed", { cause: { code } });
const ok = (body: unknown) => new Response(typeof body === "string" ? body : JSON.stringify(body), { status: 200 });
const problem = (status: number, kind: string, detail = "why") =>
  new Response(JSON.stringify({ type: `urn:starling:problem:${kind}`, title: "t", status, detail }), { status });
const A = "http://a:1";
const B = "http://b:1";
const client = (net: { fetch: typeof fetch }, nodes = [A, B]) => new Starling({ nodes, token: "st_x_y", fetch: net.fetch, answerMillis: 500 });

function stream(...pieces: (string | Error)[]): Response {
  const encoder = new TextEncoder();
  let next = 0;
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const piece = pieces[next++];
        if (piece === undefined) return controller.close();
        if (piece instanceof Error) return controller.error(piece);
        controller.enqueue(encoder.encode(piece));
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { status: 200 });
}

const event = (name: string, data: object) => `event: ${name}\n${"token" in data ? `id: ${(data as { token: string }).token}\n` : ""}data: ${JSON.stringify(data)}\n\n`;

async function take(groups: AsyncIterable<Group>, count: number): Promise<Group[]> {
  const taken: Group[] = [];
  for await (const group of groups) {
    taken.push(group);
    if (taken.length === count) break;
  }
  return taken;
}

describe("numbers", () => {
  test("beyond a double come back exactly and go out exactly", () => {
    const value = parse("[9223372036854775807,1.0,12]") as (number | Exact)[];
    expect((value[0] as Exact).toBigInt()).toBe(9223372036854775807n);
    expect(print(value)).toBe("[9223372036854775807,1.0,12]");
    expect(print({ a: 2n ** 63n - 1n, b: undefined })).toBe('{"a":9223372036854775807}');
    expect(() => print(NaN)).toThrow(TypeError);
  });
});

describe("problems", () => {
  test("carry the kind that the node told", async () => {
    const net = network({ [A]: () => problem(409, "type-mismatch", "A set is there.") });
    const failed = await client(net).space("main").set("k", 1).catch((it: unknown) => it);
    expect(failed).toBeInstanceOf(Problem);
    expect(failed).toMatchObject({ kind: "type-mismatch", status: 409, message: "A set is there.", node: A, isOpen: false });
    expect(net.log).toHaveLength(1);
  });
  test("name what is no node", async () => {
    const net = network({ [A]: () => new Response("<html>", { status: 502 }) });
    await expect(client(net, [A]).spaces()).rejects.toMatchObject({ kind: "no-node", status: 502 });
  });
});

describe("reads", () => {
  test("go on at the next node, and stay there", async () => {
    const net = network({ [B]: () => ok({ key: "k", type: "register", value: 1, token: "t" }) });
    const main = client(net).space("main");
    expect((await main.get("a/b c"))?.value).toBe(1);
    await main.get("k");
    expect(net.log.map((it) => it.node)).toEqual([A, B, B]);
    expect(net.log[1]?.path).toBe("/api/v1/spaces/main/keys/a%2Fb%20c");
  });
  test("of what is not there are null", async () => {
    const net = network({ [A]: () => problem(404, "unknown-key") });
    expect(await client(net).space("main").get("k")).toBeNull();
  });
  test("of many places keep their order and their holes", async () => {
    const net = network({ [A]: () => ok({ readings: [{ key: "a", type: "absent" }, { key: "b", type: "flag", value: true }], token: "t" }) });
    const { readings } = await client(net).space("main").getAll(["a", { key: "b", fields: ["x"] }]);
    expect(readings.map((it) => it?.key ?? null)).toEqual([null, "b"]);
    expect(JSON.parse(net.log[0]?.body ?? "")).toEqual({ queries: [{ key: "a" }, { key: "b", fields: ["x"] }] });
  });
  test("list keys page by page, by seek", async () => {
    const net = network({
      [A]: ({ path }) => ok(path.includes("after=b") ? { keys: [{ key: "c" }], more: false, token: "2" } : { keys: [{ key: "a" }, { key: "b" }], more: true, token: "1" }),
    });
    const keys = [];
    for await (const { key } of client(net).space("main").keys({ limit: 2 })) keys.push(key);
    expect(keys).toEqual(["a", "b", "c"]);
    expect(net.log).toHaveLength(2);
  });
});

describe("a session", () => {
  test("waits on another node for what was written on the first, and only once", async () => {
    let isUp = true;
    const net = network({
      [A]: () => (isUp ? ok({ operations: 1, token: "wrote-on-a" }) : refusal("ECONNREFUSED")),
      [B]: () => ok({ key: "k", type: "flag", value: true, token: "read-on-b" }),
    });
    const main = client(net).space("main");
    await main.flag("k", true);
    isUp = false;
    await main.get("k");
    await main.get("k");
    expect(net.log.map((it) => [it.node, it.headers["Starling-Token"]])).toEqual([
      [A, undefined],
      [A, "wrote-on-a"],
      [B, "wrote-on-a"],
      [B, "read-on-b"],
    ]);
  });
  test("keeps what a write gave though a read begun before it is answered after it", async () => {
    let answer: (told: Response) => void = () => undefined;
    const late = new Promise<Response>((done) => (answer = done));
    let isUp = true;
    const log: (string | undefined)[] = [];
    const go = async (url: string, given: RequestInit) => {
      const headers = given.headers as Record<string, string>;
      if (!url.startsWith(A)) {
        log.push(headers["Starling-Token"]);
        return ok({ key: "k", type: "flag", value: true, token: "read-on-b" });
      }
      if (!isUp) throw refusal("ECONNREFUSED");
      return given.method === "GET" ? late : ok({ operations: 1, token: "wrote-on-a" });
    };
    const main = client({ fetch: go as unknown as typeof fetch }).space("main");
    const reading = main.get("k");
    await main.flag("k", true);
    answer(ok({ key: "k", type: "flag", value: false, token: "before-the-write" }));
    await reading;
    isUp = false;
    await main.get("k");
    expect(log).toContain("wrote-on-a");
  });
  test("follows no more tokens than it can wait for", () => {
    const { session } = client(network({}), [A]).space("main");
    const many = Array.from({ length: 17 }, (_, i) => `t${i}`);
    session.follow(many.slice(0, 16));
    session.follow(many.slice(0, 16));
    expect(session.tokens()).toHaveLength(16);
    expect(() => session.follow(many)).toThrow(/16 tokens/);
  });
  test("waits for the tokens of several nodes one after the other", async () => {
    const net = network({ [A]: () => ok({ key: "k", type: "flag", token: "of-a", keys: [], more: false }) });
    const main = client(net, [A]).space("main");
    main.session.follow(["x", "y"]);
    await main.get("k");
    expect(net.log.map((it) => it.headers["Starling-Token"])).toEqual(["y", "x"]);
    expect(main.session.tokens()).toContain("of-a");
  });
});

describe("writes", () => {
  test("name themselves, and answer to the read that is given, not to the session", async () => {
    const net = network({ [A]: ({ method }) => ok(method === "GET" ? { key: "k", type: "register", value: 1, token: "shown" } : { operations: 1, token: "new" }) });
    const main = client(net).space("main");
    const seen = await main.get("k");
    await main.increment("n", 5n);
    await main.set("k", 2, { context: seen?.token, ifUnchanged: "shown", durability: "all", waitMillis: 700 });
    const [, blind, edit] = net.log;
    expect(blind?.headers["Starling-Token"]).toBeUndefined();
    expect(edit?.headers).toMatchObject({ "Starling-Token": "shown", "If-Match": '"shown"', "Starling-Durability": "all", "Starling-Wait": "700ms" });
    expect(edit?.headers["Idempotency-Key"]).toMatch(/^[0-9a-f-]{36}$/);
    expect(edit?.headers["Idempotency-Key"]).not.toBe(blind?.headers["Idempotency-Key"]);
    expect(blind?.body).toBe('{"mutations":[{"op":"increment","key":"n","amount":"5"}]}');
  });
  test("that were never sent, or refused for now, go to the next node", async () => {
    const net = network({ [A]: () => problem(503, "unavailable"), [B]: () => ok({ operations: 1, token: "t" }) });
    expect((await client(net).space("main").set("k", 1)).token).toBe("t");
    expect(net.log.map((it) => it.node)).toEqual([A, B]);
  });
  test("whose answer was lost are asked for again at the same node by the same name", async () => {
    let times = 0;
    const net = network({ [A]: () => (times++ === 0 ? refusal("ECONNRESET") : ok({ operations: 1, token: "t", repeat: true })), [B]: () => ok({}) });
    expect((await client(net).space("main").increment("n")).repeat).toBe(true);
    expect(net.log.map((it) => it.node)).toEqual([A, A]);
    expect(new Set(net.log.map((it) => it.headers["Idempotency-Key"])).size).toBe(1);
  });
  test("whose outcome stays open say so, and are not made elsewhere unasked", async () => {
    const net = network({ [A]: () => refusal("ECONNRESET"), [B]: () => ok({ operations: 1, token: "t" }) });
    const failed = (await client(net).space("main").increment("n").catch((it: unknown) => it)) as Problem;
    expect(failed).toMatchObject({ kind: "no-answer", isOpen: true });
    expect(failed.idempotencyKey).toBe(net.log[0]?.headers["Idempotency-Key"]);
    expect(net.log.every((it) => it.node === A)).toBe(true);
    expect((await client(net).space("main").add("s", [1], { repeatElsewhere: true })).token).toBe("t");
  });
});

describe("a write of which nothing certain is known", () => {
  const made = () => ok({ operations: 1, token: "t" });
  test("is not made elsewhere when the node itself does not know", async () => {
    const net = network({ [A]: () => problem(500, "outcome-unknown", "the store failed in the middle"), [B]: made });
    const failed = await client(net).space("main").increment("n").catch((it: unknown) => it);
    expect(failed).toMatchObject({ kind: "outcome-unknown", isOpen: true, node: A });
    expect(net.log.every((it) => it.node === A)).toBe(true);
  });
  test("is not made elsewhere when something between answered", async () => {
    const net = network({ [A]: () => new Response("<html>504 Gateway Timeout", { status: 504 }), [B]: made });
    const failed = await client(net).space("main").increment("n").catch((it: unknown) => it);
    expect(failed).toMatchObject({ kind: "no-node", isOpen: true });
    expect(net.log.every((it) => it.node === A)).toBe(true);
  });
  test("is open too when an answer is none of a node", async () => {
    const net = network({ [A]: () => new Response("<html>", { status: 200 }), [B]: made });
    const failed = await client(net).space("main").increment("n").catch((it: unknown) => it);
    expect(failed).toMatchObject({ name: "Problem", kind: "no-node", isOpen: true });
  });
  test("stays open when the node refuses to be asked again", async () => {
    let times = 0;
    const net = network({ [A]: () => (times++ === 0 ? refusal("ECONNRESET") : problem(401, "unauthenticated")) });
    const failed = (await client(net, [A]).space("main").increment("n").catch((it: unknown) => it)) as Problem;
    expect(failed).toMatchObject({ kind: "unauthenticated", isOpen: true });
    expect(failed.idempotencyKey).toBe(net.log[0]?.headers["Idempotency-Key"]);
  });
  test("names the node that may have made it, though another was asked last", async () => {
    const net = network({ [A]: () => refusal("ECONNRESET"), [B]: () => problem(403, "forbidden") });
    const failed = await client(net).space("main").add("s", [1], { repeatElsewhere: true }).catch((it: unknown) => it);
    expect(failed).toMatchObject({ kind: "forbidden", isOpen: true, node: A });
  });
});

describe("server-sent events", () => {
  test("are cut wherever the pieces end", () => {
    const text = "event: change\r\nid: t1\r\ndata: {\"a\":\ndata: 1}\n\n: comment\ndata:x\r\r";
    for (let size = 1; size <= text.length; size++) {
      const parser = new EventParser();
      const found = [];
      for (let at = 0; at < text.length; at += size) found.push(...parser.take(text.slice(at, at + size)));
      found.push(...parser.take("\n"));
      expect(found, `in pieces of ${size}`).toEqual([
        { name: "change", id: "t1", data: '{"a":\n1}' },
        { name: "message", id: "t1", data: "x" },
      ]);
    }
  });
  test("have a limit", () => {
    const parser = new EventParser();
    expect(() => [...parser.take(`data: ${"x".repeat(1024 * 1024)}`)]).toThrow(/no node's stream/);
  });
  test("that stop coming are noticed", async () => {
    const silent = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => undefined) });
    await expect(events(silent, 20).next()).rejects.toMatchObject({ kind: "no-answer" });
  });
});

describe("a watch", () => {
  const state = event("snapshot-begin", { token: "0" }) + event("row", { key: "a", value: 1 }) + event("snapshot-end", { token: "1" }) + event("up-to-date", { token: "1" });
  test("takes groups whole and resumes with the last token on the next node", async () => {
    const net = network({
      [A]: () => stream(state, event("change", { key: "b", value: 1 }), refusal("UND_ERR_SOCKET")),
      [B]: () => stream(event("change", { key: "b", value: 2 }) + event("up-to-date", { token: "2" }), event("ping", {})),
    });
    const groups = await take(client(net).space("main").watch({ prefix: "p/" }), 3);
    expect(groups.map((it) => [it.kind, it.entries.map((entry) => entry.value), it.token, it.node])).toEqual([
      ["state", [1], "1", A],
      ["changes", [], "1", A],
      ["changes", [2], "2", B],
    ]);
    expect(net.log.map((it) => [it.node, it.headers["Last-Event-ID"]])).toEqual([[A, undefined], [B, "1"]]);
    expect(net.log[1]?.path).not.toContain("from=");
  });
  test("begins anew from the state after a resync, and drops what it held", async () => {
    const net = network({ [A]: () => stream(event("change", { key: "x" }) + event("resync", { reason: "behind-log" }) + state) });
    const [group] = await take(client(net).space("main").watch({ resume: "old" }), 1);
    expect(group).toMatchObject({ kind: "state", token: "1", entries: [{ key: "a" }] });
  });
  test("goes on after the node lets it go, and stops for a foreign token", async () => {
    const net = network({
      [A]: () => stream(event("end", { reason: "stopping", detail: "The node stops." })),
      [B]: () => stream(event("end", { reason: "foreign-token", detail: "Begin without it." })),
    });
    await expect(take(client(net).space("main").watch({ resume: "t" }), 1)).rejects.toMatchObject({ kind: "foreign-token", node: B });
  });
  test("goes on after a silence", async () => {
    const silent = () => new Response(new ReadableStream({ pull: () => new Promise(() => undefined) }), { status: 200 });
    const net = network({ [A]: () => silent(), [B]: () => stream(state) });
    const [group] = await take(client(net).space("main").watch({ silenceMillis: 20 }), 1);
    expect(group?.node).toBe(B);
  });
  test("gives up when no node has answered for long enough", async () => {
    const net = network({});
    await expect(take(client(net).space("main").watch({ giveUpMillis: 50 }), 1)).rejects.toMatchObject({ kind: "no-answer" });
    expect(net.log.length).toBeGreaterThanOrEqual(3);
  });
  test("holds no more than it was told", async () => {
    const rows = Array.from({ length: 11 }, (_, i) => event("row", { key: `k${i}` })).join("");
    const net = network({ [A]: () => stream(event("snapshot-begin", { token: "0" }), rows) });
    await expect(take(client(net).space("main").watch({ heldMax: 10 }), 1)).rejects.toMatchObject({ kind: "too-much-held" });
  });
  test("holds no more text than it was told, however few its entries", async () => {
    const row = event("row", { key: "k", value: "x".repeat(1_000) });
    const net = network({ [A]: () => stream(event("snapshot-begin", { token: "0" }), row.repeat(3)) });
    const watching = take(client(net).space("main").watch({ heldCharactersMax: 2_500 }), 1);
    await expect(watching).rejects.toMatchObject({ kind: "too-much-held", message: expect.stringContaining("heldCharactersMax") });
    const whole = event("snapshot-begin", { token: "0" }) + row.repeat(2) + event("snapshot-end", { token: "1" });
    const group = row.repeat(2) + event("up-to-date", { token: "2" });
    const again = network({ [A]: () => stream(whole, group) });
    const groups = await take(client(again).space("main").watch({ heldCharactersMax: 2_500 }), 2);
    expect(groups.map((it) => it.entries.length)).toEqual([2, 2]);
  });
  test("ends when it is aborted, and lets the stream go", async () => {
    const stop = new AbortController();
    let isCancelled = false;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode(state)),
      cancel: () => void (isCancelled = true),
    });
    const net = network({ [A]: () => new Response(body, { status: 200 }) });
    const groups = client(net).space("main").watch({ signal: stop.signal });
    await groups.next();
    stop.abort();
    expect((await groups.next()).done).toBe(true);
    expect(isCancelled).toBe(true);
  });
});
