import { useEffect, useRef, useState } from "preact/hooks";
import { Badge, Empty, Foreign, Notice } from "../parts/bits";
import { Problem, space as spaceOf } from "../lib/api";
import { print } from "../lib/json";
import { dataLink } from "../lib/route";
import { preview, type Listed, type Page } from "../lib/views";
import { NewKey } from "./NewKey";

const PAGE = 50;

interface Properties {
  space: string;
  prefix: string;
  opened: string | null;
  version: number;
  writable: boolean;
}

export function KeyList({ space, prefix, opened, version, writable }: Properties) {
  // Where each page up to this one begins: paging is by seek, so going back is remembering.
  const [starts, setStarts] = useState<string[]>([""]);
  const [page, setPage] = useState<Page | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const after = starts[starts.length - 1] ?? "";
  useEffect(() => setStarts([""]), [prefix]);
  useEffect(() => {
    const stop = new AbortController();
    const page = spaceOf(space).page({ prefix, after, limit: PAGE, form: "value", elements: 8, signal: stop.signal });
    page.then(
      (found) => {
        setPage(found);
        setProblem(null);
      },
      (refused: unknown) => {
        if (stop.signal.aborted) return;
        setProblem(refused instanceof Problem ? refused.message : String(refused));
      },
    );
    return () => stop.abort();
  }, [space, prefix, after, version]);
  const last = page?.keys[page.keys.length - 1]?.key;
  return (
    <>
      <Filter space={space} prefix={prefix} opened={opened} />
      {problem && <Notice level="bad">{problem}</Notice>}
      {page && page.keys.length === 0 && starts.length === 1 && (
        <Empty title={prefix ? "No key begins like this" : "This space is empty"}>
          {prefix ? "Prefixes are matched exactly, case and all." : "Write the first key below, with the command line, or over the API."}
        </Empty>
      )}
      <ul class="key-list">
        {page?.keys.map((entry) => (
          <li key={entry.key}>
            <Entry space={space} prefix={prefix} entry={entry} open={entry.key === opened} />
          </li>
        ))}
      </ul>
      {page && (starts.length > 1 || page.more) && (
        <nav class="pages" aria-label="Pages of keys">
          <button type="button" disabled={starts.length === 1} onClick={() => setStarts(starts.slice(0, -1))}>
            ← Back
          </button>
          <span class="faint">page {starts.length}</span>
          <button type="button" disabled={!page.more || last === undefined} onClick={() => setStarts([...starts, last ?? ""])}>
            Next →
          </button>
        </nav>
      )}
      {writable && <NewKey space={space} prefix={prefix} />}
    </>
  );
}

function Entry({ space, prefix, entry, open }: { space: string; prefix: string; entry: Listed; open: boolean }) {
  return (
    <a href={dataLink(space, prefix, entry.key)} aria-current={open ? "true" : undefined} data-key={entry.key}>
      <span class="key-name">
        <Foreign text={entry.key} mono />
      </span>
      {entry.type && <Badge kind={entry.type.includes("+") ? "conflict" : entry.type}>{entry.type}</Badge>}
      <span class="preview faint">
        {entry.tooLarge ? "too large to show here" : entry.value === undefined ? "" : <Foreign text={preview(entry.value, print)} />}
      </span>
    </a>
  );
}

function Filter({ space, prefix, opened }: { space: string; prefix: string; opened: string | null }) {
  const [typed, setTyped] = useState(prefix);
  const timer = useRef(0);
  useEffect(() => setTyped(prefix), [prefix]);
  const type = (text: string) => {
    setTyped(text);
    clearTimeout(timer.current);
    timer.current = window.setTimeout(() => location.replace(dataLink(space, text, opened)), 250);
  };
  return (
    <div class="filter">
      <label for="prefix" class="visually-hidden">
        Keys that begin with
      </label>
      <input id="prefix" type="search" placeholder="Keys that begin with…" autocomplete="off" spellcheck={false} value={typed} onInput={(event) => type(event.currentTarget.value)} />
    </div>
  );
}
