// The client of a Starling cluster, for browsers and Node.js 20 or later. No dependency.
// docs/typescript-client.md is its page.
export { Exact, parse, print, same, type Input, type Json } from "./json.js";
export type { Acknowledged, Assignment, Durability, Entry, FlagWins, Mutation, Page, Reading, Rule, SetWins, Share, View, Written } from "./model.js";
export { Nodes, type Settings } from "./nodes.js";
export { Problem, problemOf, type ProblemKind } from "./problem.js";
export { Session } from "./session.js";
export { Space, type ListOptions, type Query, type ReadOptions, type WriteOptions } from "./space.js";
export { Starling, type SpaceEntry } from "./starling.js";
export { type Group, type WatchOptions } from "./watch.js";
