// Calls to the node this page came from.
import { parse, print, type Json } from "./json";

export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    detail: string,
  ) {
    super(detail);
  }
}

const WAIT_MILLIS = 20_000;

/** Calls the node; throws a Problem that says what to do. */
export async function call<T>(method: string, path: string, body?: string, token?: string, signal?: AbortSignal): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (token) headers["Starling-Token"] = token;
  const limit = AbortSignal.timeout(WAIT_MILLIS);
  let answer: Response;
  try {
    answer = await fetch(path, {
      method,
      headers,
      body: body ?? null,
      credentials: "same-origin",
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new Problem(0, "No answer", "This node does not answer. It may be stopped, or the network is.");
  }
  const text = await answer.text();
  if (!answer.ok) throw problem(answer.status, text);
  return (text === "" ? undefined : parse(text)) as T;
}

function problem(status: number, text: string): Problem {
  try {
    const told = JSON.parse(text) as { title?: string; detail?: string };
    return new Problem(status, told.title ?? "Refused", told.detail ?? "The node refused without a reason.");
  } catch {
    return new Problem(status, "Refused", `The node answered ${status} without a reason.`);
  }
}

export const get = <T>(path: string, signal?: AbortSignal) => call<T>("GET", path, undefined, undefined, signal);

export function spacePath(space: string): string {
  return `/api/v1/spaces/${encodeURIComponent(space)}`;
}

/** The address of a key's value. Browsers take `.` and `..` for steps, so those are read by list. */
export function keyPath(space: string, key: string): string {
  return `${spacePath(space)}/keys/${encodeURIComponent(key)}`;
}

/** A change somewhere in a key. */
export type Change = { op: string; fields?: string[]; [more: string]: Json | undefined };

export type Mutation = Change & { key: string };

/** Makes a transaction that answers to what a read showed. */
export function transact(space: string, mutations: Mutation[], context?: string): Promise<{ operations: number; token: string }> {
  const defined = mutations.map((one) => Object.fromEntries(Object.entries(one).filter(([, value]) => value !== undefined)));
  return call("POST", `${spacePath(space)}/transactions`, print({ mutations: defined as Json[] }), context);
}
