// The nodes and the links of this one, with batches as they come: a dot for each, from who wrote it.
import { useEffect, useRef } from "preact/hooks";
import { Foreign, Panel } from "../parts/bits";
import { plural, replica } from "../lib/format";
import { micros } from "../lib/matrix";
import { nodeLink } from "../lib/route";
import { isSilent, standing, type Batch, type MemberView, type NodeStatus } from "../lib/status";

const WIDTH = 720;
const FLIGHT_MILLIS = 900;
// More dots than this at a time are a blur; the count below tells the rest.
const DOTS_MAX = 40;

interface Point {
  x: number;
  y: number;
}

// Two others stand left and right; more stand around.
const height = (others: number) => (others <= 2 ? 130 : 320);

/** This node in the middle, the others around it. */
export function places(others: number): Point[] {
  const middle = height(others) / 2;
  return Array.from({ length: others }, (_, i) => {
    const angle = others === 1 ? 0 : others === 2 ? Math.PI * (1 - i) : Math.PI * ((2 * i) / others - 0.5);
    return { x: WIDTH / 2 + Math.cos(angle) * WIDTH * 0.37, y: middle - 10 + Math.sin(angle) * middle * 0.72 };
  });
}

export function Topology({ members, status, batches }: { members: MemberView[]; status: NodeStatus; batches: Batch[] | null }) {
  const svg = useRef<SVGSVGElement>(null);
  const seen = useRef<number | null>(null);
  const others = members.filter((view) => !view.isSelf);
  const points = places(others.length);
  const centre: Point = { x: WIDTH / 2, y: height(others.length) / 2 - 10 };
  const at = (id: string) => (id === status.id ? centre : points[others.findIndex((view) => view.id === id)]);
  useEffect(() => {
    if (!batches) return;
    const since = seen.current;
    seen.current = Math.max(since ?? 0, ...batches.map((batch) => batch.atMillis));
    if (since === null || !svg.current || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    for (const batch of batches.filter((one) => one.atMillis > since).slice(0, DOTS_MAX)) {
      const author = replica(batch.replica).node;
      const from = at(author);
      if (!from) continue;
      const to = author === status.id ? others.filter((view) => !isSilent(view)).flatMap((view) => at(view.id) ?? []) : [centre];
      to.forEach((point) => fly(svg.current, from, point));
    }
  }, [batches]);
  const recent = (batches ?? []).filter((batch) => status.nowMillis - batch.atMillis < 10_000);
  return (
    <Panel title="Batches on their way" id="topology" aside={<span class="faint">{plural(recent.length, "batch", "batches")} in the last 10 s</span>}>
      <svg ref={svg} class="topology" viewBox={`0 0 ${WIDTH} ${height(others.length)}`} role="group" aria-labelledby="topology">
        {others.map((view, i) => {
          const point = points[i] ?? centre;
          const link = status.links?.find((one) => one.id === view.id);
          const isUp = link?.sinceMillis != null && !isSilent(view);
          return (
            <g key={view.id}>
              <line x1={centre.x} y1={centre.y} x2={point.x} y2={point.y} class={isUp ? "link" : "link down"} />
              <text x={(centre.x + point.x) / 2} y={(centre.y + point.y) / 2 - 7} class="link-word">
                {!isUp ? "no link" : link.roundTripMicros === null ? "" : micros(link.roundTripMicros)}
              </text>
            </g>
          );
        })}
        <g class="flights" />
        {members.map((view) => {
          const point = at(view.id) ?? centre;
          return (
            <a key={view.id} href={nodeLink(view.id)} aria-label={`${view.name}: ${standing(view)}`}>
              <rect x={point.x - 50} y={point.y - 18} width="100" height="60" class="hit" />
              <circle cx={point.x} cy={point.y} r={view.isSelf ? 15 : 12} class={`node ${view.level}`} />
              <text x={point.x} y={point.y + 34} class="node-name">
                {view.name}
              </text>
            </a>
          );
        })}
      </svg>
      <p class="footnote">
        A dot is a batch: it comes from the node that wrote it; <Foreign text={status.name} />
        's own go to every member it hears from. How others are linked with each other is not known here.
      </p>
    </Panel>
  );
}

function fly(svg: SVGSVGElement | null, from: Point, to: Point): void {
  const flights = svg?.querySelector(".flights");
  if (!flights || flights.childElementCount >= DOTS_MAX) return;
  const dot = document.createElementNS("http://www.w3.org/2000/svg", "circle");
  dot.setAttribute("r", "4.5");
  dot.setAttribute("class", "batch");
  flights.append(dot);
  const flight = dot.animate(
    [
      { transform: `translate(${from.x}px, ${from.y}px)`, opacity: 1 },
      { transform: `translate(${to.x}px, ${to.y}px)`, opacity: 1, offset: 0.9 },
      { transform: `translate(${to.x}px, ${to.y}px)`, opacity: 0 },
    ],
    { duration: FLIGHT_MILLIS, easing: "ease-in-out", fill: "both" },
  );
  const land = () => dot.remove();
  flight.onfinish = land;
  flight.oncancel = land;
}
