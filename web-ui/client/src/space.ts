// A space: reads, transactions, watches.
import { parse, print, type Input, type Json } from "./json.js";
import type { Acknowledged, Durability, Entry, FlagWins, Mutation, Page, Reading, Rule, SetWins, Written } from "./model.js";
import type { Answered, Ask, Nodes } from "./nodes.js";
import { Problem } from "./problem.js";
import { Session, type Start } from "./session.js";
import { watch, type Group, type WatchOptions } from "./watch.js";

export interface ReadOptions {
  fields?: readonly string[];
  form?: "value" | "view";
  /** How many elements of each set, 1 to 10 000. */
  elements?: number;
  /** A page of the set at this place: the elements after this one. */
  after?: Input;
  /** How long the node may wait for what was seen before; 5 000, at most 60 000. */
  waitMillis?: number;
  signal?: AbortSignal | undefined;
}

export interface Query {
  key: string;
  fields?: readonly string[];
  elements?: number;
  after?: Input;
}

export interface ListOptions {
  prefix?: string;
  after?: string;
  /** Of one page, 1 to 1 000. */
  limit?: number;
  form?: "none" | "value" | "view";
  elements?: number;
  waitMillis?: number;
  signal?: AbortSignal | undefined;
}

export interface WriteOptions {
  /**
   * The token of the read that showed what this answers to: only that is replaced. Never the token of
   * a write or of another read, which cover what was not seen. Without one the write answers to all
   * that the node has applied.
   */
  context?: string | undefined;
  /** Makes it only if none of its keys has changed on the node since this token, else `stale-read`. */
  ifUnchanged?: string;
  durability?: Durability;
  /** For a write that is sent again by another call; else each call makes its own. */
  idempotencyKey?: string;
  /**
   * Whether a write whose answer was lost may be sent to another node. It may then be made twice, as two
   * concurrent writes: harmless for a set's elements or a flag, not for a counter. False.
   */
  repeatElsewhere?: boolean;
  waitMillis?: number;
  signal?: AbortSignal | undefined;
}

const WAIT_MILLIS = 5_000;
const REPEATS = 2;

export class Space {
  readonly #path: string;

  constructor(
    readonly name: string,
    private readonly nodes: Nodes,
    readonly session: Session = new Session(),
  ) {
    this.#path = `/api/v1/spaces/${encodeURIComponent(name)}`;
  }

  /** What is at a place; null if nothing is. Shows at least what this client has seen and written. */
  async get(key: string, options: ReadOptions = {}): Promise<Reading | null> {
    // Addresses have steps, and `.` and `..` are some.
    if (key === "." || key === "..") return (await this.getAll([{ key, ...options }], options)).readings[0] ?? null;
    const query = parameters({ form: options.form, elements: options.elements, after: options.after === undefined ? undefined : print(options.after) });
    options.fields?.forEach((field) => query.append("field", field));
    try {
      return await this.#read<Reading>(`${this.#path}/keys/${encodeURIComponent(key)}?${query}`, options);
    } catch (failed) {
      if (failed instanceof Problem && failed.kind === "unknown-key") return null;
      throw failed;
    }
  }

  /** Up to 1 000 places at one cut, in the order asked; what is not there is null. */
  async getAll(queries: readonly (string | Query)[], options: Pick<ReadOptions, "form" | "waitMillis" | "signal"> = {}): Promise<{ readings: (Reading | null)[]; token: string }> {
    const asked = queries.map((query) => (typeof query === "string" ? { key: query } : only(query, ["key", "fields", "elements", "after"])));
    const body = print({ queries: asked as unknown as Input, form: options.form });
    const found = await this.#read<{ readings: Entry[]; token: string }>(`${this.#path}/reads`, options, body);
    const readings = found.readings.map((entry) => (entry.type === "absent" ? null : { ...entry, token: found.token }));
    return { readings, token: found.token };
  }

  /** One page of keys. */
  page(options: ListOptions = {}): Promise<Page> {
    const query = parameters({ prefix: options.prefix, after: options.after, limit: options.limit, form: options.form, elements: options.elements });
    return this.#read<Page>(`${this.#path}/keys?${query}`, options);
  }

