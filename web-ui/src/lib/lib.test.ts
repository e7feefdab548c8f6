import { describe, expect, test } from "vitest";
import { bytes, count, duration, replica, visible } from "./format";
import { Exact, fromTyped, parse, print, same } from "./json";
import { activityLink, dataLink, nodeLink, parseRoute } from "./route";
import type { Change } from "./api";
import { quoted, reading, writing } from "./commands";
import { shape, split, text } from "./lab";
import { matrix, micros } from "./matrix";
import { clockwork, findings, follow, headline, holding, isGrowing, likeness, members, note, oldest, standing, takingOver, type CatchingUp, type Holder, type MemberView, type NodeStatus, type Peer, type SpaceStatus, type Trend } from "./status";
import { anew, conflicts, type View } from "./views";

describe("numbers and times", () => {
  test("are grouped and given one unit", () => {
    expect(count(1234567)).toBe("1\u202f234\u202f567");
    expect(count("-9223372036854775808")).toBe("-9\u202f223\u202f372\u202f036\u202f854\u202f775\u202f808");
    expect(count(999)).toBe("999");
    expect(bytes(512)).toBe("512 B");
    expect(bytes(18233)).toBe("17.8 KiB");
    expect(bytes(5 * 1024 ** 3)).toBe("5.0 GiB");
    expect(duration(-5)).toBe("0.0 s");
    expect(duration(12_400)).toBe("12 s");
    expect(duration(5 * 3600_000)).toBe("5 h");
  });
});

describe("text that would mislead", () => {
  test("is spelled out", () => {
    expect(visible("a\u202Eb")).toEqual([
      { text: "a", hidden: false },
      { text: "U+202E", hidden: true },
      { text: "b", hidden: false },
    ]);
    expect(visible("\u0000\n")).toEqual([
      { text: "U+0000", hidden: true },
      { text: "↵", hidden: true },
    ]);
    expect(visible("<img onerror=x>")).toEqual([{ text: "<img onerror=x>", hidden: false }]);
    expect(visible("")).toEqual([]);
  });
});

describe("JSON", () => {
  test.each(["9223372036854775807", "1.0", "1e400", "-0.0", "0.1", '{"a":[1,null,"x"],"b":12345678901234567890}'])("%s comes back as it was", (text) => {
    expect(print(parse(text))).toBe(text);
  });
  test("keeps as text only what a double would change", () => {
    expect(parse("42")).toBe(42);
    expect(parse("9007199254740993")).toBeInstanceOf(Exact);
    expect(same(parse("1"), parse("1.0"))).toBe(false);
  });
  test("fields named like parts of an object are fields", () => {
    expect(print(parse('{"constructor":1,"toString":2}'))).toBe('{"constructor":1,"toString":2}');
  });
  test("what is typed is JSON if it can be, else text", () => {
    expect(fromTyped("12")).toBe(12);
    expect(fromTyped("hello")).toBe("hello");
    expect(fromTyped('"12"')).toBe("12");
  });
});

describe("addresses", () => {
  test.each(["places/CH", "a?b#c&d=e", "<img>", "ü 100%", "..", ""])("lead back to %s", (key) => {
    expect(parseRoute(dataLink("main", key, key))).toEqual({ page: "data", space: "main", prefix: key, key });
  });
  test("of nodes and of filtered activity lead back too", () => {
    expect(parseRoute(nodeLink("ab/cd"))).toEqual({ page: "node", id: "ab/cd" });
    expect(parseRoute(activityLink({ space: "a&b", key: "x/#" }))).toEqual({ page: "activity", space: "a&b", node: "", key: "x/#" });
    expect(parseRoute("#/node/")).toEqual({ page: "cluster" });
  });
  test("that lead nowhere lead home", () => {
    expect(parseRoute("#/nowhere")).toEqual({ page: "cluster" });
    expect(parseRoute("#/data/%E0%A4%A")).toMatchObject({ page: "data" });
  });
});

const NOW = 1_000_000;

function peer(id: string, changes: Partial<Peer> = {}): Peer {
  return { id, name: id, up: true, applied: { "a-1": 10 }, lag: 0, ahead: 0, digest: "equal", heardMillis: NOW - 500, ...changes };
}

function space(peers: Peer[], changes: Partial<SpaceStatus> = {}): SpaceStatus {
  return {
    name: "main", id: "m", condition: "running", reason: "", self: "a-1", versionVector: { "a-1": 10 }, digest: "00",
    cells: 1, closedReplicas: 0, stable: {}, buffered: 0, peers, ...changes,
  };
}

