/** Nodes, jobs and offers, filtered and paged. */
import type { JSX } from 'preact';
import { amountsText, grouped } from '../format.ts';
import { jobVerdicts, kindOf, nodePhases, offerVerdicts } from '../kinds.ts';
import type { Job, Node } from '../messages.ts';
import { jobIn, nodeIn, offerIn, pageIn } from '../read-messages.ts';
import { hrefOf, type Query } from '../route.ts';
import { useLive, useNow } from '../store.ts';
import { Choices, FilteredList } from '../parts/list-page.tsx';
import { Age, Few, JobLink, Mark, NodeLink, Nothing, Swatch } from '../parts/marks.tsx';

interface Props {
  readonly query: Query;
}

export function NodesPage({ query }: Props): JSX.Element {
  const now = useNow();
  const { status } = useLive();
  const counts = status?.nodesByPhase ?? {};
  const filter = query['filter'] ?? '';
  return (
    <>
      <h1>Nodes</h1>
      <FilteredList
        page="nodes"
        query={query}
        list="nodes"
        decode={(json) => pageIn(json, 'nodes', nodeIn)}
        what="nodes"
        fields="name, phase, code, task, agent, job, state, property"
        example="phase:up property:bigmem"
        keyOf={({ name, taskId }) => `${name} ${taskId}`}
        choices={
          <Choices
            page="nodes"
            filter={filter}
            label="Nodes by phase"
            choices={[
              { label: 'all', filter: '', count: total(counts) },
              ...nodePhases
                .filter(({ key }) => (counts[key] ?? 0) > 0)
                .map(({ key, label, colour }) => ({
                  label: <Marked colour={colour} label={label} />,
                  filter: `phase:${key}`,
                  count: counts[key] ?? 0,
                })),
            ]}
          />
        }
        columns={[
          { title: 'Node', kind: 'main', cell: ({ name }) => <NodeLink name={name} /> },
          { title: 'Phase', kind: 'short', cell: ({ phase }) => <Mark kind={kindOf(nodePhases, phase)} /> },
          {
            title: 'Since',
            kind: 'short',
            cell: ({ phaseSinceMs }) => <Age atMs={phaseSinceMs} nowMs={now} />,
          },
          { title: 'Slots used', kind: 'number', cell: slotsOf },
          { title: 'Mom', kind: 'short', cell: ({ momHealth, momStage }) => momWords(momHealth, momStage) },
          {
            title: 'Jobs',
            kind: 'short',
            cell: ({ jobs }) => <Few items={jobs} max={3} show={(id) => <JobLink id={id} />} />,
          },
          { title: 'Why', kind: 'long', cell: ({ why }) => why },
        ]}
      />
    </>
  );
}

function Marked({ colour, label }: { readonly colour: string; readonly label: string }): JSX.Element {
  return (
    <>
      <Swatch colour={colour} />
      {label}
    </>
  );
}

