import { useState } from "preact/hooks";
import { As } from "../parts/As";
import { Problem, transact, type Change, type Mutation } from "../lib/api";
import { writing, type Forms } from "../lib/commands";
import { Exact, fromTyped, parse, type Json } from "../lib/json";
import { dataLink, go } from "../lib/route";

type Kind = "register" | "all" | "max" | "min" | "counter" | "set" | "remove-wins-set" | "flag" | "disable-wins-flag" | "map";

const KINDS: Record<Kind, { label: string; hint: string }> = {
  register: { label: "Value", hint: "text, or any JSON" },
  all: { label: "Value, all concurrent ones read", hint: "text, or any JSON" },
  max: { label: "Value, the greatest is kept", hint: "a number, or text" },
  min: { label: "Value, the least is kept", hint: "a number, or text" },
  counter: { label: "Counter", hint: "where to begin, 0 or more or less" },
  set: { label: "Set", hint: "its first element" },
  "remove-wins-set": { label: "Set, removing wins", hint: "its first element" },
  flag: { label: "Flag", hint: "" },
  "disable-wins-flag": { label: "Flag, disabling wins", hint: "" },
  map: { label: "Document", hint: '{"name": "…"}' },
};

export function mutationOf(kind: Kind, key: string, typed: string): Mutation {
  switch (kind) {
    case "register":
      return { op: "set", key, value: fromTyped(typed) };
    case "all":
    case "max":
    case "min":
      return { op: "set", key, value: fromTyped(typed), rule: kind };
    case "counter":
      return { op: "increment", key, amount: whole(typed === "" ? "0" : typed) };
    case "set":
      return { op: "add", key, elements: [fromTyped(typed)] };
    case "remove-wins-set":
      return { op: "add", key, elements: [fromTyped(typed)], wins: "remove" };
    case "flag":
      return { op: "flag", key, enabled: true };
    case "disable-wins-flag":
      return { op: "flag", key, enabled: true, wins: "disable" };
    case "map":
      return { op: "merge", key, patch: object(typed === "" ? "{}" : typed) };
  }
}

function whole(typed: string): string {
  if (!/^[+-]?\d{1,19}$/.test(typed.trim())) throw new Problem({ kind: "invalid", detail: "A counter counts in whole numbers." });
  return typed.trim().replace(/^\+/, "");
}

function object(typed: string): { [name: string]: Json } {
  try {
    const value = parse(typed);
    if (value !== null && typeof value === "object" && !Array.isArray(value) && !(value instanceof Exact)) return value;
  } catch {
    // Told below.
  }
  throw new Problem({ kind: "invalid", detail: 'A document is a JSON object, like {"name": "Bern"}.' });
}

function forms(space: string, kind: Kind, key: string, typed: string): Forms {
  try {
    const { key: _, ...change } = mutationOf(kind, key, typed);
    return writing(location.origin, space, key, [change as unknown as Change]);
  } catch (refused) {
    if (!(refused instanceof Problem)) throw refused;
    return { cli: `# ${refused.message}`, curl: `# ${refused.message}` };
  }
}

export function NewKey({ space, prefix }: { space: string; prefix: string }) {
  const [name, setName] = useState("");
  const [kind, setKind] = useState<Kind>("register");
  const [typed, setTyped] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const create = async (event: Event) => {
    event.preventDefault();
    try {
      await transact(space, [mutationOf(kind, name, typed)]);
      setProblem(null);
      setName("");
      setTyped("");
      go(dataLink(space, prefix, name));
    } catch (refused) {
      if (!(refused instanceof Problem)) throw refused;
      setProblem(refused.message);
    }
  };
  return (
    <details class="new-key" onToggle={(event) => event.currentTarget.open && name === "" && setName(prefix)}>
      <summary>New key</summary>
      <form onSubmit={(event) => void create(event)}>
        <label for="new-name">Key</label>
        <input id="new-name" value={name} required spellcheck={false} autocomplete="off" onInput={(event) => setName(event.currentTarget.value)} />
        <label for="new-kind">Type</label>
        <select id="new-kind" value={kind} onChange={(event) => setKind(event.currentTarget.value as Kind)}>
          {Object.entries(KINDS).map(([name_, { label }]) => (
            <option key={name_} value={name_}>
              {label}
            </option>
          ))}
        </select>
        {kind !== "flag" && kind !== "disable-wins-flag" && (
          <>
            <label for="new-value">{kind === "set" || kind === "remove-wins-set" ? "First element" : kind === "counter" ? "Begin at" : "Value"}</label>
            <textarea id="new-value" rows={kind === "map" ? 4 : 1} spellcheck={false} placeholder={KINDS[kind].hint} value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />
          </>
        )}
        {problem && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
        <button type="submit" class="primary">
          Write
        </button>
        <As actions={() => [["Write it", forms(space, kind, name || "KEY", typed)]]} />
      </form>
    </details>
  );
}
