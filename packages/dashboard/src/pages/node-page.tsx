/** One node: how it is, how it came to be, and what happened to it. */
import type { JSX } from 'preact';
import { listPath } from '../api.ts';
import { amountsText, clockTime, duration, fullTime, grouped } from '../format.ts';
import { kindOf, nodePhases } from '../kinds.ts';
import { latestLife, lifeOf, type PhaseSpan } from '../life.ts';
import type { Node } from '../messages.ts';
import { entryIn, nodeIn, pageIn } from '../read-messages.ts';
import { drainBody } from '../orders.ts';
import { hrefOf, listHref } from '../route.ts';
import { mayChange, useRole } from '../session.ts';
import { useAnswer, useNow, valueOf } from '../store.ts';
import { Change } from '../parts/change.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { EntryList } from '../parts/entry-list.tsx';
import { Age, Clock, Few, JobLink, Mark, Nothing } from '../parts/marks.tsx';
import { LogPanel } from '../parts/log-panel.tsx';
import { Panel } from '../parts/panel.tsx';
import { Shown } from '../parts/shown.tsx';
import { momWords, shortAgent } from './lists.tsx';
import { Explained, Fact, useExplanation } from './thing-page.tsx';

const entriesMax = 200;

export function NodePage({ name }: { readonly name: string }): JSX.Element {
  const nodes = useAnswer(listPath('nodes', `name:${name}`, 1, ''), (json) => pageIn(json, 'nodes', nodeIn));
  const node = valueOf(nodes)?.items[0] ?? null;
  const journal = useAnswer(listPath('decisions', `node:${name}`, entriesMax, ''), (json) =>
    pageIn(json, 'entries', entryIn),
  );
  const role = useRole();
  const spans = lifeOf(valueOf(journal)?.items ?? []);
  return (
    <>
      <h1>
        {name} {node === null ? null : <Mark kind={kindOf(nodePhases, node.phase)} />}
      </h1>
      <Explained answer={useExplanation('node', name)} kind="node" id={name}>
        {node === null ? null : <NodeFacts node={node} />}
        {node === null || !mayChange(role) ? null : <NodeChanges node={node} />}
      </Explained>
      <LifePanel spans={latestLife(spans)} />
      <LogPanel node={name} />
      <Panel
        title="What happened to it"
        aside={<a href={listHref('journal', `node:${name}`)}>in the journal</a>}
      >
        <Shown answer={journal} what="the journal">
          {(page) => <EntryList entries={page.items} />}
        </Shown>
      </Panel>
    </>
  );
}

function NodeFacts({ node }: { readonly node: Node }): JSX.Element {
  const now = useNow();
  return (
    <dl class="facts">
      <Fact title="Slots used">
        {grouped(node.slotsUsed)} of {grouped(node.np)}
      </Fact>
      <Fact title="Jobs">
        <Few items={node.jobs} max={8} show={(id) => <JobLink id={id} />} />
      </Fact>
      <Fact title="Mom">{momWords(node.momHealth, node.momStage)}</Fact>
      <Fact title="States in TORQUE">{node.states.length === 0 ? <Nothing /> : node.states.join(', ')}</Fact>
      <Fact title="Properties">
        {node.properties.length === 0 ? <Nothing /> : node.properties.join(', ')}
      </Fact>
      <Fact title="In this phase since">
        <Age atMs={node.phaseSinceMs} nowMs={now} />
      </Fact>
      <Fact title="Without jobs since">
        <Age atMs={node.idleSinceMs} nowMs={now} />
      </Fact>
      {node.taskId === '' ? null : (
        <>
          <Fact title="Launched">
            <Age atMs={node.launchedAtMs} nowMs={now} />
          </Fact>
          <Fact title="Holds">{node.resources === null ? <Nothing /> : amountsText(node.resources)}</Fact>
          <Fact title="Task">
            <span class="id">{node.taskId}</span> {node.taskState}
          </Fact>
          <Fact title="Agent">
            <a href={hrefOf({ page: 'agent', id: node.agentId })} title={node.agentId}>
              {shortAgent(node.agentId)}
            </a>
          </Fact>
        </>
      )}
      {node.drain === null ? null : (
        <Fact title="Drain wished">
          by {node.drain.who}, {clockTime(node.drain.sinceMs, now)}: {node.drain.why}
          {node.drain.deadlineMs > 0 ? `; to be done by ${fullTime(node.drain.deadlineMs)}` : ''}
        </Fact>
      )}
    </dl>
  );
}

function NodeChanges({ node }: { readonly node: Node }): JSX.Element {
  if (node.drain !== null) {
    return (
      <Panel title="Changes">
        <Change
          title="Undrain"
          path="undrain"
          body={() => ({ node: node.name })}
          effect={`${node.name} may be used again, and a node may be launched there.`}
        />
      </Panel>
    );
  }
  return (
    <Panel title="Changes">
      <Change
        title="Drain"
        path="drain"
        body={(values) => drainBody(node.name, values['minutes'] ?? '')}
        effect={`${node.name} takes no new jobs; when those that run have ended, it goes. No node is launched there until it is undrained.`}
        fields={[
          {
            name: 'minutes',
            label: 'Minutes until it has to be done',
            value: '',
            help: 'Empty: its jobs may take as long as they like. No job is ended by force from here.',
          },
        ]}
      />
    </Panel>
  );
}

function LifePanel({ spans }: { readonly spans: readonly PhaseSpan[] }): JSX.Element | null {
  const now = useNow();
  const first = spans[0];
  const last = spans.at(-1);
  if (first === undefined || last === undefined) return null;
  const wholeMs = (last.toMs ?? now) - first.fromMs;
  return (
    <Panel title={`Its life: ${duration(wholeMs)} so far`}>
      <LifeBar spans={spans} wholeMs={wholeMs} now={now} />
      <DataTable
        caption="Phases of its life, oldest first"
        empty=""
        rows={spans}
        keyOf={({ fromMs, phase }) => `${fromMs} ${phase}`}
        columns={[
          { title: 'Phase', kind: 'main', cell: ({ phase }) => <Mark kind={kindOf(nodePhases, phase)} /> },
          { title: 'From', kind: 'short', cell: ({ fromMs }) => <Clock atMs={fromMs} nowMs={now} /> },
          {
            title: 'For',
            kind: 'number',
            cell: ({ fromMs, toMs }) =>
              toMs === null ? `${duration(now - fromMs)} so far` : duration(toMs - fromMs),
          },
          { title: 'Why', kind: 'long', cell: ({ why }) => why },
        ]}
      />
    </Panel>
  );
}

/** Short phases keep a width that can be seen; the table has the true times. */
function LifeBar(props: {
  readonly spans: readonly PhaseSpan[];
  readonly wholeMs: number;
  readonly now: number;
}): JSX.Element {
  return (
    <div class="life" aria-hidden="true">
      {props.spans.map(({ phase, fromMs, toMs }) => {
        const share = ((toMs ?? props.now) - fromMs) / Math.max(1, props.wholeMs);
        const { colour, label } = kindOf(nodePhases, phase);
        return (
          <i
            key={`${fromMs} ${phase}`}
            style={`flex-grow: ${share.toFixed(4)}; background: var(${colour})`}
            title={label}
          />
        );
      })}
    </div>
  );
}
