import { Dot, Foreign, Id, Panel } from "../parts/bits";
import { ago, count } from "../lib/format";
import { nodeLink } from "../lib/route";
import { likeness, standing, type MemberView } from "../lib/status";

export function Members({ members }: { members: MemberView[] }) {
  return (
    <Panel title="Members" id="members">
      <div class="scroll">
        <table class="members">
          <thead>
            <tr>
              <th scope="col">Node</th>
              <th scope="col">State</th>
              <th scope="col" class="number" title="Batches applied here that the member has not announced">
                Behind
              </th>
              <th scope="col" class="number" title="Batches the member has announced that are not applied here">
                Ahead
              </th>
              <th scope="col">Digest</th>
              <th scope="col">Last heard</th>
            </tr>
          </thead>
          <tbody>
            {members.map((view) => (
              <Member key={view.id} view={view} />
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

function Member({ view }: { view: MemberView }) {
  return (
    <tr data-member={view.name} data-level={view.level}>
      <th scope="row">
        <a class="strong" href={nodeLink(view.id)}>
          <Foreign text={view.name} />
        </a>{" "}
        <Id id={view.id} />
        {view.site && (
          <span class="faint site">
            <Foreign text={view.site} />
          </span>
        )}
      </th>
      <td>
        <Dot level={view.level} /> {standing(view)}
      </td>
      <td class={`number${view.lag > 0 ? " strong" : " faint"}`}>{view.isSelf ? "" : count(view.lag)}</td>
      <td class={`number${view.ahead > 0 ? " strong" : " faint"}`}>{view.isSelf ? "" : count(view.ahead)}</td>
      <td class={`digest ${likeness(view).class}`}>{view.isSelf ? "" : likeness(view).text}</td>
      <td class="faint">{view.isSelf ? "" : view.age === null ? "not yet" : ago(view.age)}</td>
    </tr>
  );
}