function status(spaces: SpaceStatus[], ids = ["a", "b", "c"]): NodeStatus {
  return {
    id: "a", name: "node-1", site: "", pid: 1, state: "ready", startedMillis: 0, nowMillis: NOW, http: "", grpc: "", peer: "", spaces,
    members: ids.map((id, i) => ({ id, name: `node-${i + 1}`, site: "", addresses: [] })), alarms: [],
  };
}

describe("taking over another's state", () => {
  const at = (catchingUp: CatchingUp) => status([{ ...space([peer("b"), peer("c")]), catchingUp }]);
  const fetching: CatchingUp = { phase: "fetching", donor: "b", donorName: "node-2", cells: 1000, fetched: 408, bytes: 40_000, bytesPerSecond: 12 * 1024 ** 2, remainingMillis: 170_000 };
  test("is said with how far, how fast and how long", () => {
    const told = headline(at(fetching), NOW);
    expect(told.sentence).toBe("This node takes over the state of node-2: 40 %, 12.0 MiB/s, at most 3 min left, in main");
    expect(told).toMatchObject({ level: "moving", member: "a" });
    expect(told.todo).toContain("by itself");
    expect(members(at(fetching), NOW)[0]?.level).toBe("moving");
  });
  test("is not hidden by the alarm that it begins with", () => {
    const alarm = { space: "main", kind: "behind-log", message: "", count: 1, lastMillis: NOW - 1_000 };
    expect(headline({ ...at(fetching), alarms: [alarm] }, NOW)).toMatchObject({ level: "moving", rest: [] });
  });
  test("says what is known only", () => {
    expect(takingOver({ phase: "fetching", donor: "0123456789abcdef", donorName: "", cells: 1000, fetched: 0, bytes: 0 })).toBe("takes over the state of 01234567: 0 %");
    expect(takingOver({ phase: "comparing", donor: "b", donorName: "node-2" })).toBe("compares its state with that of node-2, to take over what differs");
    expect(takingOver({ phase: "fetching" })).toBe("takes over the state of another member: just begun");
    expect(takingOver({ phase: "proving", donor: "b", donorName: "node-2" })).toContain("confirm the state that it took over from node-2");
    expect(takingOver({ phase: "joining" })).toBe("joins the state that it took over with its own");
  });
  test("is not mentioned while there is nothing to take over", () => {
    expect(headline(status([space([peer("b"), peer("c")])]), NOW).level).toBe("good");
  });
});

describe("the headline", () => {
  const say = (...peers: Peer[]) => headline(status([space(peers)]), NOW).sentence;
  test("says that all is well", () => {
    expect(say(peer("b"), peer("c"))).toBe("3 nodes in step");
    expect(headline(status([space([])], ["a"]), NOW)).toEqual({ level: "good", sentence: "One node, on its own", todo: "", rest: [] });
  });
  test("says who is behind", () => {
    expect(say(peer("b", { lag: 42 }), peer("c"))).toBe("node-2 is 42 batches behind");
    expect(say(peer("b", { lag: 1 }), peer("c"))).toBe("node-2 is 1 batch behind");
    expect(say(peer("b", { ahead: 3 }), peer("c"))).toBe("node-2 has 3 batches that this node still waits for");
  });
  test("passes over what comes and goes within a moment", () => {
    const lagging = status([space([peer("b", { lag: 3 }), peer("c")])]);
    const since = note(new Map(), members(lagging, NOW), NOW);
    expect(headline(lagging, NOW + 1_000, since).sentence).toBe("3 nodes in step");
    expect(headline(lagging, NOW + 3_000, note(since, members(lagging, NOW), NOW + 3_000)).sentence).toBe("node-2 is 3 batches behind");
    expect(note(since, [], NOW).size).toBe(0);
  });
  test("says who is silent, and for how long", () => {
    expect(say(peer("b"), peer("c", { up: false, heardMillis: NOW - 12_000 }))).toBe("No news from node-3 for 12 s");
    expect(say(peer("b"), peer("c", { up: false, heardMillis: 0 }))).toBe("No news from node-3 since this node started");
    expect(say(peer("b"))).toBe("No news from node-3 since this node started");
  });
  test("puts the worst first and keeps the rest", () => {
    const told = headline(status([space([peer("b", { digest: "unequal" }), peer("c", { lag: 5 })])]), NOW);
    expect(told.level).toBe("bad");
    expect(told.sentence).toBe("node-2 holds other data in main than this node, though both saw the same batches");
    expect(told.rest).toEqual([{ level: "moving", text: "node-3 is 5 batches behind", todo: "It catches up by itself.", member: "c" }]);
    expect(told).toMatchObject({ todo: expect.stringContaining("third node"), member: "b" });
  });
  test("says that a space takes no writes", () => {
    const full = space([peer("b"), peer("c")], { condition: "degraded", reason: "the disk is full" });
    expect(headline(status([full]), NOW).sentence).toBe("main takes no writes on this node: the disk is full");
  });
});

