import { useCallback, useEffect, useState } from "preact/hooks";
import type { SpaceEntry } from "../../client/src/index.js";
import { As } from "../parts/As";
import { Empty, Foreign } from "../parts/bits";
import { node, Problem } from "../lib/api";
import { creatingSpace, listing, watching } from "../lib/commands";
import { count, duration } from "../lib/format";
import { useCalm, useNow, useWatch, type Watched } from "../lib/live";
import { dataLink, go, type Route } from "../lib/route";
import type { NodeStatus } from "../lib/status";
import { KeyList } from "./KeyList";
import { KeyPage } from "./KeyPage";

type DataRoute = Extract<Route, { page: "data" }>;

/** Whether the keys below follow what changes; if not, since when. */
function Live({ watched: { state, lostAt } }: { watched: Watched }) {
  const now = useNow();
  if (lostAt !== null) return <span class="live broken">not live for {duration(now - lostAt)}, trying again…</span>;
  return <span class={`live ${state}`}>{state === "live" ? "live" : state === "broken" ? "not live, trying again…" : "connecting…"}</span>;
}

export function Data({ route, status, role }: { route: DataRoute; status: NodeStatus | null; role: string | null }) {
  const { space, prefix, key } = route;
  const [spaces, setSpaces] = useState<SpaceEntry[] | null>(null);
  const [listed, setListed] = useState(0);
  const [opened, setOpened] = useState(0);
  const load = useCallback(async () => {
    try {
      setSpaces(await node.spaces());
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
    }
  }, []);
  useEffect(() => void load(), [load]);
  const relist = useCalm(() => {
    setListed((times) => times + 1);
    void load();
  }, 300);
  const reopen = useCalm(() => setOpened((times) => times + 1), 120);
  const scope = key === null ? prefix : common(prefix, key);
  const watched = useWatch(space, scope, (keys) => {
    if (keys === null || keys.some((changed) => changed.startsWith(prefix))) relist();
    if (keys === null || (key !== null && keys.includes(key))) reopen();
  });
  const entry = spaces?.find((one) => one.name === space);
  const known = spaces === null || entry !== undefined;
  return (
    <div class={`data${key === null ? "" : " with-key"}`}>
      <aside class="spaces">
        <Spaces spaces={spaces ?? []} chosen={space} changed={load} role={role} />
      </aside>
      {known ? (
        <>
          <section class="keys-pane" aria-label="Keys">
            <div class="live-line">
              <Live watched={watched} />
              <As
                actions={() => [
                  ["List these keys", listing(location.origin, space, prefix)],
                  ["Watch them", watching(location.origin, space, prefix)],
                ]}
              />
            </div>
            {entry && !entry.writable && (
              <p class="read-only" role="note">
                You can read here, not write: {role ? `your role is ${role}` : "your role does not allow it"}. {space === "_system" ? "Only administrators write to _system." : "An administrator can make a token for a writer."}
              </p>
            )}
            <KeyList key={space} space={space} prefix={prefix} opened={key} version={listed} writable={entry?.writable ?? false} />
          </section>
          <section class="value-pane" aria-label="Value">
            {key === null ? (
              <Empty title="No key is open">Choose one from the list to see its value, who wrote it, and whether anyone disagrees.</Empty>
            ) : (
              <KeyPage key={`${space}|${key}`} space={space} prefix={prefix} name={key} version={opened} writable={entry?.writable ?? false} status={status} />
            )}
          </section>
        </>
      ) : (
        <Empty title="No such space on this node">
          There is no <Foreign text={space} /> here, or your role does not let you see it. If it was just created elsewhere, it comes as soon as the news does.
        </Empty>
      )}
    </div>
  );
}

function common(a: string, b: string): string {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  const text = a.slice(0, length);
  // Never cut a pair of surrogates in two.
  return /[\ud800-\udbff]$/.test(text) ? text.slice(0, -1) : text;
}

function Spaces({ spaces, chosen, changed, role }: { spaces: SpaceEntry[]; chosen: string; changed: () => Promise<void>; role: string | null }) {
  const [name, setName] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const create = async (event: Event) => {
    event.preventDefault();
    try {
      await node.createSpace(name);
      setProblem(null);
      setName("");
      await changed();
      go(dataLink(name));
    } catch (refused) {
      if (!(refused instanceof Problem)) throw refused;
      setProblem(refused.message);
    }
  };
  return (
    <>
      <h2>Spaces</h2>
      <ul>
        {spaces.map((space) => (
          <li key={space.id}>
            <a href={dataLink(space.name)} aria-current={space.name === chosen ? "page" : undefined}>
              <Foreign text={space.name} />
              <span class="faint number" title="cells">
                {count(space.cells)}
              </span>
            </a>
          </li>
        ))}
      </ul>
      {role === "admin" && <details>
        <summary>New space</summary>
        <form onSubmit={(event) => void create(event)}>
          <label for="space-name">Name</label>
          <input
            id="space-name"
            value={name}
            required
            maxLength={64}
            pattern="[a-z0-9.\-][a-z0-9._\-]*"
            title="a-z, 0-9, - _ . and not beginning with _"
            onInput={(event) => setName(event.currentTarget.value)}
          />
          {problem && (
            <p class="problem" role="alert">
              {problem}
            </p>
          )}
          <button type="submit">Create</button>
          <As actions={() => [["Create this space", creatingSpace(location.origin, name || "NAME")]]} />
        </form>
      </details>}
    </>
  );
}
