/** Every decision and change with its reasons: as they come, or as it stood at a moment of the past. */
import type { JSX } from 'preact';
import { useId, useMemo } from 'preact/hooks';
import { clockTime, duration, fullTime } from '../format.ts';
import { indexAt, runningApart } from '../history.ts';
import { jobVerdicts, kindOf, nodePhases } from '../kinds.ts';
import type { Entry, History } from '../messages.ts';
import { entryIn, historyIn, pageIn } from '../read-messages.ts';
import { hrefOf, withKey, type Query } from '../route.ts';
import { useAnswer, useNow } from '../store.ts';
import type { Column } from '../parts/data-table.tsx';
import { Data, Subject } from '../parts/entry-list.tsx';
import { FilteredList } from '../parts/list-page.tsx';
import { Clock, Mark } from '../parts/marks.tsx';
import { Panel } from '../parts/panel.tsx';
import { Shown } from '../parts/shown.tsx';

const fields = 'event, node, task, job, offer, who';
const example = 'event:node* node:node7*';

export function JournalPage({ query }: { readonly query: Query }): JSX.Element {
  const atMs = Number(query['at'] ?? '');
  const isMoment = Number.isFinite(atMs) && atMs > 0;
  return (
    <>
      <h1>Journal</h1>
      <MomentBox query={query} atMs={isMoment ? atMs : null} />
      {isMoment ? <StateAt atMs={atMs} /> : null}
      <Entries query={query} atMs={isMoment ? atMs : null} />
    </>
  );
}

/** Newest first, a page at a time, as far back as the journal is kept; `atMs`: nothing later. */
function Entries({ query, atMs }: { readonly query: Query; readonly atMs: number | null }): JSX.Element {
  const columns = useColumns();
  return (
    <FilteredList
      page="journal"
      query={query}
      list="decisions"
      decode={(json) => pageIn(json, 'entries', entryIn)}
      what="entries"
      fields={fields}
      example={example}
      keyOf={keyOf}
      columns={columns}
      countsSome
      {...(atMs === null
        ? {}
        : {
            bounds: { before_ms: String(atMs) },
            follow: false,
            nothing: 'The journal has nothing that old: either nothing happened, or it is no longer kept.',
          })}
    />
  );
}

const keyOf = ({ sequence }: Entry): string => String(sequence);

function useColumns(): readonly Column<Entry>[] {
  const now = useNow(60_000);
  return [
    { title: 'Time', kind: 'short', cell: ({ atMs }) => <Clock atMs={atMs} nowMs={now} /> },
    { title: 'Event', kind: 'main', cell: ({ event }) => event },
    { title: 'About', kind: 'short', cell: (entry) => <Subject entry={entry} /> },
    {
      title: 'Why and what',
      kind: 'long',
      cell: (entry) => (
        <>
          {entry.why}
          <Data entry={entry} />
        </>
      ),
    },
  ];
}

/** Steps through time, in milliseconds. */
const steps = [-600_000, -60_000, -10_000, 10_000, 60_000, 600_000] as const;

function MomentBox({ query, atMs }: { readonly query: Query; readonly atMs: number | null }): JSX.Element {
  const id = useId();
  const href = (to: number | null): string =>
    hrefOf({ page: 'journal', query: withKey(query, 'at', to === null ? '' : String(to)) });
  return (
    <div class="moment">
      <label for={id}>As it was at</label>
      <input
        id={id}
        type="datetime-local"
        step={1}
        value={atMs === null ? '' : localInput(atMs)}
        onChange={(event) => {
          const chosen = Date.parse(event.currentTarget.value);
          location.hash = href(Number.isNaN(chosen) ? null : chosen);
        }}
      />
      {atMs === null ? null : (
        <span class="steps">
          {steps.map((step) => (
            <a
              key={step}
              href={href(atMs + step)}
              aria-label={`${duration(Math.abs(step))} ${step < 0 ? 'earlier' : 'later'}`}
            >
              {step < 0 ? '−' : '+'}
              {duration(Math.abs(step))}
            </a>
          ))}
          <a href={href(null)}>latest</a>
        </span>
      )}
    </div>
  );
}

/** The reader's own time, as the input wants it: "2026-11-22T14:03:27". */
function localInput(atMs: number): string {
  return fullTime(atMs).replace(' ', 'T');
}

/** A moment every 5 s is kept; a little more, so that one is in it. */
const aroundMs = 60_000;

function StateAt({ atMs }: { readonly atMs: number }): JSX.Element {
  const history = useAnswer(`history?from_ms=${atMs - aroundMs}&points_max=5000`, historyIn, false);
  return (
    <Shown answer={history} what="the history">
      {(value) => <StateThen history={runningApart(value)} atMs={atMs} />}
    </Shown>
  );
}

function StateThen({ history, atMs }: { readonly history: History; readonly atMs: number }): JSX.Element {
  const index = useMemo(() => indexAt(history.atMs, atMs), [history, atMs]);
  const momentMs = index === null ? 0 : (history.atMs[index] ?? 0);
  if (index === null || atMs - momentMs > aroundMs) {
    return <p class="empty">How jobs and nodes stood at {fullTime(atMs)} is not kept.</p>;
  }
  const counts = (group: string): readonly { name: string; value: number }[] =>
    history.series.flatMap((series) => {
      const value = series.group === group ? (series.values[index] ?? 0) : 0;
      return value > 0 ? [{ name: series.name, value }] : [];
    });
  return (
    <Panel title={`State at ${clockTime(momentMs, Date.now())}`}>
      <StateLine title="Nodes" kinds={nodePhases} counts={counts('nodes')} />
      <StateLine title="Jobs" kinds={jobVerdicts} counts={counts('jobs')} />
    </Panel>
  );
}

function StateLine(props: {
  readonly title: string;
  readonly kinds: typeof nodePhases;
  readonly counts: readonly { readonly name: string; readonly value: number }[];
}): JSX.Element {
  return (
    <p class="state-line">
      <b>{props.title}</b>
      {props.counts.length === 0 ? ' none' : null}
      {props.counts.map(({ name, value }) => (
        <span key={name}>
          {value} <Mark kind={kindOf(props.kinds, name)} />
        </span>
      ))}
    </p>
  );
}