describe("reasons", () => {
  test("come with what to do", () => {
    const alarm = { space: "main", kind: "clock-drift", message: "", count: 1, lastMillis: NOW - 60_000 };
    const old = { ...alarm, kind: "fork", lastMillis: NOW - 3_600_000 };
    const told = findings({ ...status([space([peer("b"), peer("c")])]), alarms: [alarm, old], discovery: { state: "failed", reason: "the port is taken" } }, NOW);
    expect(told.map((finding) => finding.text)).toEqual(["Alarm: clock drift in main, 60 s ago", "Discovery does not run: the port is taken"]);
    expect(told.every((finding) => finding.todo.length > 20)).toBe(true);
  });
  test("tell a peer that is gone from one that is linked and mute", () => {
    const silent = status([space([peer("b", { heardMillis: NOW - 30_000 }), peer("c")])]);
    const link = { id: "b", roundTripMicros: 800, queuedBytes: 0 };
    expect(findings({ ...silent, links: [{ ...link, sinceMillis: null }] }, NOW)[0]?.todo).toContain("whether the node runs");
    expect(findings({ ...silent, links: [{ ...link, sinceMillis: 1 }] }, NOW)[0]?.todo).toContain("frozen");
  });
  test("say that a lag grows when it has grown for a while", () => {
    const at = (lag: number) => members(status([space([peer("b", { lag }), peer("c")])]), NOW);
    let trend: Trend = new Map();
    for (let i = 0; i <= 6; i++) trend = follow(trend, at(10 + i), NOW + i * 1_000);
    expect(isGrowing(trend, "b")).toBe(true);
    expect(isGrowing(trend, "c")).toBe(false);
    expect(isGrowing(follow(trend, at(3), NOW + 7_000), "b")).toBe(false);
    expect(headline(status([space([peer("b", { lag: 16 }), peer("c")])]), NOW, new Map([["b", 0]]), trend).sentence).toBe("node-2 is 16 batches behind, and falls further behind");
    expect(follow(trend, at(1), NOW + 60_000).get("b")).toHaveLength(1);
  });
  test("name who has held back the log for an hour or more, over all spaces, since the longest", () => {
    const log = (...holders: Holder[]) => ({ log: { bytes: 1, oldestMillis: null, truncated: 0, truncatedUnstable: 0, holders } });
    const held = (id: string, hours: number, atLeast = false) => ({ id, name: "", sinceMillis: NOW - hours * 3_600_000, atLeast });
    const main = space([peer("b"), peer("c")], log(held("b", 5), held("c", 0.5)));
    const orders = space([peer("b"), peer("c")], { name: "orders", ...log(held("b", 30, true)) });
    const told = findings(status([main, orders]), NOW);
    expect(told.map((finding) => finding.text)).toEqual(["node-2 has held back the log of main, orders for at least 30 h"]);
    expect(told[0]).toMatchObject({ level: "warn", member: "b", todo: expect.stringContaining("loses nothing") });
    expect(holding("c", main)?.sinceMillis).toBe(NOW - 1_800_000);
    expect(holding("c", orders)).toBeNull();
    expect(findings(status([space([peer("b"), peer("c")], log(held("b", 0.9)))]), NOW)).toEqual([]);
  });
  test("say how old the oldest news is", () => {
    expect(oldest(members(status([space([peer("b", { heardMillis: NOW - 9_000 }), peer("c")])]), NOW))).toEqual({ name: "node-2", age: 9_000 });
    expect(oldest(members(status([space([])], ["a"]), NOW))).toBeNull();
  });
});

describe("the matrix", () => {
  test("says who lacks whose batches, over all spaces, as last heard", () => {
    const main = space([peer("b", { applied: { "a-1": 8, "c-1": 4 } }), peer("c", { applied: { "a-1": 10, "c-1": 9, "c-2": 1 }, heardMillis: NOW - 40_000 })], { versionVector: { "a-1": 10, "c-1": 4 } });
    const orders = space([peer("b", { applied: null }), peer("c", { applied: { "a-2": 1 } })], { name: "orders", versionVector: { "a-2": 3 } });
    const links = [{ id: "b", sinceMillis: 1, roundTripMicros: 850, queuedBytes: 0 }];
    const table = matrix([main, orders], { ...status([main, orders]), links }, NOW);
    expect(table.nodes.map((node) => [node.name, node.roundTripMicros])).toEqual([["node-1", null], ["node-2", 850], ["node-3", null]]);
    expect(table.lag).toEqual([
      [0, 2, 2],
      [0, 0, 0],
      [6, 6, 0],
    ]);
    expect(matrix([space([peer("b", { applied: null })])], status([space([])], ["a", "b"]), NOW).lag).toEqual([[0, null], [0, null]]);
  });
  test("gives times one unit", () => {
    expect([850, 1_234, 34_400].map(micros)).toEqual(["850 µs", "1.2 ms", "34 ms"]);
  });
});

