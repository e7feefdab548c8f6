// What a partition would do to a cluster like this one: a run of the simulator, and its report.
import { useState } from "preact/hooks";
import { Empty, Foreign, Notice, Panel } from "../parts/bits";
import { Copyable } from "../parts/As";
import { call, Problem } from "../lib/api";
import { print } from "../lib/json";
import { usePolled } from "../lib/live";
import { NODES_MAX, shape, SITES_MAX, sitesOf, split, text, type LabNode } from "../lib/lab";
import type { NodeStatus } from "../lib/status";

interface Run {
  number: number;
  state: "running" | "done" | "violated" | "failed";
  since: string;
  command: string;
  lines: string[];
}

const WORKLOADS = { shop: "a shop: stock, prices, carts, orders", mixed: "a bit of everything, few keys" };

export function Lab({ status, role }: { status: NodeStatus; role: string | null }) {
  const polled = usePolled<{ run?: Run }>("/api/v1/lab", 1000);
  const [begun, setBegun] = useState<{ run: Run; at: number } | null>(null);
  const answered = polled.value?.run ?? null;
  // Until the node is asked again after the click; its numbers begin anew when it does.
  const run = begun && polled.at <= begun.at ? begun.run : answered;
  const nodes = shape(status);
  return (
    <>
      <h1 class="page-title">Lab</h1>
      <p class="faint">
        What would a partition do to this cluster? The simulator runs nodes with these names in virtual time, with the engine that runs here, and shows what it costs. Nothing of this cluster is touched: no link
        is cut, no key is read.
      </p>
      {nodes.length > NODES_MAX || sitesOf(nodes).length > SITES_MAX ? (
        <Empty title={`The simulator takes up to ${NODES_MAX} nodes in ${SITES_MAX} sites`}>This cluster has {nodes.length} in {sitesOf(nodes).length}. The command line runs smaller ones: starling simulate --sites …</Empty>
      ) : (
        <Form nodes={nodes} role={role} isRunning={run?.state === "running"} began={(now) => setBegun({ run: now, at: Date.now() })} />
      )}
      {polled.problem && <Notice level="bad">{polled.problem.message}</Notice>}
      {run && <Outcome run={run} />}
    </>
  );
}

function Form({ nodes, role, isRunning, began }: { nodes: LabNode[]; role: string | null; isRunning: boolean; began: (run: Run) => void }) {
  const sites = sitesOf(nodes);
  const last = sites.length > 1 ? nodes.filter((node) => node.site === sites.at(-1)) : nodes.slice(-1);
  const [away, setAway] = useState<ReadonlySet<string> | null>(null);
  const [from, setFrom] = useState(10);
  const [until, setUntil] = useState(40);
  const [workload, setWorkload] = useState("shop");
  const [more, setMore] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const cut = away ?? new Set(last.map((node) => node.name));
  const toggle = (name: string) => {
    const next = new Set(cut);
    if (!next.delete(name)) next.add(name);
    setAway(next);
  };
  const steps = [...split(nodes, cut, from, until), ...more.split("\n").map((line) => line.trim()).filter((line) => line !== "")];
  const start = async (event: Event) => {
    event.preventDefault();
    setProblem(null);
    try {
      began(await call<Run>("POST", "/api/v1/lab", print({ sites: text(nodes), steps, workload, durationMillis: Math.max(60, until + 20) * 1000 })));
    } catch (refused) {
      if (!(refused instanceof Problem)) throw refused;
      setProblem(refused.message);
    }
  };
  const mayRun = role === "admin";
  return (
    <Panel title="Cut it in two" id="lab-form">
      <form class="lab" onSubmit={(event) => void start(event)}>
        <fieldset>
          <legend>On the far side</legend>
          {sites.map((site) => (
            <div key={site} class="site">
              {sites.length > 1 && <span class="faint">{site}</span>}
              {nodes
                .filter((node) => node.site === site)
                .map((node) => (
                  <label key={node.name}>
                    <input type="checkbox" checked={cut.has(node.name)} onChange={() => toggle(node.name)} /> {node.name}
                  </label>
                ))}
            </div>
          ))}
        </fieldset>
        <div class="fields">
          <label>
            From second
            <input type="number" min={1} max={99} required value={from} onInput={(event) => setFrom(event.currentTarget.valueAsNumber || 0)} />
          </label>
          <label>
            until second
            <input type="number" min={2} max={100} required value={until} onInput={(event) => setUntil(event.currentTarget.valueAsNumber || 0)} />
          </label>
          <label>
            Clients write
            <select value={workload} onChange={(event) => setWorkload(event.currentTarget.value)}>
              {Object.entries(WORKLOADS).map(([name, what]) => (
                <option key={name} value={name}>
                  {what}
                </option>
              ))}
            </select>
          </label>
        </div>
        <label class="more">
          What else happens, one a line <span class="faint">(not needed)</span>
          <textarea rows={2} spellcheck={false} placeholder={`15s..20s: stop ${nodes[0]?.name ?? "node-1"}`} value={more} onInput={(event) => setMore(event.currentTarget.value)} />
        </label>
        {problem && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
        <button type="submit" class="primary" disabled={!mayRun || isRunning || steps.length === 0}>
          {isRunning ? "Running…" : "Run"}
        </button>
        <span class="faint">{mayRun ? " About ten seconds of two processors, on this node, behind its own work." : " Only administrators run it, for it takes processors of this node."}</span>
      </form>
    </Panel>
  );
}

function Outcome({ run }: { run: Run }) {
  return (
    <Panel title="What came of it" id="lab-outcome">
      <div role="status" data-state={run.state}>
        {run.state === "running" && <p>The run is under way…</p>}
        {run.state === "failed" && <Notice level="bad">It did not run: {run.lines[0] ?? "no reason was given"}</Notice>}
        {run.state === "violated" && <Notice level="bad">A check did not hold. That is a bug: report it, with the command below.</Notice>}
        {(run.state === "done" || run.state === "violated") && (
          <>
            <p>
              <a class="button primary" href="/api/v1/lab/report" target="_blank" rel="noopener">
                Open the report
              </a>
            </p>
            <ul class="lab-lines">
              {run.lines.filter((line) => !line.startsWith("trace hash")).map((line, i) => (
                <li key={i}>
                  <Foreign text={line.trim()} />
                </li>
              ))}
            </ul>
          </>
        )}
      </div>
      <p class="faint">The same on any machine, with --report FILE for the page:</p>
      <Copyable text={run.command} what="command" />
    </Panel>
  );
}
