/** What is running now, and how it came about over the last hours. */
import type { JSX } from 'preact';
import type { Job, Offer, Status } from '../messages.ts';
import { entryIn, jobIn, offerIn, pageIn } from '../read-messages.ts';
import { counted, grouped } from '../format.ts';
import { byReason, wordsOf } from '../reasons.ts';
import { kindOf, offerVerdicts } from '../kinds.ts';
import { resources } from '../now-plots.ts';
import { listHref } from '../route.ts';
import { listPath } from '../api.ts';
import { useAnswer, useLive } from '../store.ts';
import { DataTable } from '../parts/data-table.tsx';
import { JobLink, Mark } from '../parts/marks.tsx';
import { Meter } from '../parts/meter.tsx';
import { Panel } from '../parts/panel.tsx';
import { Shown } from '../parts/shown.tsx';
import { QuarantinePanel } from '../parts/trouble.tsx';
import { Charts } from './now-charts.tsx';
import { EntryList } from '../parts/entry-list.tsx';

export function NowPage(): JSX.Element {
  const { status } = useLive();
  return (
    <>
      <h1 class="unseen">Now</h1>
      {status === null ? <p class="empty">Waiting for the scheduler …</p> : <Tiles status={status} />}
      <Charts />
      <div class="columns">
        <div>
          <WaitingPanel />
          <OffersPanel />
        </div>
        <div>
          {status === null || status.quarantined.length === 0 ? null : (
            <QuarantinePanel agents={status.quarantined} />
          )}
          {status === null ? null : <AllocationPanel status={status} />}
          <LatestPanel />
        </div>
      </div>
    </>
  );
}

function Tiles({ status }: { readonly status: Status }): JSX.Element {
  const running = status.jobsByState['running'] ?? 0;
  const waiting = status.jobsByVerdict['waiting'] ?? 0;
  const served = status.jobsByVerdict['served'] ?? 0;
  const impossible = status.jobsByVerdict['impossible'] ?? 0;
  const phase = (...names: readonly string[]): number =>
    names.reduce((sum, name) => sum + (status.nodesByPhase[name] ?? 0), 0);
  const suspect = phase('suspect');
  return (
    <dl class="tiles">
      <Tile title="jobs running" value={running} href={listHref('jobs', 'state:running')} />
      <Tile title="jobs waiting for nodes" value={waiting} href={listHref('jobs', 'verdict:waiting')} />
      <Tile title="jobs about to start" value={served} href={listHref('jobs', 'verdict:served')} />
      <Tile
        title="jobs that can never run"
        value={impossible}
        href={listHref('jobs', 'verdict:impossible')}
        bad={impossible > 0}
      />
      <Tile title="nodes up" value={phase('up', 'static')} href={listHref('nodes', 'phase:up')} />
      <Tile
        title="nodes on their way"
        value={phase('launching', 'starting', 'registering')}
        href={listHref('nodes', '-phase:up -phase:draining -phase:leaving -phase:suspect -phase:static')}
      />
      <Tile
        title="nodes leaving"
        value={phase('draining', 'leaving')}
        href={listHref(
          'nodes',
          '-phase:up -phase:launching -phase:starting -phase:registering -phase:suspect -phase:static',
        )}
      />
      <Tile
        title="nodes suspect"
        value={suspect}
        href={listHref('nodes', 'phase:suspect')}
        bad={suspect > 0}
      />
    </dl>
  );
}

function Tile(props: {
  readonly title: string;
  readonly value: number;
  readonly href: string;
  readonly bad?: boolean;
}): JSX.Element {
  return (
    <div class={props.bad === true ? 'tile bad' : 'tile'}>
      <dt>{props.title}</dt>
      <dd>
        <a href={props.href} aria-label={`${grouped(props.value)} ${props.title}`}>
          {grouped(props.value)}
        </a>
      </dd>
    </div>
  );
}

/** Those that wait for nodes, and those that can never run: the reasons that the scheduler counts. */
const unserved = '-verdict:served -verdict:not-demand';
/** Enough for an example of each reason. */
const examplesMax = 300;

