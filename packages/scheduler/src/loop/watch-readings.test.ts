import { describe, expect, it } from 'vitest';
import { nothingLimited } from '../core/settings.ts';
import { fresh, stale, storyMs, unknown } from '../core/testing/builders.ts';
import { createJournalRing } from './journal.ts';
import { createVirtualClock } from './testing/virtual-clock.ts';
import { createReadingWatch } from './watch-readings.ts';

function watching() {
  const clock = createVirtualClock(storyMs);
  const journal = createJournalRing(100);
  const lines: string[] = [];
  const note = (event: string) => void lines.push(event);
  const log = { debug: note, info: note, warn: note, error: note };
  const watch = createReadingWatch({ clock, journal, log });
  const pass = (ms: number) => clock.runUntil(clock.nowMs() + ms, () => false);
  return { watch, lines, journal, pass };
}

const queue = fresh({ jobs: [] });
const nodes = fresh([]);
const settings = fresh(nothingLimited);

describe('watching the readings', () => {
  it('says once that reading fails and why, and once that it does no more', async () => {
    const { watch, lines, journal, pass } = watching();

    watch.look({ queue, settings, nodes });
    for (const at of [1, 2, 3]) {
      watch.look({ queue: stale({ jobs: [] }, `garbled: cut off after ${at} bytes`), settings, nodes });
      await pass(500);
    }
    watch.look({ queue, settings, nodes });

    expect(lines).toEqual(['queue not read, so nothing grows or shrinks', 'queue read again']);
    expect(journal.entries()).toMatchObject([
      { event: 'queue not read', why: 'garbled: cut off after 1 bytes' },
      { event: 'queue read again', data: { failures: 3, ms: 1500 } },
    ]);
  });

  it('tells the nodes from the queue, and speaks up when the first reading fails already', () => {
    const { watch, journal } = watching();

    watch.look({
      queue: unknown('unreachable: qstat exited 111'),
      settings,
      nodes: unknown('unreachable: pbsnodes'),
    });
    watch.look({ queue, settings, nodes: unknown('unreachable: pbsnodes') });

    expect(journal.entries().map(({ event }) => event)).toEqual([
      'queue not read',
      'nodes not read',
      'queue read again',
    ]);
  });
});
