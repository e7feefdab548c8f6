import { useEffect, useState } from "preact/hooks";
import { As, OpenedKey, type Named } from "../parts/As";
import { Badge, Empty, Foreign, Notice } from "../parts/bits";
import { Problem, space as spaceOf, transact, type Mutation } from "../lib/api";
import { reading as readingOf, watching, writing } from "../lib/commands";
import { plural } from "../lib/format";
import type { Json } from "../lib/json";
import { dataLink } from "../lib/route";
import type { NodeStatus } from "../lib/status";
import { conflicts, type Reading, type View } from "../lib/views";
import { ViewOf, type Edit } from "./ViewOf";

const ELEMENTS = 200;

interface Properties {
  space: string;
  prefix: string;
  name: string;
  version: number;
  writable: boolean;
  status: NodeStatus | null;
}

export function KeyPage({ space, prefix, name, version, writable, status }: Properties) {
  const [reading, setReading] = useState<Reading | null>(null);
  const [gone, setGone] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [refused, setRefused] = useState<string | null>(null);
  const [again, setAgain] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    spaceOf(space)
      .get(name, { form: "view", elements: ELEMENTS, signal: stop.signal })
      .then((found) => {
        setGone(found === null);
        if (found) setReading(found);
        setProblem(null);
      })
      .catch((failed: unknown) => {
        if (stop.signal.aborted) return;
        if (!(failed instanceof Problem)) throw failed;
        setProblem(failed);
      });
    return () => stop.abort();
  }, [space, name, version, again]);

  // The edit answers to what is on screen: its context is the token of this very read, so what was
  // written meanwhile, unseen, is not overwritten but stands beside it.
  const edit: Edit = async (...changes) => {
    try {
      const mutations = changes.map((change) => ({ key: name, ...change }) as unknown as Mutation);
      await transact(space, mutations, reading?.token);
      setRefused(null);
      setAgain((times) => times + 1);
      return true;
    } catch (failed) {
      if (!(failed instanceof Problem)) throw failed;
      setRefused(failed.message);
      return false;
    }
  };
  const more = (fields: string[], after: Json) => pageOf(space, name, fields, after);
  return (
    <OpenedKey.Provider value={{ space, key: name, token: reading?.token }}>
    <article class="key-page">
      <Head space={space} prefix={prefix} name={name} reading={gone ? null : reading} remove={writable && reading && !gone ? () => edit({ op: "remove" }) : null} />
      {refused && (
        <Notice level="warn" onClose={() => setRefused(null)}>
          <Foreign text={refused} />
        </Notice>
      )}
      {gone && <Empty title="Nothing is at this key">It was removed, or never written. If someone writes it, it shows up here.</Empty>}
      {problem && !gone && (
        <Notice level="bad">
          <Foreign text={problem.message} />
        </Notice>
      )}
      {reading?.view && !gone && <ViewOf view={reading.view} fields={[]} edit={writable ? edit : null} more={more} status={status} />}
    </article>
    </OpenedKey.Provider>
  );
}

async function pageOf(space: string, name: string, fields: string[], after: Json): Promise<Extract<View, { type: "set" }>> {
  const reading = await spaceOf(space).get(name, { fields, form: "view", elements: ELEMENTS, after });
  return reading?.view?.type === "set" ? reading.view : { type: "set", wins: "add", elements: [], more: false };
}

function Head({ space, prefix, name, reading, remove }: { space: string; prefix: string; name: string; reading: Reading | null; remove: (() => Promise<boolean>) | null }) {
  const [asking, setAsking] = useState(false);
  const disputed = reading?.view ? conflicts(reading.view) : 0;
  return (
    <header class="key-head">
      <a class="back" href={dataLink(space, prefix)}>
        ← Keys
      </a>
      <Crumbs space={space} name={name} />
      <div class="key-facts">
        {reading && <Badge kind={reading.type?.includes("+") ? "conflict" : (reading.type ?? "")}>{reading.type}</Badge>}
        {disputed > 0 && <Badge kind="conflict">{plural(disputed, "place")} with concurrent values</Badge>}
        <span class="grow" />
        <As
          actions={() => [
            ["Read it", readingOf(location.origin, space, name)],
            ["Watch it", watching(location.origin, space, name)],
            ...(remove ? [["Remove it", writing(location.origin, space, name, [{ op: "remove" }], reading?.token)] as Named] : []),
          ]}
        />
        {remove && !asking && (
          <button type="button" class="quiet" onClick={() => setAsking(true)}>
            Remove…
          </button>
        )}
        {remove && asking && (
          <>
            <span>Remove it, as far as you see it here?</span>
            <button type="button" class="danger" onClick={() => void remove().then(() => setAsking(false))}>
              Remove
            </button>
            <button type="button" onClick={() => setAsking(false)}>
              Keep
            </button>
          </>
        )}
      </div>
    </header>
  );
}

/** The key, each collection it lies in a link. */
function Crumbs({ space, name }: { space: string; name: string }) {
  const parts = name.split("/");
  let path = "";
  return (
    <h2 class="crumbs mono">
      {parts.map((part, i) => {
        if (i === parts.length - 1) return <Foreign key={i} text={part === "" ? "/" : part} mono />;
        path += `${part}/`;
        return (
          <span key={i}>
            <a href={dataLink(space, path)}>
              <Foreign text={part} mono />
            </a>
            <span class="faint">/</span>
          </span>
        );
      })}
    </h2>
  );
}
