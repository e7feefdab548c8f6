// A cluster, as a program sees it.
import { parse, print, type Json } from "./json.js";
import { Nodes, type Settings } from "./nodes.js";
import type { Session } from "./session.js";
import { Space } from "./space.js";

export interface SpaceEntry {
  name: string;
  id: string;
  cells: number;
  writable: boolean;
}

export class Starling {
  readonly nodes: Nodes;

  constructor(settings: Settings = {}) {
    this.nodes = new Nodes(settings);
  }

  /** A space by its name, with a session of its own or a given one. Asks nobody. */
  space(name: string, session?: Session): Space {
    return new Space(name, this.nodes, session);
  }

  /** The spaces that the caller may read, on the node that answers. */
  async spaces(signal?: AbortSignal): Promise<SpaceEntry[]> {
    return (await this.call<{ spaces: SpaceEntry[] }>("GET", "/api/v1/spaces", undefined, signal)).spaces;
  }

  /** Creates a space; nothing happens if it exists. */
  async createSpace(name: string): Promise<void> {
    await this.call("POST", "/api/v1/spaces", { name });
  }

  /** Any other call of the API (docs/http-api.md), parsed. */
  async call<T>(method: string, path: string, body?: Json, signal?: AbortSignal): Promise<T> {
    const answered = await this.nodes.ask({ method, path, signal, ...(body === undefined ? {} : { body: print(body) }) });
    return (answered.text === "" ? undefined : parse(answered.text)) as T;
  }
}
