/** What is held back or left alone because something is wrong: the brake, and agents in quarantine. */
import type { JSX } from 'preact';
import { counted, duration, grouped } from '../format.ts';
import type { Brake, QuarantinedAgent, StoppedNode } from '../messages.ts';
import { hrefOf } from '../route.ts';
import { mayRepair, useRole } from '../session.ts';
import { useNow } from '../store.ts';
import { Change } from './change.tsx';
import { DataTable } from './data-table.tsx';
import { NodeLink } from './marks.tsx';
import { Panel } from './panel.tsx';

const causes: Readonly<Record<string, string>> = {
  missing: 'pbsnodes does not show it',
  down: 'pbs_server does not hear its mom',
  unhealthy: 'its executor finds the mom ill',
  'task-gone': 'the master says that its task is gone',
  unrecorded: 'nothing is recorded of it and pbsnodes does not show it',
};

export function BrakePanel({ brake }: { readonly brake: Brake }): JSX.Element {
  const role = useRole();
  return (
    <Panel title={`The brake holds back ${counted(brake.stopped.length, 'removal')}`}>
      <DataTable<StoppedNode>
        caption="Nodes whose removal is held back"
        empty=""
        rows={brake.stopped}
        keyOf={({ node }) => node}
        columns={[
          { title: 'Node', kind: 'main', cell: ({ node }) => <NodeLink name={node} /> },
          { title: 'What speaks against it', kind: 'long', cell: ({ cause }) => causes[cause] ?? cause },
        ]}
      />
      {mayRepair(role) ? (
        <p class="buttons">
          <Change
            title="Confirm the removals"
            path="repair"
            body={() => ({ confirm_brake: brake.id })}
            effect={`${counted(brake.stopped.length, 'node')} drain and go. Jobs that TORQUE still shows there are put back or end.`}
          />
        </p>
      ) : (
        <p class="muted small">
          If these nodes are really gone, an admin confirms it here, or with{' '}
          <code>mesos-torque brake confirm {brake.id}</code>. If TORQUE or Mesos answered wrongly, nothing is
          to be done: when the answers recover, this goes away.
        </p>
      )}
    </Panel>
  );
}

export function QuarantinePanel({ agents }: { readonly agents: readonly QuarantinedAgent[] }): JSX.Element {
  const role = useRole();
  return (
    <Panel title={`${counted(agents.length, 'agent')} in quarantine`}>
      <ul class="lines">
        {agents.map((agent) => (
          <li key={agent.agentId}>
            <QuarantineLine agent={agent} />{' '}
            {mayRepair(role) ? (
              <Change
                title="Try again now"
                path="repair"
                body={() => ({ clear_agent_id: agent.agentId })}
                effect={`Its ${counted(agent.failures, 'failure')} are forgotten, and nodes may be launched on agent ${agent.agentId} at once.`}
              />
            ) : null}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function QuarantineLine({ agent }: { readonly agent: QuarantinedAgent }): JSX.Element {
  const now = useNow();
  const { agentId, failures, state, untilMs, evidence } = agent;
  const when =
    state === 'probation'
      ? 'the next launch there decides'
      : `one launch is tried in ${duration(Math.max(0, untilMs - now))}`;
  const last = evidence.at(-1) ?? '';
  return (
    <>
      <a href={hrefOf({ page: 'agent', id: agentId })} class="id">
        {agentId}
      </a>
      : {grouped(failures)} launches failed in a row; {when}.
      {last === '' ? null : <span class="muted"> Lastly: {last}</span>}
    </>
  );
}