describe("commands", () => {
  test("hold nothing that acts on a terminal or does not show, and a shell reads what was meant", async () => {
    const { execFileSync } = (await import("node:child_process" as string)) as { execFileSync: (file: string, words: string[], how: object) => string };
    const texts = ["ctrl\x03c\nrm -rf x", "\x1b[201~\x1b]0;t\x07", "bidi\u202egnp.exe", "it's\u200b \\1 \x7f7 $x `y` !z", "\u0085a\tb\r", "🐦\ufe0f"];
    for (const text of texts) {
      expect(visible(quoted(text)).every((piece) => !piece.hidden), quoted(text)).toBe(true);
      expect(execFileSync("bash", ["-c", `printf %s ${quoted(text)}`], { encoding: "utf8" })).toBe(text);
    }
  });
  const here = "http://127.0.0.1:7410";
  test("are what a shell reads", () => {
    expect(quoted("it's $HOME `x` \\ \n")).toBe("'it'\\''s $HOME `x` \\ \n'");
    expect(quoted("=ls")).toBe("'=ls'");
    expect(quoted("places/CH")).toBe("places/CH");
    expect(quoted("")).toBe("''");
  });
  test.each<[Change, string | null]>([
    [{ op: "set", value: "two words" }, "starling set k 'two words'"],
    [{ op: "set", value: 1, rule: "all", fields: ["a b"] }, "starling set --field 'a b' --all --json k 1"],
    [{ op: "increment", amount: "-2" }, "starling incr -- k -2"],
    [{ op: "flag", enabled: false }, "starling set --flag k off"],
    [{ op: "add", elements: ["x", 1] }, `starling add --json k '"x"' 1`],
    [{ op: "removeElements", elements: ["x"] }, "starling remove k x"],
    [{ op: "set", value: 70, rule: "max" }, "starling set --max --json k 70"],
    [{ op: "set", value: "70", rule: "min" }, "starling set --min --text k 70"],
    [{ op: "flag", enabled: false, wins: "disable" }, "starling set --flag --disable-wins k off"],
    [{ op: "add", elements: ["x"], wins: "remove" }, "starling add --remove-wins k x"],
    [{ op: "removeElements", elements: ["x"], wins: "remove" }, "starling remove --remove-wins k x"],
    [{ op: "merge", patch: { a: null } }, `starling doc merge k '{"a":null}'`],
    [{ op: "remove" }, "starling remove k"],
    [{ op: "reset", seen: [] }, null],
  ])("of %j", (change, cli) => {
    expect(writing(here, "main", "k", [change]).cli).toBe(cli);
  });
  test("of curl answer to the read that is shown", () => {
    expect(writing(here, "my space", "k", [{ op: "increment", amount: "1", fields: [] }], "AQ-_").curl).toBe(
      `curl -sS -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -H 'Starling-Token: AQ-_' -d '{"mutations":[{"key":"k","op":"increment","amount":"1"}]}' http://127.0.0.1:7410/api/v1/spaces/my%20space/transactions`,
    );
    expect(writing(here, "orders", "k", [{ op: "remove" }, { op: "flag" }]).cli).toBeNull();
    expect(reading(here, "orders", "..").curl).toContain("/reads");
    expect(reading(here, "orders", "a/b").cli).toBe("starling get --space orders a/b");
  });
});

describe("a view written anew", () => {
  const value = { value: 1, replica: "a-1", seq: 1, index: 0, millis: 0, latest: true, read: true };
  test("is a transaction, part by part", () => {
    const view: View = {
      type: "map",
      fields: {
        n: { type: "counter", total: 5, shares: [] },
        s: { type: "set", wins: "add", elements: ["x"], more: false },
        m: { type: "map", fields: {} },
        r: { type: "register", rule: "latest", value: 1, values: [value] },
        f: { type: "flag", wins: "enable", value: true },
        g: { type: "set", wins: "remove", elements: ["y"], more: false },
        h: { type: "flag", wins: "disable", value: true },
      },
    };
    expect(anew(view, ["top"])).toEqual([
      { op: "increment", fields: ["top", "n"], amount: "5" },
      { op: "add", fields: ["top", "s"], elements: ["x"] },
      { op: "merge", fields: ["top", "m"], patch: {} },
      { op: "set", fields: ["top", "r"], value: 1, rule: "latest" },
      { op: "flag", fields: ["top", "f"], enabled: true },
      { op: "add", fields: ["top", "g"], elements: ["y"], wins: "remove" },
      { op: "flag", fields: ["top", "h"], enabled: true, wins: "disable" },
    ]);
  });
  test("is refused if not all of it is here", () => {
    expect(anew({ type: "set", wins: "add", elements: ["x"], more: true }, [])).toBeNull();
    expect(anew({ type: "map", fields: { c: { type: "conflict", views: [] } } }, [])).toBeNull();
  });
});

