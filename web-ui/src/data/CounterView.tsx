import { useState } from "preact/hooks";
import { AsChanges } from "../parts/As";
import { Foreign, Id } from "../parts/bits";
import { count, replica } from "../lib/format";
import { approximate, Exact, type Json } from "../lib/json";
import { nameOf } from "../lib/status";
import type { View } from "../lib/views";
import type { Place } from "./ViewOf";

const digits = (number: number | Exact) => count(number instanceof Exact ? number.text : number).replace("-", "−");

export function CounterView({ view, fields, edit, status }: Place<Extract<View, { type: "counter" }>>) {
  const [amount, setAmount] = useState("10");
  const add = (by: string) => void edit?.({ op: "increment", fields, amount: by });
  const valid = /^-?\d{1,19}$/.test(amount);
  const inner = fields.length > 0;
  const most = Math.max(1, ...view.shares.map((share) => Math.abs(approximate(share.total))));
  return (
    <div class={`counter-view${inner ? " inner" : ""}`}>
      <output class="total">{digits(view.total)}</output>
      {edit && (
        <div class="steps">
          <button type="button" aria-label="−1: count one down" onClick={() => add("-1")}>
            −1
          </button>
          <button type="button" aria-label="+1: count one up" onClick={() => add("1")}>
            +1
          </button>
          {!inner && (
            <>
              <input aria-label="Amount" inputMode="numeric" value={amount} onInput={(event) => setAmount(event.currentTarget.value)} />
              <button type="button" disabled={!valid} onClick={() => add(amount)}>
                Add
              </button>
            </>
          )}
          <button type="button" class="quiet" title="Takes back what is shown here, and no more" onClick={() => void edit({ op: "reset", fields, seen: view.shares as unknown as Json })}>
            Reset
          </button>
          <AsChanges
            actions={() => [
              ["Count", [{ op: "increment", fields, amount: inner || !valid ? "1" : amount }]],
              ["Reset, by what is shown here", [{ op: "reset", fields, seen: view.shares as unknown as Json }]],
            ]}
          />
        </div>
      )}
      {!inner && view.shares.length > 0 && (
        <ul class="shares" aria-label="What each replica counted">
          {view.shares.map((share) => {
            const { node, incarnation } = replica(share.replica);
            return (
              <li key={share.replica}>
                <span>
                  <Foreign text={status ? nameOf(node, status) : node.slice(0, 8)} /> <Id id={share.replica} label={incarnation.slice(0, 4)} />
                </span>
                <meter min={0} max={most} value={Math.abs(approximate(share.total))} aria-label={`counted ${digits(share.total)}`} />
                <span class="number">{digits(share.total)}</span>
              </li>
            );
          })}
        </ul>
      )}
    </div>
  );
}
