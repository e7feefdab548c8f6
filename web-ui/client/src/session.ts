// What a program has seen, so that no later read shows less.

/** Tokens from elsewhere that no read has covered yet; each costs a request. */
const FOLLOWED_MAX = 16;

/** The beginning of a request to a node. */
export interface Start {
  node: string;
  at: number;
  /** What a read has to wait for there. Never empty if anything is held, so that a node that lost its store is noticed. */
  awaited: string[];
}

interface Held {
  token: string;
  /** Null if it came from elsewhere. */
  giver: string | null;
  arrived: number;
}

/**
 * The few tokens that together cover what was seen. Only nodes can join tokens. A node's vector only
 * grows, so what it gives covers what it gave before that request began, and a read that waited for the
 * tokens of others covers all that was held then. What arrived meanwhile, of requests beside it, stays:
 * answers come in any order.
 */
export class Session {
  #held: Held[] = [];
  #clock = 0;

  begin(node: string): Start {
    const others = this.#held.filter((it) => it.giver !== node).map((it) => it.token);
    const own = this.#held.filter((it) => it.giver === node).map((it) => it.token);
    return { node, at: this.#clock, awaited: others.length > 0 ? [...new Set(others)] : own.slice(-1) };
  }

  wrote(start: Start, token: string): void {
    this.#held = this.#held.filter((it) => it.arrived > start.at || it.giver !== start.node);
    this.#hold(token, start.node);
  }

  /** A read that waited for all that it had to covers it. */
  read(start: Start, token: string): void {
    this.#held = this.#held.filter((it) => it.arrived > start.at);
    this.#hold(token, start.node);
  }

  /** To hand on: another client that reads after all of these sees what this one has. */
  tokens(): string[] {
    return [...new Set(this.#held.map((it) => it.token))];
  }

  /** Takes on what another client has seen: 16 tokens at most until a read has made them one. */
  follow(tokens: readonly string[]): void {
    const all = new Set([...this.#held.filter((it) => it.giver === null).map((it) => it.token), ...tokens]);
    if (all.size > FOLLOWED_MAX) throw new RangeError(`${FOLLOWED_MAX} tokens are followed at most: read, which makes them one`);
    for (const token of tokens) this.#hold(token, null);
  }

  #hold(token: string, giver: string | null): void {
    this.#held = this.#held.filter((it) => it.token !== token || it.giver !== giver);
    this.#held.push({ token, giver, arrived: ++this.#clock });
  }
}