describe("members", () => {
  test("are this node first, then by name, over all spaces", () => {
    const views = members(status([space([peer("c", { lag: 2 }), peer("b")]), space([peer("c", { lag: 3, digest: "not-compared" })], { name: "x" })]), NOW);
    expect(views.map((view) => view.name)).toEqual(["node-1", "node-2", "node-3"]);
    expect(views.map(standing)).toEqual(["this node", "in step", "5 batches behind"]);
    expect(views.map((view) => [view.digest, view.equalIn, view.spaces])).toEqual([
      ["equal", 2, 2],
      ["equal", 1, 2],
      ["equal", 1, 2],
    ]);
  });
});

describe("what is known of a member's data", () => {
  test("is of then when the member has fallen silent or behind", () => {
    const told = (changes: Partial<Peer>) => {
      const views = members(status([space([peer("b", changes)])]), NOW);
      return likeness(views[1] as MemberView);
    };
    expect(told({})).toEqual({ text: "equal", class: "equal" });
    expect(told({ lag: 1 })).toEqual({ text: "was equal", class: "not-compared" });
    expect(told({ up: false })).toEqual({ text: "was equal", class: "not-compared" });
    expect(told({ heardMillis: NOW - 60_000 })).toEqual({ text: "was equal", class: "not-compared" });
    expect(told({ digest: "unequal", up: false })).toEqual({ text: "unequal", class: "unequal" });
  });
});

describe("the table of version vectors", () => {
  test("has a row for every replica anyone knows of, and tells what is not known", () => {
    const main = space([peer("b", { applied: { "a-1": 8, "c-1": 4 } }), peer("c", { applied: null })]);
    const table = clockwork(main, status([main]), NOW);
    expect(table.columns.map((column) => column.name)).toEqual(["node-1", "node-2", "node-3"]);
    expect(table.columns.map((column) => column.differs)).toEqual([false, true, false]);
    expect(table.rows).toEqual([
      { replica: "a-1", cells: [10, 8, null], latest: 10 },
      { replica: "c-1", cells: [0, 4, null], latest: 4 },
    ]);
  });
});

test("a replica id is taken apart at its last hyphen", () => {
  expect(replica("aabb-0011")).toEqual({ node: "aabb", incarnation: "0011" });
});

test("conflicts are counted wherever they are", () => {
  const value = { value: 1, replica: "a-1", seq: 1, index: 0, millis: 0, latest: true, read: true };
  const disputed: View = { type: "register", rule: "latest", value: 1, values: [value, { ...value, seq: 2 }] };
  expect(conflicts({ type: "map", fields: { x: disputed, y: { type: "map", fields: { z: disputed } } } })).toBe(2);
  expect(conflicts({ type: "conflict", views: [disputed, { type: "flag", wins: "enable", value: true }] })).toBe(1);
});

describe("the lab", () => {
  const member = (name: string, site: string) => ({ id: name, name, site }) as NodeStatus["members"][number];
  const nodes = shape({ members: [member("b", "oslo"), member("Käse 1", "berlin"), member("a", "oslo"), member("a", "berlin")] });

  test("takes the cluster's members, with names that the simulator reads, each once", () => {
    expect(text(nodes)).toBe("berlin: K-se-1,a-2 | oslo: a,b");
  });
  test("tells a node from a site of its name", () => {
    expect(text(shape({ members: [member("berlin", "berlin"), member("b2", "berlin")] }))).toBe("berlin: b2,berlin-2");
  });
  test("cuts some off from the others, or nothing", () => {
    expect(split(nodes, new Set(["a", "b"]), 5, 9)).toEqual(["5s..9s: split K-se-1,a-2 | a,b"]);
    expect(split(nodes, new Set(), 5, 9)).toEqual([]);
    expect(split(nodes, new Set(nodes.map((node) => node.name)), 5, 9)).toEqual([]);
  });
});