function WaitingPanel(): JSX.Element {
  const path = listPath('jobs', unserved, examplesMax, '');
  const answer = useAnswer(path, (json) => pageIn(json, 'jobs', jobIn));
  const { status } = useLive();
  return (
    <Panel title="Why jobs wait" aside={<a href={listHref('jobs', unserved)}>all that wait</a>}>
      <Shown answer={answer} what="the jobs that wait">
        {(page) => (
          <DataTable
            caption="Jobs that wait for nodes, by reason"
            empty="No job waits for nodes."
            keyOf={({ code }) => code}
            rows={byReason(page.items, status?.jobsByReason ?? {})}
            columns={[
              { title: 'Jobs', kind: 'number', cell: ({ count }) => grouped(count) },
              {
                title: 'Reason',
                kind: 'main',
                cell: ({ code }) => (
                  <a href={listHref('jobs', `${unserved} code:${code}`)}>{wordsOf(code)}</a>
                ),
              },
              {
                title: 'For example',
                kind: 'long',
                cell: ({ example }) => (example === null ? null : <JobExample job={example} />),
              },
            ]}
          />
        )}
      </Shown>
    </Panel>
  );
}

function JobExample({ job }: { readonly job: Job }): JSX.Element {
  return (
    <>
      <JobLink id={job.id} /> {job.why}
    </>
  );
}

function AllocationPanel({ status }: { readonly status: Status }): JSX.Element {
  const { held, heldAfter, safeAllocation, floorNodes } = status;
  return (
    <Panel title="Held, of the safe allocation">
      {resources.map(({ key, label, format }) => {
        const now = held?.[key] ?? 0;
        const limit = safeAllocation[key];
        // Gpus are no news where there are none.
        if (key === 'gpus' && now === 0 && limit === null) return null;
        return (
          <Meter
            key={key}
            label={label}
            held={now}
            heldAfter={heldAfter?.[key] ?? now}
            limit={limit}
            format={format}
          />
        );
      })}
      <p class="muted small">
        Floor: {counted(floorNodes, 'node')} held even when nothing waits. Offers:{' '}
        {status.suppressed ? 'Mesos was told that none are needed.' : 'Mesos sends them as it has them.'}
      </p>
    </Panel>
  );
}

const offersShownMax = 1_000;

function OffersPanel(): JSX.Element {
  const answer = useAnswer(listPath('offers', '', offersShownMax, ''), (json) =>
    pageIn(json, 'offers', offerIn),
  );
  return (
    <Panel title="Offers in the latest pass" aside={<a href={listHref('offers', '')}>one by one</a>}>
      <Shown answer={answer} what="the offers">
        {(page) => <OfferReasons offers={page.items} />}
      </Shown>
    </Panel>
  );
}

function OfferReasons({ offers }: { readonly offers: readonly Offer[] }): JSX.Element {
  const rows = offerVerdicts.flatMap(({ key }) =>
    byReason(
      offers.filter(({ verdict }) => verdict === key),
      {},
    ).map((group) => ({ ...group, verdict: key })),
  );
  return (
    <DataTable
      caption="Offers by what was done with them and why"
      empty="There were no offers in the latest pass."
      keyOf={({ verdict, code }) => `${verdict} ${code}`}
      rows={rows}
      columns={[
        { title: 'Offers', kind: 'number', cell: ({ count }) => grouped(count) },
        {
          title: 'Answer',
          kind: 'short',
          cell: ({ verdict }) => <Mark kind={kindOf(offerVerdicts, verdict)} />,
        },
        {
          title: 'Reason',
          kind: 'main',
          cell: ({ verdict, code }) => (
            <a href={listHref('offers', `verdict:${verdict} code:${code}`)}>{wordsOf(code)}</a>
          ),
        },
        {
          title: 'For example',
          kind: 'long',
          cell: ({ example }) => (example === null ? null : `${example.host}: ${example.why}`),
        },
      ]}
    />
  );
}

const latestMax = 12;

function LatestPanel(): JSX.Element {
  const { entries } = useLive();
  const answer = useAnswer(
    listPath('decisions', '', latestMax, ''),
    (json) => pageIn(json, 'entries', entryIn),
    false,
  );
  return (
    <Panel title="Latest in the journal" aside={<a href={listHref('journal', '')}>journal</a>}>
      <Shown answer={answer} what="the journal">
        {(page) => <EntryList entries={[...entries, ...page.items].filter(isFirst).slice(0, latestMax)} />}
      </Shown>
    </Panel>
  );
}

/** An entry may have been read and have come by itself too. */
function isFirst(entry: { sequence: number }, index: number, all: readonly { sequence: number }[]): boolean {
  return all.findIndex(({ sequence }) => sequence === entry.sequence) === index;
}
