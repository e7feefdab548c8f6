// What a program has seen, so that no later read shows less.

/**
 * The latest token of each node. A node's vector only grows, so its latest token covers its earlier
 * ones; tokens of different nodes may each hold what the other lacks, and a client cannot join them.
 * So a read on one node waits for the tokens of the others, after which its own covers them all.
 */
export class Session {
  readonly #tokens = new Map<string, string>();

  /** What a node must have applied before its read shows all that was seen. */
  needs(node: string): string[] {
    return [...this.#tokens].filter(([of]) => of !== node).map(([, token]) => token);
  }

  /** A node's own token, which it has unless it lost its store. */
  of(node: string): string | undefined {
    return this.#tokens.get(node);
  }

  wrote(node: string, token: string): void {
    this.#tokens.set(node, token);
  }

  /** A read that waited for all that is needed covers it. */
  read(node: string, token: string, waitedFor: readonly string[]): void {
    for (const [of, held] of this.#tokens) {
      if (waitedFor.includes(held)) this.#tokens.delete(of);
    }
    this.#tokens.set(node, token);
  }

  /** To hand on: another client that reads after all of these sees what this one has. */
  tokens(): string[] {
    return [...this.#tokens.values()];
  }

  /** Takes on what another client has seen. */
  follow(tokens: readonly string[]): void {
    for (const token of tokens) this.#tokens.set(`handed on: ${token}`, token);
  }
}
