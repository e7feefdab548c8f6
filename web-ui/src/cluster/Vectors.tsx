import { useState } from "preact/hooks";
import { Empty, Foreign, Id, Panel } from "../parts/bits";
import { ago, count, plural, replica, short } from "../lib/format";
import { clockwork, nameOf, type Clockwork, type NodeStatus, type SpaceStatus } from "../lib/status";

export function Vectors({ status, now }: { status: NodeStatus; now: number }) {
  const [chosen, setChosen] = useState("main");
  const space = status.spaces.find((one) => one.name === chosen) ?? status.spaces[0];
  if (!space) return null;
  return (
    <Panel title="Version vectors" id="vectors" aside={<Tabs spaces={status.spaces} chosen={space.name} choose={setChosen} />}>
      <Table space={space} status={status} table={clockwork(space, status, now)} />
      <p class="footnote">
        {plural(space.cells, "cell")}
        {space.buffered > 0 && ` · ${plural(space.buffered, "batch", "batches")} waiting for their causes`}
        {space.closedReplicas > 0 && ` · ${plural(space.closedReplicas, "earlier incarnation")} closed and left out`}
      </p>
    </Panel>
  );
}

function Tabs({ spaces, chosen, choose }: { spaces: SpaceStatus[]; chosen: string; choose: (name: string) => void }) {
  if (spaces.length > 6) {
    return (
      <select aria-label="Space" value={chosen} onChange={(event) => choose(event.currentTarget.value)}>
        {spaces.map((space) => (
          <option key={space.name}>{space.name}</option>
        ))}
      </select>
    );
  }
  return (
    <div class="tabs" role="group" aria-label="Space">
      {spaces.map((space) => (
        <button key={space.name} type="button" aria-pressed={space.name === chosen} onClick={() => choose(space.name)}>
          {space.name}
        </button>
      ))}
    </div>
  );
}

function Table({ space, status, table }: { space: SpaceStatus; status: NodeStatus; table: Clockwork }) {
  if (table.rows.length === 0) {
    return <Empty title="Nothing has been written here yet">The first write begins the first replica's count.</Empty>;
  }
  return (
    <div class="scroll">
      <table class="vectors">
        <thead>
          <tr>
            <th scope="col">Replica</th>
            {table.columns.map((column) => (
              <th scope="col" key={column.id} class="number">
                <Foreign text={column.name} />
                <span class="age faint">{column.isSelf ? "this node" : column.age === null ? "not heard" : ago(column.age)}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row) => (
            <tr key={row.replica}>
              <th scope="row">
                <Foreign text={nameOf(replica(row.replica).node, status)} /> <Id id={row.replica} label={replica(row.replica).incarnation.slice(0, 4)} />
                {row.replica === space.self && <span class="faint"> writes here</span>}
              </th>
              {row.cells.map((cell, i) => (
                <td key={table.columns[i]?.id} class={`number${cell !== null && cell < row.latest ? " differs" : ""}`}>
                  {cell === null ? <span class="faint">–</span> : count(cell)}
                  {cell !== null && cell < row.latest && <span class="missing">−{count(row.latest - cell)}</span>}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">Digest</th>
            {table.columns.map((column) => (
              <td key={column.id} class={`number digest ${column.isSelf ? "" : column.differs && column.digest === "equal" ? "not-compared" : column.digest}`}>
                {column.isSelf ? <Id id={column.digest} label={short(column.digest)} /> : checked(column.digest, column.differs)}
              </td>
            ))}
          </tr>
        </tfoot>
      </table>
    </div>
  );
}

// Digests are compared at equal vectors; while they differ, the last comparison is what there is.
function checked(digest: string, differs: boolean): string {
  return digest === "equal" && differs ? "was equal" : digest.replace("-", " ");
}
