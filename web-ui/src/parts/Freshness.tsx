// Whether what a page shows is of now.
import { duration } from "../lib/format";
import { useNow, type Polled } from "../lib/live";
import { isSilent, members, type NodeStatus } from "../lib/status";
import { Foreign, Notice } from "./bits";

const NAMED_MAX = 3;

/** Says that the node does not answer and how old what is shown is, or from whom there is no news. */
export function Freshness({ polled, others }: { polled: Polled<NodeStatus>; others: boolean }) {
  const local = useNow();
  const { value: status, problem, at } = polled;
  if (!status) return null;
  const age = Math.max(0, local - at);
  if (problem) {
    // The age is no part of the alert, which would be read out again each time it grows.
    return (
      <div class="freshness">
        <Notice level="bad">
          <Foreign text={problem.message} />
        </Notice>
        <p class="faint" data-age={Math.round(age / 1000)}>
          What you see is {duration(age)} old.
        </p>
      </div>
    );
  }
  const silent = others ? members(status, status.nowMillis + age).filter(isSilent) : [];
  if (silent.length === 0) return null;
  const named = silent.slice(0, NAMED_MAX).map((view) => `${view.name} (${view.age === null ? "never yet" : duration(view.age)})`);
  const more = silent.length - named.length;
  return (
    <p class="freshness faint" data-silent={silent.length}>
      <Foreign text={`No news from ${named.join(", ")}${more > 0 ? ` and ${more} more` : ""}`} />: what was written there since is not here yet.
    </p>
  );
}
