// A program loses its node in the middle of a watch and of its writes, and goes on at the next one.
//
// STARLING_E2E has `token` and `nodes`; whoever runs this stops the first node when it reads STOP.
import assert from "node:assert/strict";
import { Starling } from "../target/client/index.js";

const given = JSON.parse(process.env.STARLING_E2E);
const [one, two, three] = given.nodes.map((node) => node.url);
const ROUNDS = 60;
const STOP_AT = 15;

const key = (i) => `fail/${String(i).padStart(3, "0")}`;
const program = new Starling({ nodes: [one, two, three], token: given.token });
const elsewhere = new Starling({ nodes: [three], token: given.token }).space("main");

// Each key is written once, one after the other, on a node that stays.
async function write() {
  for (let i = 0; i < ROUNDS; i++) {
    await elsewhere.set(key(i), i);
    if (i === STOP_AT) console.log("STOP");
    await new Promise((done) => setTimeout(done, 25));
  }
}

async function see() {
  const seen = [];
  const nodes = new Set();
  for await (const group of program.space("main").watch({ prefix: "fail/", from: "now" })) {
    if (nodes.size === 0) void write();
    nodes.add(group.node);
    seen.push(...group.entries.map((entry) => [entry.key, entry.value]));
    if (seen.length >= ROUNDS) return { seen, nodes };
  }
  throw new Error("the watch ended");
}

// Its own writes and reads, all along: what it wrote it reads, whichever node answers.
async function count() {
  const main = program.space("main");
  for (let i = 1; i <= 40; i++) {
    await main.add("fails", [i], { repeatElsewhere: true });
    const { value } = await main.get("fails");
    assert.equal(value.length, i, "reads its writes");
    await new Promise((done) => setTimeout(done, 25));
  }
}

const [{ seen, nodes }] = await Promise.all([see(), count()]);
assert.deepEqual(seen, Array.from({ length: ROUNDS }, (_, i) => [key(i), i]), "each change once, in order");
assert.deepEqual([...nodes], [one, two], "on two nodes");
console.log("each change once, in order, on two nodes");
