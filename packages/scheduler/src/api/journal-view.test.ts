import { expect, test } from 'vitest';
import { createJournalRing } from '../loop/journal.ts';
import { journalView } from './journal-view.ts';

test('places go on when the ring has let the oldest entries go', () => {
  const ring = createJournalRing(2);
  const view = journalView({ ...ring, older: () => Promise.resolve([]) });
  const seen: string[] = [];
  view.subscribe(({ sequence, entry }) => seen.push(`${String(sequence)} ${entry.event}`));

  for (const event of ['a', 'b', 'c']) ring.append({ atMs: 1, event });

  expect(seen).toEqual(['1 a', '2 b', '3 c']);
  expect(view.since(0).map(({ sequence, entry }) => `${String(sequence)} ${entry.event}`)).toEqual([
    '2 b',
    '3 c',
  ]);
  expect(view.since(2).map(({ sequence }) => sequence)).toEqual([3]);
});

test('who has gone is not called any more', () => {
  const ring = createJournalRing(10);
  const view = journalView({ ...ring, older: () => Promise.resolve([]) });
  const seen: number[] = [];
  const stop = view.subscribe(({ sequence }) => seen.push(sequence));
  ring.append({ atMs: 1, event: 'a' });
  stop();
  ring.append({ atMs: 2, event: 'b' });
  expect(seen).toEqual([1]);
});
