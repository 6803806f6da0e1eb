/** What Mesos, TORQUE and the scheduler disagree about, what is held back, and what is left alone. */
import type { JSX } from 'preact';
import { repairIn } from '../read-messages.ts';
import type { RepairStep } from '../messages.ts';
import { useAnswer, useLive } from '../store.ts';
import { DataTable } from '../parts/data-table.tsx';
import { NodeLink } from '../parts/marks.tsx';
import { Panel } from '../parts/panel.tsx';
import { Shown } from '../parts/shown.tsx';
import { BrakePanel, QuarantinePanel } from '../parts/trouble.tsx';

export function RepairPage(): JSX.Element {
  const { status } = useLive();
  const brake = status?.brake ?? null;
  const quarantined = status?.quarantined ?? [];
  // Not with each pass: looking costs the scheduler as much as a plan.
  const answer = useAnswer('repair', repairIn, false);
  return (
    <>
      <h1>Repair</h1>
      {brake === null ? null : <BrakePanel brake={brake} />}
      {quarantined.length === 0 ? null : <QuarantinePanel agents={quarantined} />}
      <Panel title="Differences between Mesos, TORQUE and the scheduler">
        <Shown answer={answer} what="the differences">
          {(steps) => <Differences steps={steps} />}
        </Shown>
      </Panel>
    </>
  );
}

const whens: Readonly<Record<string, string>> = { now: 'now', waits: 'waits', 'by-hand': 'by hand' };

function Differences({ steps }: { readonly steps: readonly RepairStep[] }): JSX.Element {
  return (
    <DataTable
      caption="Differences, with what is done about each"
      empty="They agree about every node and task."
      rows={steps}
      keyOf={({ node, difference, what }) => `${node} ${difference} ${what}`}
      columns={[
        { title: 'Node', kind: 'main', cell: ({ node }) => <NodeLink name={node} /> },
        {
          title: 'Difference',
          kind: 'long',
          cell: ({ difference, evidence }) => (
            <>
              {difference.replaceAll('-', ' ')}
              <span class="muted small"> {evidence.join('; ')}</span>
            </>
          ),
        },
        { title: 'When', kind: 'short', cell: ({ when }) => whens[when] ?? when },
        {
          title: 'What is done',
          kind: 'long',
          cell: ({ what, why }) => (why === '' ? what : `${what} (${why})`),
        },
      ]}
    />
  );
}
