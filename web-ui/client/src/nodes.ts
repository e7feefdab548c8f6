// Requests that go on at the next node when one does not answer.
import { Problem, problemOf } from "./problem.js";

export interface Settings {
  /**
   * Where nodes are, like `http://127.0.0.1:7410`. In a browser `[""]`, the default: the node the page
   * came from. A browser reaches no other one, for nodes allow no other origin's pages; so only
   * programs fail over.
   */
  nodes?: readonly string[];
  /** A bearer token. In a browser leave it out and sign in: the cookie goes along by itself. */
  token?: string;
  /** How long one node may take to answer, beyond what it was asked to wait; 10 000. */
  answerMillis?: number;
  /** How long a node that failed is asked last; 5 000. */
  shunMillis?: number;
  fetch?: typeof fetch;
}

export interface Ask {
  method?: string;
  path: string;
  headers?: Record<string, string>;
  body?: string;
  signal?: AbortSignal | undefined;
  /** How long the node was asked to wait. */
  waitMillis?: number;
}

export interface Answered {
  node: string;
  status: number;
  text: string;
}

/** A silence this long means that a stream is broken (docs/watch.md). */
export const SILENCE_MILLIS = 20_000;

export class Nodes {
  readonly all: readonly string[];
  readonly #failed = new Map<string, number>();
  readonly #settings: Settings;
  #preferred = 0;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.all = (settings.nodes ?? [""]).map((url) => url.replace(/\/+$/, ""));
    if (this.all.length === 0) throw new TypeError("a client needs at least one node");
  }

  /** The nodes to ask, in order: the one that answered last, then the others, then those that failed. */
  order(): string[] {
    const now = Date.now();
    const turned = [...this.all.slice(this.#preferred), ...this.all.slice(0, this.#preferred)];
    const failed = (node: string) => now - (this.#failed.get(node) ?? -Infinity) < (this.#settings.shunMillis ?? 5_000);
    return [...turned.filter((node) => !failed(node)), ...turned.filter(failed)];
  }

  prefer(node: string): void {
    this.#preferred = Math.max(0, this.all.indexOf(node));
    this.#failed.delete(node);
  }

  avoid(node: string): void {
    this.#failed.set(node, Date.now());
  }

  /** Asks nodes one after the other, each once, while `goesOn` says that the next may be asked. */
  async ask(given: Ask | ((node: string) => Ask | Promise<Ask>), goesOn: (problem: Problem) => boolean = (problem) => problem.isPassing): Promise<Answered> {
    let last: Problem | null = null;
    for (const node of this.order()) {
      try {
        const ask = typeof given === "function" ? await given(node) : given;
        const answered = await this.askOne(node, ask);
        this.prefer(node);
        return answered;
      } catch (failed) {
        if (!(failed instanceof Problem)) throw failed;
        if (failed.kind === "no-answer" || failed.kind === "no-node" || failed.kind === "unavailable") this.avoid(node);
        last = failed;
        if (!goesOn(failed)) throw failed;
      }
    }
    throw last;
  }

  /** Asks one node; throws a Problem for anything but a good answer. */
  async askOne(node: string, ask: Ask): Promise<Answered> {
    const limit = AbortSignal.timeout((this.#settings.answerMillis ?? 10_000) + (ask.waitMillis ?? 0));
    const signal = ask.signal ? AbortSignal.any([ask.signal, limit]) : limit;
    try {
      const answer = await this.#fetch(node, ask, signal);
      const text = await answer.text();
      if (!answer.ok) throw problemOf(answer.status, text, node);
      return { node, status: answer.status, text };
    } catch (cause) {
      if (cause instanceof Problem || ask.signal?.aborted) throw cause;
      throw noAnswer(node, cause);
    }
  }

  /** Opens a stream on one node. */
  async open(node: string, ask: Ask): Promise<ReadableStream<Uint8Array>> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), this.#settings.answerMillis ?? 10_000);
    const signal = ask.signal ? AbortSignal.any([ask.signal, late.signal]) : late.signal;
    try {
      const answer = await this.#fetch(node, ask, signal);
      if (!answer.ok) throw problemOf(answer.status, await answer.text(), node);
      if (!answer.body) throw new Problem({ kind: "no-node", node, detail: `${node} answered a watch without a stream.` });
      return answer.body;
    } catch (cause) {
      if (cause instanceof Problem || ask.signal?.aborted) throw cause;
      throw noAnswer(node, cause);
    } finally {
      clearTimeout(timer);
    }
  }

  #fetch(node: string, ask: Ask, signal: AbortSignal): Promise<Response> {
    const headers: Record<string, string> = { Accept: "application/json", ...ask.headers };
    if (this.#settings.token) headers["Authorization"] = `Bearer ${this.#settings.token}`;
    if (ask.body !== undefined) headers["Content-Type"] = "application/json";
    const go = this.#settings.fetch ?? fetch;
    return go(node + ask.path, { method: ask.method ?? "GET", headers, body: ask.body ?? null, credentials: "same-origin", signal });
  }
}

// Refused before anything was sent. Browsers do not say, so there the outcome stays open.
const UNSENT = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "UND_ERR_CONNECT_TIMEOUT"]);

function noAnswer(node: string, cause: unknown): Problem {
  const code = (cause as { cause?: { code?: string } })?.cause?.code ?? "";
  const where = node === "" ? "This node" : node;
  return new Problem(
    { kind: "no-answer", node, title: "No answer", detail: `${where} does not answer. It may be stopped, or the network is.`, isOpen: !UNSENT.has(code) },
    cause,
  );
}
