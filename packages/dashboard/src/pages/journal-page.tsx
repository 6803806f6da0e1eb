/** Every decision and change with its reasons: as they come, or as it stood at a moment of the past. */
import type { JSX } from 'preact';
import { useEffect, useId, useMemo, useState } from 'preact/hooks';
import { ask, listPath } from '../api.ts';
import { clockTime, duration, fullTime } from '../format.ts';
import { indexAt, runningApart } from '../history.ts';
import { jobVerdicts, kindOf, nodePhases } from '../kinds.ts';
import type { Entry, History } from '../messages.ts';
import { entryIn, historyIn, pageIn } from '../read-messages.ts';
import { journalUntil, seekPageSize, type JournalUntil } from '../moment.ts';
import { hrefOf, withKey, type Query } from '../route.ts';
import { useAnswer, useNow } from '../store.ts';
import { DataTable, type Column } from '../parts/data-table.tsx';
import { Data, Subject } from '../parts/entry-list.tsx';
import { FilterBox, FilteredList } from '../parts/list-page.tsx';
import { Clock, Mark } from '../parts/marks.tsx';
import { Panel } from '../parts/panel.tsx';
import { Shown } from '../parts/shown.tsx';

const fields = 'event, node, task, job, offer';
const example = 'event:node* node:node7*';

export function JournalPage({ query }: { readonly query: Query }): JSX.Element {
  const atMs = Number(query['at'] ?? '');
  const isMoment = Number.isFinite(atMs) && atMs > 0;
  return (
    <>
      <h1>Journal</h1>
      <MomentBox query={query} atMs={isMoment ? atMs : null} />
      {isMoment ? <JournalAt query={query} atMs={atMs} /> : <LatestJournal query={query} />}
    </>
  );
}

function LatestJournal({ query }: { readonly query: Query }): JSX.Element {
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

interface MomentProps {
  readonly query: Query;
  readonly atMs: number;
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
const shownMax = 100;

function JournalAt({ query, atMs }: MomentProps): JSX.Element {
  const columns = useColumns();
  const filter = query['filter'] ?? '';
  const history = useAnswer(`history?from_ms=${atMs - aroundMs}&points_max=5000`, historyIn, false);
  const { until, why } = useJournalUntil(atMs, filter);
  return (
    <>
      <Shown answer={history} what="the history">
        {(value) => <StateThen history={runningApart(value)} atMs={atMs} />}
      </Shown>
      <FilterBox page="journal" query={query} filter={filter} fields={fields} example={example} />
      {why === '' ? null : <p class="trouble">Could not read the journal: {why}.</p>}
      {until === null ? (
        <p class="empty">{why === '' ? 'Looking through the journal …' : ''}</p>
      ) : (
        <DataTable
          caption="Entries of the journal up to this moment, newest first"
          columns={columns}
          rows={until.entries.slice(0, shownMax)}
          keyOf={keyOf}
          empty="The journal has nothing that old: either nothing happened, or it is no longer kept."
        />
      )}
    </>
  );
}

function useJournalUntil(atMs: number, filter: string): { until: JournalUntil | null; why: string } {
  const [read, setRead] = useState<{ until: JournalUntil | null; why: string }>({ until: null, why: '' });
  useEffect(() => {
    const abort = new AbortController();
    setRead({ until: null, why: '' });
    const page = async (token: string): ReturnType<Parameters<typeof journalUntil>[2]> =>
      pageIn(await ask(listPath('decisions', filter, seekPageSize, token), abort.signal), 'entries', entryIn);
    journalUntil(atMs, shownMax, page).then(
      (until) => {
        if (!abort.signal.aborted) setRead({ until, why: '' });
      },
      (error: unknown) => {
        if (!abort.signal.aborted)
          setRead({ until: null, why: error instanceof Error ? error.message : String(error) });
      },
    );
    return () => {
      abort.abort();
    };
  }, [atMs, filter]);
  return read;
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
