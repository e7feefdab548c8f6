// Server-sent events from a byte stream, as the HTML standard has them.
import { SILENCE_MILLIS } from "./nodes.js";
import { Problem } from "./problem.js";

export interface ServerEvent {
  name: string;
  id: string;
  data: string;
}

// An event of a node has at most 64 KiB of value beside a key; more is no event of a node.
const EVENT_CHARACTERS_MAX = 1024 * 1024;

/** Events as they come. Ends when the stream ends; throws when it is silent for too long. */
export async function* events(stream: ReadableStream<Uint8Array>, silenceMillis = SILENCE_MILLIS): AsyncGenerator<ServerEvent> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  const parser = new EventParser();
  try {
    for (;;) {
      const { done, value } = await within(silenceMillis, reader.read());
      if (done) return;
      yield* parser.take(decoder.decode(value, { stream: true }));
    }
  } finally {
    // Nobody waits for what the other side makes of it.
    reader.cancel().catch(() => undefined);
  }
}

function within<T>(millis: number, what: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Problem({ kind: "no-answer", detail: `The stream was silent for ${millis / 1000} seconds.` })), millis);
    what.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** Cuts text into events, wherever the pieces of it end. */
export class EventParser {
  #rest = "";
  #name = "";
  #id = "";
  #data: string[] = [];
  #held = 0;

  *take(text: string): Generator<ServerEvent> {
    this.#rest += text;
    let from = 0;
    for (;;) {
      const end = this.#lineEnd(from);
      if (end === null) break;
      const event = this.#line(this.#rest.slice(from, end.at));
      from = end.next;
      if (event) yield event;
    }
    this.#rest = this.#rest.slice(from);
    if (this.#rest.length + this.#held > EVENT_CHARACTERS_MAX) {
      throw new Problem({ kind: "no-node", detail: `An event is longer than ${EVENT_CHARACTERS_MAX} characters: this is no node's stream.` });
    }
  }

  // A line ends with \n, \r\n or \r; a \r that is last may be half of an end.
  #lineEnd(from: number): { at: number; next: number } | null {
    for (let at = from; at < this.#rest.length; at++) {
      const character = this.#rest[at];
      if (character === "\n") return { at, next: at + 1 };
      if (character === "\r") {
        if (at + 1 === this.#rest.length) return null;
        return { at, next: this.#rest[at + 1] === "\n" ? at + 2 : at + 1 };
      }
    }
    return null;
  }

  #line(line: string): ServerEvent | null {
    if (line === "") {
      const event = { name: this.#name || "message", id: this.#id, data: this.#data.join("\n") };
      const hasData = this.#data.length > 0;
      this.#name = "";
      this.#data = [];
      this.#held = 0;
      return hasData ? event : null;
    }
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    this.#held += line.length;
    if (field === "event") this.#name = value;
    else if (field === "data") this.#data.push(value);
    else if (field === "id" && !value.includes("\0")) this.#id = value;
    return null;
  }
}
