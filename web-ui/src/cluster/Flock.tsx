// The members as birds: side by side while they are in step, trailing as far as they are behind.
import { Foreign } from "../parts/bits";
import { isSilent, standing, type MemberView } from "../lib/status";

/** How far back a bird flies, from 0 to 1: each tenfold of batches is as far again. */
export function trail(view: MemberView): number {
  if (isSilent(view)) return 1;
  return Math.min(0.9, Math.log10(1 + view.lag) / 5);
}

export function Flock({ members }: { members: MemberView[] }) {
  return (
    <ol class="flock" aria-label="Members, by how far they have come">
      {members.map((view) => (
        <li key={view.id} class={`bird ${view.level}${isSilent(view) ? " silent" : ""}`}>
          <span class="lane">
            <span class="flight" style={{ left: `${(1 - trail(view)) * 100}%` }}>
              <svg viewBox="0 0 48 28" aria-hidden="true">
                <path d="M1 12C8 5 15 5 20 13 23 4 31 1 46 3c-9 2-14 6-17 14-3 7.500-8.500 7-11 .5C16 13.500 10 11 1 12z" />
              </svg>
            </span>
          </span>
          <span class="bird-name">
            <Foreign text={view.name} />
          </span>
          <span class="bird-word">{standing(view)}</span>
        </li>
      ))}
    </ol>
  );
}
