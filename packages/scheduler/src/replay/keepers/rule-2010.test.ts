import { expect, test } from 'vitest';
import { simulate } from '../simulation.ts';
import { aWorkload } from '../testing/builders.ts';
import { rule2010Keeper } from './rule-2010.ts';

const times = { bootMs: 20_000, pollMs: 1000 };

test('a node for each of nodect, from the next look on, and gone at the look after the job', () => {
  // Two nodes are asked for at 0, seen at 1, up at 21; the job ends at 121, and at 122 they are given back.
  // A job that comes at 300 waits as long.
  const workload = aWorkload('4x1', [
    [0, 100, 2],
    [300, 79, 1],
  ]);

  const result = simulate(workload, 'easy', rule2010Keeper(times));

  expect(result).toMatchObject({ jobs: 2, waitMeanS: 21, nodesPeak: 2, grows: 3, shrinks: 2, stranded: [] });
  // Twice from 1 to 122, and from 301 to the end at 400.
  expect(result.nodeHoursHeld * 3600).toBeCloseTo(2 * 121 + 99);
});

test('running jobs count as demand, so that two jobs of one node have two', () => {
  const workload = aWorkload('4x1', [
    [0, 100, 1],
    [50, 10, 1],
  ]);

  expect(simulate(workload, 'easy', rule2010Keeper(times))).toMatchObject({ grows: 2, nodesPeak: 2 });
});

test('no more nodes than there are agents', () => {
  const jobs = Array.from({ length: 20 }, () => [0, 100, 2] as const);

  expect(simulate(aWorkload('3x1', jobs), 'fifo', rule2010Keeper(times))).toMatchObject({
    jobs: 20,
    nodesPeak: 3,
  });
});
