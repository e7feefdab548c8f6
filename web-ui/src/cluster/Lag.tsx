// Who lacks how much of whom, and how long the way there takes.
import { useState } from "preact/hooks";
import { Foreign, Panel } from "../parts/bits";
import { ago, count, plural } from "../lib/format";
import { matrix, micros, type Matrix } from "../lib/matrix";
import { nodeLink } from "../lib/route";
import type { NodeStatus } from "../lib/status";

type Shown = "lag" | "roundTrip";

export function Lag({ status, now }: { status: NodeStatus; now: number }) {
  const [shown, setShown] = useState<Shown>("lag");
  const table = matrix(status.spaces, status, now);
  const tabs = (
    <div class="tabs" role="group" aria-label="Shown in the matrix">
      <button type="button" aria-pressed={shown === "lag"} onClick={() => setShown("lag")}>
        Lag
      </button>
      <button type="button" aria-pressed={shown === "roundTrip"} onClick={() => setShown("roundTrip")}>
        Round trip
      </button>
    </div>
  );
  return (
    <Panel title={shown === "lag" ? "Who lacks whose batches" : "Round trips"} id="lag" aside={tabs}>
      <div class="scroll" tabIndex={0} role="region" aria-labelledby="lag">
        {shown === "lag" ? <Lags table={table} /> : <RoundTrips table={table} />}
      </div>
      <p class="footnote">
        {shown === "lag"
          ? "Over all spaces, from the vectors that each node signed. A column is as old as its head says: what it lacks may have arrived since."
          : "A node measures its own links only, by echoes. Another node's row is on that node's dashboard."}
      </p>
    </Panel>
  );
}

function Heads({ table, corner, ages }: { table: Matrix; corner: string; ages: boolean }) {
  return (
    <thead>
      <tr>
        <th scope="col">{corner}</th>
        {table.nodes.map((node) => (
          <th scope="col" key={node.id} class="number">
            <Foreign text={node.name} />
            {ages && <span class="age faint">{node.isSelf ? "this node" : node.age === null ? "not heard" : ago(node.age)}</span>}
          </th>
        ))}
      </tr>
    </thead>
  );
}

function Lags({ table }: { table: Matrix }) {
  return (
    <table class="matrix">
      <Heads table={table} corner="Written by ↓ lacking at →" ages />
      <tbody>
        {table.nodes.map((author, row) => (
          <tr key={author.id}>
            <th scope="row">
              <a href={nodeLink(author.id)}>
                <Foreign text={author.name} />
              </a>
            </th>
            {table.nodes.map((reader, column) => {
              const lag = table.lag[row]?.[column] ?? null;
              const says = lag === null ? "not known" : lag === 0 ? "nothing" : plural(lag, "batch", "batches");
              return (
                <td key={reader.id} class={`number${lag ? " differs" : " faint"}`} data-lag={`${author.name}|${reader.name}`} title={`${reader.name} lacks ${says} of ${author.name}`}>
                  {lag === null ? "?" : count(lag)}
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function RoundTrips({ table }: { table: Matrix }) {
  return (
    <table class="matrix">
      <Heads table={table} corner="From ↓ to →" ages={false} />
      <tbody>
        {table.nodes.map((from) => (
          <tr key={from.id}>
            <th scope="row">
              <Foreign text={from.name} />
            </th>
            {from.isSelf ? (
              table.nodes.map((to) => (
                <td key={to.id} class="number" data-round-trip={to.name}>
                  {to.isSelf ? "" : to.roundTripMicros === null ? <span class="faint">not measured</span> : micros(to.roundTripMicros)}
                </td>
              ))
            ) : (
              <td class="faint unknown" colSpan={table.nodes.length}>
                not known here
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
