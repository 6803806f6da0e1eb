import { describe, expect, it } from 'vitest';
import { createJournalRing } from './journal.ts';
import { createPhaseWatch, phaseDurations } from './watch-phases.ts';
import type { NodeVerdict } from '../core/decisions.ts';

const entry = (atMs: number) => ({ atMs, event: 'node created' });

describe('the journal in memory', () => {
  it('keeps the last entries in order and counts those pushed out', () => {
    const ring = createJournalRing(3);

    for (const atMs of [1, 2, 3, 4, 5]) ring.append(entry(atMs));

    expect(ring.entries()).toEqual([3, 4, 5].map(entry));
    expect(ring.pushedOut()).toBe(2);
  });

  it('tells those who watch, until they have enough', () => {
    const ring = createJournalRing(3);
    const seen: number[] = [];
    const enough = ring.subscribe(({ atMs }) => seen.push(atMs));

    ring.append(entry(1));
    enough();
    ring.append(entry(2));

    expect(seen).toEqual([1]);
  });
});

describe('phases in the journal', () => {
  const aVerdict = (phase: NodeVerdict['phase'], taskId: string | null = 'mom.n1.1'): NodeVerdict => ({
    ...{ node: 'n1', taskId, phase, np: 2, jobs: [], why: { code: 'story', text: 'so' } },
  });

  it('tell how long each phase of each node took', () => {
    const journal = createJournalRing(100);
    const watch = createPhaseWatch(journal);

    watch.look([aVerdict('launching')], 1000);
    watch.look([aVerdict('launching')], 1500);
    watch.look([aVerdict('starting')], 3000);
    watch.look([aVerdict('up')], 13_000);
    watch.look([], 20_000);

    expect(phaseDurations(journal.entries())).toMatchObject([
      { node: 'n1', phase: 'launching', beganMs: 1000, ms: 2000 },
      { node: 'n1', phase: 'starting', beganMs: 3000, ms: 10_000 },
      { node: 'n1', phase: 'up', beganMs: 13_000, ms: 7000 },
    ]);
  });

  it('are those of nodes with a task only, and are not told twice', () => {
    const journal = createJournalRing(100);
    const watch = createPhaseWatch(journal);

    watch.look([aVerdict('static', null), aVerdict('gone')], 1000);
    watch.look([], 2000);

    expect(journal.entries()).toMatchObject([{ data: { from: null, to: 'gone', ms: null } }]);
  });
});