  /** All keys in order, page by page, by seek; each page shows at least what the one before did. */
  async *keys(options: ListOptions = {}): AsyncGenerator<Entry, void, undefined> {
    let after = options.after;
    for (;;) {
      const page = await this.page({ ...options, ...(after === undefined ? {} : { after }) });
      yield* page.keys;
      after = page.keys[page.keys.length - 1]?.key;
      if (!page.more || after === undefined) return;
    }
  }

  /** Groups of changes, across nodes; see `Group`. */
  watch(options: WatchOptions = {}): AsyncGenerator<Group, void, undefined> {
    return watch(this.nodes, this.#path, options);
  }

  /**
   * Makes all of it or nothing. If the answer is lost it is sent to the same node again, under the same
   * name, so it is not made twice; if that fails too, a Problem says that the outcome is open.
   */
  async transact(mutations: readonly Mutation[], options: WriteOptions = {}): Promise<Written> {
    const idempotencyKey = options.idempotencyKey ?? crypto.randomUUID();
    const waitMillis = options.waitMillis ?? WAIT_MILLIS;
    const headers: Record<string, string> = { "Idempotency-Key": idempotencyKey, "Starling-Wait": `${waitMillis}ms` };
    if (options.context !== undefined) headers["Starling-Token"] = options.context;
    if (options.ifUnchanged !== undefined) headers["If-Match"] = `"${options.ifUnchanged}"`;
    if (options.durability !== undefined) headers["Starling-Durability"] = String(options.durability);
    const body = print({ mutations: mutations as unknown as Input });
    const ask = { method: "POST", path: `${this.#path}/transactions`, headers, body, signal: options.signal, waitMillis };
    let start = this.session.begin("");
    // The node that may have made it, if one may.
    let doubted: string | null = null;
    try {
      const answered = await this.nodes.ask(
        (node) => {
          start = this.session.begin(node);
          return ask;
        },
        (problem) => {
          if (problem.isOpen) doubted = problem.node;
          return problem.isPassing && (!problem.isOpen || options.repeatElsewhere === true);
        },
      );
      return this.#written(start, answered);
    } catch (failed) {
      if (!(failed instanceof Problem)) throw failed;
      if (failed.isOpen && !options.repeatElsewhere) return await this.#again(failed, ask, idempotencyKey);
      throw failed.isOpen || doubted !== null ? open(failed, idempotencyKey, doubted ?? failed.node) : failed;
    }
  }

  // The node remembers by name what it made. It was silent a moment ago, so it gets a little time.
  async #again(first: Problem, ask: Ask, idempotencyKey: string): Promise<Written> {
    let last = first;
    for (let repeat = 1; repeat <= REPEATS; repeat++) {
      await new Promise((done) => setTimeout(done, 200 * repeat));
      try {
        const start = this.session.begin(first.node);
        return this.#written(start, await this.nodes.askOne(first.node, ask));
      } catch (failed) {
        if (!(failed instanceof Problem)) throw failed;
        last = failed;
        // A refusal to look is no answer to whether it was made.
        if (!failed.isPassing) break;
      }
    }
    throw open(last, idempotencyKey, first.node);
  }

  set(key: string, value: Input, options: WriteOptions & { fields?: readonly string[]; rule?: Rule } = {}): Promise<Written> {
    return this.transact([{ op: "set", key, value, ...place(options), ...(options.rule ? { rule: options.rule } : {}) }], options);
  }

  increment(key: string, amount: number | bigint = 1, options: WriteOptions & { fields?: readonly string[] } = {}): Promise<Written> {
    return this.transact([{ op: "increment", key, amount: String(amount), ...place(options) }], options);
  }

  /** Enables or disables a flag; `wins` is the same with each change of it. */
  flag(key: string, enabled: boolean, options: WriteOptions & { fields?: readonly string[]; wins?: FlagWins } = {}): Promise<Written> {
    return this.transact([{ op: "flag", key, enabled, ...place(options), ...(options.wins ? { wins: options.wins } : {}) }], options);
  }

  /** Adds elements to a set; `wins` is the same with each change of it. */
  add(key: string, elements: readonly Input[], options: WriteOptions & { fields?: readonly string[]; wins?: SetWins } = {}): Promise<Written> {
    return this.transact([{ op: "add", key, elements, ...place(options), ...(options.wins ? { wins: options.wins } : {}) }], options);
  }