function total(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

function slotsOf({ slotsUsed, np }: Node): string {
  return `${grouped(slotsUsed)} of ${grouped(np)}`;
}

export function momWords(health: string, stage: string): JSX.Element | string {
  if (health === '' && stage === '') return <Nothing />;
  if (health === '') return stage;
  return stage === '' ? health : `${health}, ${stage}`;
}

/** A running job is no demand; what people want to see is that it runs. */
export function jobKind({ state, verdict }: Job): ReturnType<typeof kindOf> {
  return kindOf(jobVerdicts, state === 'running' ? 'running' : verdict);
}

export function JobsPage({ query }: Props): JSX.Element {
  const now = useNow();
  const { status } = useLive();
  const verdicts = status?.jobsByVerdict ?? {};
  const states = status?.jobsByState ?? {};
  const verdict = (key: string): { label: JSX.Element; filter: string; count: number } => {
    const { colour, label } = kindOf(jobVerdicts, key);
    return {
      label: <Marked colour={colour} label={label} />,
      filter: `verdict:${key}`,
      count: verdicts[key] ?? 0,
    };
  };
  return (
    <>
      <h1>Jobs</h1>
      <FilteredList
        page="jobs"
        query={query}
        list="jobs"
        decode={(json) => pageIn(json, 'jobs', jobIn)}
        what="jobs"
        fields="id, verdict, state, code, owner, queue, name, node"
        example="verdict:waiting owner:alice"
        keyOf={({ id }) => id}
        choices={
          <Choices
            page="jobs"
            filter={query['filter'] ?? ''}
            label="Jobs by how they stand"
            choices={[
              { label: 'all', filter: '', count: total(verdicts) },
              {
                label: <Marked colour="--kind-running" label="running" />,
                filter: 'state:running',
                count: states['running'] ?? 0,
              },
              verdict('served'),
              verdict('waiting'),
              verdict('impossible'),
              { label: 'held', filter: 'state:held', count: states['held'] ?? 0 },
            ]}
          />
        }
        columns={[
          { title: 'Job', kind: 'main', cell: ({ id }) => <JobLink id={id} /> },
          { title: 'Name', kind: 'short', cell: ({ name }) => <span title={name}>{name}</span> },
          { title: 'Owner', kind: 'short', cell: ({ owner }) => owner },
          { title: 'Queue', kind: 'short', cell: ({ queue }) => queue },
          { title: 'Stands', kind: 'short', cell: (job) => <Mark kind={jobKind(job)} /> },
          { title: 'Queued', kind: 'short', cell: ({ queuedAtMs }) => <Age atMs={queuedAtMs} nowMs={now} /> },
          { title: 'Asks for', kind: 'wrap', cell: ({ request }) => request },
          { title: 'Why', kind: 'long', cell: (job) => <JobWhy job={job} /> },
        ]}
      />
    </>
  );
}

function JobWhy({ job }: { readonly job: Job }): JSX.Element {
  if (job.execNodes.length === 0) return <>{job.why}</>;
  return (
    <>
      {job.why} on <Few items={job.execNodes} max={4} show={(name) => <NodeLink name={name} />} />
    </>
  );
}

export function OffersPage({ query }: Props): JSX.Element {
  const now = useNow();
  const { status } = useLive();
  const counts = status?.offersByVerdict ?? {};
  return (
    <>
      <h1>Offers</h1>
      <FilteredList
        page="offers"
        query={query}
        list="offers"
        decode={(json) => pageIn(json, 'offers', offerIn)}
        what="offers"
        fields="id, host, agent, verdict, code"
        example="verdict:declined host:node7*"
        keyOf={({ id }) => id}
        choices={
          <Choices
            page="offers"
            filter={query['filter'] ?? ''}
            label="Offers by answer"
            choices={[
              { label: 'all', filter: '', count: total(counts) },
              ...offerVerdicts.map(({ key, label, colour }) => ({
                label: <Marked colour={colour} label={label} />,
                filter: `verdict:${key}`,
                count: counts[key] ?? 0,
              })),
            ]}
          />
        }
        columns={[
          {
            title: 'Host',
            kind: 'main',
            cell: ({ id, host }) => <a href={hrefOf({ page: 'offer', id })}>{host}</a>,
          },
          {
            title: 'Answer',
            kind: 'short',
            cell: ({ verdict }) => <Mark kind={kindOf(offerVerdicts, verdict)} />,
          },
          {
            title: 'Came',
            kind: 'short',
            cell: ({ receivedAtMs }) => <Age atMs={receivedAtMs} nowMs={now} />,
          },
          {
            title: 'Holds',
            kind: 'wrap',
            cell: ({ resources }) => (resources === null ? <Nothing /> : amountsText(resources)),
          },
          {
            title: 'Agent',
            kind: 'short',
            cell: ({ agentId }) => <a href={hrefOf({ page: 'agent', id: agentId })}>{shortAgent(agentId)}</a>,
          },
          { title: 'Why', kind: 'long', cell: ({ why }) => why },
        ]}
      />
    </>
  );
}

/** Agent ids are long, and end in what tells them apart: "…-S12". */
export function shortAgent(id: string): string {
  return id.length <= 14 ? id : `…${id.slice(-8)}`;
}
