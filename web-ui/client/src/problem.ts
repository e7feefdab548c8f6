// What goes wrong, as errors with a kind (docs/http-api.md, "What goes wrong").

/** The last part of `urn:starling:problem:…`, and what only a client can notice. */
export type ProblemKind =
  | "malformed"
  | "unauthenticated"
  | "forbidden"
  | "unknown-route"
  | "unknown-space"
  | "unknown-key"
  | "method-not-allowed"
  | "slow-body"
  | "type-mismatch"
  | "level-unreachable"
  | "stale-read"
  | "foreign-token"
  | "body-too-large"
  | "value-too-large"
  | "transaction-too-large"
  | "media-type"
  | "upgrade-needed"
  | "foreign-host"
  | "invalid"
  | "exhausted"
  | "bug"
  /** A write of which the node itself does not know whether it was stored. */
  | "outcome-unknown"
  | "not-yet"
  | "unavailable"
  /** No node answered, or the answer broke off. */
  | "no-answer"
  /** What answered does not speak as a node does. */
  | "no-node"
  /** A snapshot or a group of changes is larger than this client was told to hold. */
  | "too-much-held";

export interface Told {
  kind: ProblemKind;
  status?: number;
  title?: string;
  detail: string;
  node?: string;
  isOpen?: boolean;
  idempotencyKey?: string;
}

/** A refusal or failure. `message` says what to do. */
export class Problem extends Error {
  readonly kind: ProblemKind;
  /** Of HTTP; 0 if there was no answer. */
  readonly status: number;
  readonly title: string;
  /** The node that refused, or was asked last; of an open write, the one that may have made it. */
  readonly node: string;
  /** Whether a write may or may not have been made. Send it again with `idempotencyKey`. */
  readonly isOpen: boolean;
  readonly idempotencyKey: string | undefined;

  constructor(told: Told, cause?: unknown) {
    super(told.detail, cause === undefined ? undefined : { cause });
    this.name = "Problem";
    this.kind = told.kind;
    this.status = told.status ?? 0;
    this.title = told.title ?? "Refused";
    this.node = told.node ?? "";
    this.isOpen = told.isOpen ?? false;
    this.idempotencyKey = told.idempotencyKey;
  }

  /** Whether another node, or the same one later, may well do it. */
  get isPassing(): boolean {
    return ["no-answer", "no-node", "not-yet", "unavailable", "exhausted", "slow-body", "outcome-unknown"].includes(this.kind);
  }
}

const PREFIX = "urn:starling:problem:";

/** The problem that an answer tells of. */
export function problemOf(status: number, text: string, node: string): Problem {
  let told: { type?: unknown; title?: unknown; detail?: unknown } = {};
  try {
    told = JSON.parse(text) as typeof told;
  } catch {
    // Not from a node, but of what stands between, which may have passed it on; said below.
  }
  if (typeof told?.type !== "string" || !told.type.startsWith(PREFIX)) {
    return new Problem({ kind: "no-node", status, node, title: "Not a node", detail: `${node || "The server"} answered ${status}, and not as a node does.`, isOpen: status >= 500 });
  }
  const kind = told.type.slice(PREFIX.length) as ProblemKind;
  return new Problem({
    kind,
    status,
    node,
    title: String(told.title ?? "Refused"),
    detail: String(told.detail ?? "The node refused without a reason."),
    // The last is said of a write that waited too long for the disk; all else that is refused was not made.
    isOpen: kind === "outcome-unknown" || kind === "bug" || (status >= 500 && /may or may not/.test(String(told.detail))),
  });
}
