/** Entries of the journal, newest first, as a list of short lines. */
import type { JSX } from 'preact';
import { fieldText } from '../field-text.ts';
import { kindOf, nodePhases } from '../kinds.ts';
import type { Entry } from '../messages.ts';
import { hrefOf } from '../route.ts';
import { useNow } from '../store.ts';
import { Clock, JobLink, Mark, NodeLink } from './marks.tsx';

export function EntryList({ entries }: { readonly entries: readonly Entry[] }): JSX.Element {
  const now = useNow(60_000);
  if (entries.length === 0) return <p class="empty">Nothing yet.</p>;
  return (
    <ol class="entries">
      {entries.map((entry) => (
        <li key={entry.sequence}>
          <Clock atMs={entry.atMs} nowMs={now} />
          <span>
            <strong>{entry.event}</strong> <Subject entry={entry} />{' '}
            {entry.why === '' ? null : <Why text={entry.why} />}
            <Data entry={entry} />
          </span>
        </li>
      ))}
    </ol>
  );
}

function Why({ text }: { readonly text: string }): JSX.Element {
  return <span class="why">{text}</span>;
}

export function Subject({ entry }: { readonly entry: Entry }): JSX.Element | null {
  if (entry.node === '' && entry.jobId === '' && entry.offerId === '') return null;
  return (
    <span class="subject">
      {entry.node === '' ? null : <NodeLink name={entry.node} />}
      {entry.jobId === '' ? null : (
        <>
          {' '}
          job <JobLink id={entry.jobId} />
        </>
      )}
    </span>
  );
}

/** The further fields: a change of phase as one, durations as people read them. */
export function Data({ entry }: { readonly entry: Entry }): JSX.Element | null {
  const { from = '', to = '', ...rest } = entry.data;
  const fields = Object.entries(rest).filter(([name, value]) => isWorthSaying(name, value));
  if (fields.length === 0 && to === '') return null;
  return (
    <span class={entry.why === '' ? 'fields' : 'fields after'}>
      {' '}
      {to === '' ? null : (
        <span>
          {from === '' || from === 'null' ? null : <Mark kind={kindOf(nodePhases, from)} />} →{' '}
          <Mark kind={kindOf(nodePhases, to)} />
        </span>
      )}
      {fields.map(([name, value]) => (
        <span key={name}>{fieldText(name, value)}</span>
      ))}
    </span>
  );
}

/** `code` says what the reason says, and ids of messages mean nothing to people. */
function isWorthSaying(name: string, value: string): boolean {
  if (value === '' || value === 'null' || name === 'code' || name === 'uuid') return false;
  return name !== 'ms' || Number(value) >= 50;
}

/** The journal as it was at a moment. */
export function momentHref(atMs: number): string {
  return hrefOf({ page: 'journal', query: { at: String(Math.round(atMs)) } });
}
