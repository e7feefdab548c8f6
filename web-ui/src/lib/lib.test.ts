import { describe, expect, test } from "vitest";
import { bytes, count, duration, replica, visible } from "./format";
import { Exact, fromTyped, parse, print, same } from "./json";
import { dataLink, parseRoute } from "./route";
import { clockwork, headline, members, note, standing, type NodeStatus, type Peer, type SpaceStatus } from "./status";
import { conflicts, type View } from "./views";

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

describe("the headline", () => {
  const say = (...peers: Peer[]) => headline(status([space(peers)]), NOW).sentence;
  test("says that all is well", () => {
    expect(say(peer("b"), peer("c"))).toBe("3 nodes in step");
    expect(headline(status([space([])], ["a"]), NOW)).toEqual({ level: "good", sentence: "One node, on its own", rest: [] });
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
    expect(told.rest).toEqual([{ level: "moving", text: "node-3 is 5 batches behind" }]);
  });
  test("says that a space takes no writes", () => {
    const full = space([peer("b"), peer("c")], { condition: "degraded", reason: "the disk is full" });
    expect(headline(status([full]), NOW).sentence).toBe("main takes no writes on this node: the disk is full");
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
  const value = { value: 1, replica: "a-1", seq: 1, index: 0, millis: 0, latest: true };
  const disputed: View = { type: "register", rule: "latest", value: 1, values: [value, { ...value, seq: 2 }] };
  expect(conflicts({ type: "map", fields: { x: disputed, y: { type: "map", fields: { z: disputed } } } })).toBe(2);
  expect(conflicts({ type: "conflict", views: [disputed, { type: "flag", value: true }] })).toBe(1);
});
