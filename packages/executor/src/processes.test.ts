import { describe, expect, it } from 'vitest';
import { identity, oursAmong } from './processes.ts';
import type { ProcessRow } from './processes.ts';
import { row } from './testing/fakes.ts';

const executor = row(50, { ppid: 40 });
const mom = row(100, { ppid: 50 });

function ours(
  rows: readonly ProcessRow[],
  seeds: readonly number[] = [100],
  known: readonly ProcessRow[] = [],
): number[] {
  return oursAmong(rows, new Set(seeds), new Set(known.map(identity)), 50).map(({ pid }) => pid);
}

describe('oursAmong', () => {
  it('finds the mom with its descendants in sessions of their own, and nobody else', () => {
    const job = row(200, { ppid: 100 });
    const solver = row(201, { ppid: 200, pgid: 201 });
    const stranger = row(300);
    const momctl = row(60, { ppid: 50 });
    expect(ours([executor, mom, job, solver, stranger, momctl])).toEqual([100, 200, 201]);
  });

  it('finds what init has adopted by its mark, by its group, and by what was known before', () => {
    const marked = row(200, { marked: true });
    const sameGroup = row(201, { pgid: 200 });
    const known = row(202);
    const child = row(203, { ppid: 202 });
    expect(ours([executor, marked, sameGroup, known, child, row(300)], [], [known])).toEqual([
      200, 201, 202, 203,
    ]);
  });

  it('does not take a stranger for ours that was given a known number later', () => {
    const old = row(202, { startedAt: '1' });
    const stranger = row(202, { startedAt: '9' });
    expect(ours([executor, stranger], [], [old])).toEqual([]);
  });

  it('never names the executor or init, nor the executor’s process group', () => {
    const wrongly = row(50, { marked: true });
    const init = row(1, { marked: true, ppid: 0 });
    const child = row(201, { ppid: 1, pgid: 50, marked: true });
    const inOurGroup = row(40, { pgid: 50 });
    expect(ours([wrongly, init, child, inOurGroup], [])).toEqual([201]);
  });

  it('does not run in circles when numbers were used again between two reads', () => {
    expect(ours([row(7, { ppid: 8, marked: true }), row(8, { ppid: 7 })], [])).toEqual([7, 8]);
  });
});