  removeElements(key: string, elements: readonly Input[], options: WriteOptions & { fields?: readonly string[]; wins?: SetWins } = {}): Promise<Written> {
    return this.transact([{ op: "removeElements", key, elements, ...place(options), ...(options.wins ? { wins: options.wins } : {}) }], options);
  }

  merge(key: string, patch: { readonly [name: string]: Input }, options: WriteOptions & { fields?: readonly string[]; nullRemoves?: boolean } = {}): Promise<Written> {
    return this.transact([{ op: "merge", key, patch, ...place(options), ...(options.nullRemoves ? { nullRemoves: true } : {}) }], options);
  }

  remove(key: string, options: WriteOptions & { fields?: readonly string[] } = {}): Promise<Written> {
    return this.transact([{ op: "remove", key, ...place(options) }], options);
  }

  /** Takes a counter back by what a reading showed, and no more. */
  reset(key: string, seen: Reading, options: WriteOptions & { fields?: readonly string[] } = {}): Promise<Written> {
    if (seen.view?.type !== "counter") throw new TypeError("a counter is reset by a reading of it, with form: \"view\"");
    return this.transact([{ op: "reset", key, seen: seen.view.shares, ...place(options) }], { context: seen.token, ...options });
  }

  /** Asks members to sign for what a token covers, and all before it. */
  async acknowledge(token: string, durability: Durability, options: { waitMillis?: number; signal?: AbortSignal } = {}): Promise<Acknowledged> {
    const waitMillis = options.waitMillis ?? WAIT_MILLIS;
    const answered = await this.nodes.ask({
      method: "POST",
      path: `${this.#path}/receipts`,
      headers: { "Starling-Wait": `${waitMillis}ms` },
      body: print({ token, durability: String(durability) }),
      signal: options.signal,
      waitMillis,
    });
    return (told(answered) as unknown as { durability: Acknowledged }).durability;
  }

  #written(start: Start, answered: Answered): Written {
    const written = told(answered) as unknown as Written;
    this.session.wrote(start, written.token);
    return written;
  }

  async #read<T extends { token: string }>(path: string, options: { waitMillis?: number; signal?: AbortSignal | undefined }, body?: string): Promise<T> {
    const waitMillis = options.waitMillis ?? WAIT_MILLIS;
    const wait = { "Starling-Wait": `${waitMillis}ms` };
    let start = this.session.begin("");
    const answered = await this.nodes.ask(async (node) => {
      start = this.session.begin(node);
      // A request carries one token; a node that has waited for it has it from then on.
      for (const token of start.awaited.slice(1)) {
        await this.nodes.askOne(node, { path: `${this.#path}/keys?limit=1`, headers: { "Starling-Token": token, ...wait }, signal: options.signal, waitMillis });
      }
      const token = start.awaited[0];
      return { ...(body === undefined ? {} : { method: "POST", body }), path, headers: { ...wait, ...(token ? { "Starling-Token": token } : {}) }, signal: options.signal, waitMillis };
    });
    const found = told(answered) as unknown as T;
    this.session.read(start, found.token);
    return found;
  }
}

function told(answered: Answered): Json {
  try {
    return parse(answered.text);
  } catch (noJson) {
    if (!(noJson instanceof SyntaxError)) throw noJson;
    throw new Problem({ kind: "no-node", status: answered.status, node: answered.node, title: "Not a node", detail: `${answered.node || "The server"} answered, and not as a node does.`, isOpen: true }, noJson);
  }
}

function open(failed: Problem, idempotencyKey: string, node: string): Problem {
  return new Problem(
    {
      kind: failed.kind,
      status: failed.status,
      title: failed.title,
      node,
      detail: `${failed.message} The write may or may not be made: send it again with the same idempotency key, to ${node || "the same node"} first.`,
      isOpen: true,
      idempotencyKey,
    },
    failed,
  );
}

function place(options: { fields?: readonly string[] }): { fields?: readonly string[] } {
  return options.fields && options.fields.length > 0 ? { fields: options.fields } : {};
}

function parameters(given: Record<string, string | number | undefined>): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(given)) if (value !== undefined) query.set(name, String(value));
  return query;
}

function only(query: Query, names: readonly (keyof Query)[]): Query {
  return Object.fromEntries(names.filter((name) => query[name] !== undefined).map((name) => [name, query[name]])) as unknown as Query;
}
