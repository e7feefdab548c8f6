// Calls to the node this page came from: a browser reaches no other.
import { Space, Starling, Session, type Mutation, type Written } from "../../client/src/index.js";
import { parse, type Json } from "./json";

export { Problem, type Mutation } from "../../client/src/index.js";

export const node = new Starling({ answerMillis: 20_000 });

/** A space for one read or write: what is on a page needs no session, for it comes from one node. */
export const space = (name: string): Space => node.space(name, new Session());

/** Calls the node; throws a Problem that says what to do. */
export function call<T>(method: string, path: string, body?: string, signal?: AbortSignal): Promise<T> {
  return node.call<T>(method, path, body === undefined ? undefined : parse(body), signal);
}

export const get = <T>(path: string, signal?: AbortSignal) => call<T>("GET", path, undefined, signal);

/** A change somewhere in a key. */
export type Change = { op: Mutation["op"]; fields?: string[]; [more: string]: Json | undefined };

/** Makes a transaction that answers to what a read showed. */
export function transact(name: string, mutations: readonly Mutation[], context?: string): Promise<Written> {
  return space(name).transact(mutations, { context });
}
