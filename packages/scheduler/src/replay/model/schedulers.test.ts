import { describe, expect, test } from 'vitest';
import { simulate, type Keeper } from '../simulation.ts';
import { staticKeeper } from '../keepers/static.ts';
import { aWorkload } from '../testing/builders.ts';
import type { SchedulerName } from './schedulers.ts';

type Jobs = Parameters<typeof aWorkload>[1];

/** When each job started on a cluster that always stands, in seconds, in the order of submission. */
function startsOf(scheduler: SchedulerName, cluster: string, jobs: Jobs): readonly number[] {
  const workload = aWorkload(cluster, jobs);
  const starts = new Map<string, number>();
  const keeper: Keeper = {
    ...staticKeeper(),
    jobStarted: ({ job, startMs }) => starts.set(job.id, startMs / 1000),
  };
  simulate(workload, scheduler, keeper);
  return workload.jobs.map(({ id }) => starts.get(id) ?? Number.NaN);
}

describe('on four nodes, with two taken for 100 s and a job of four at the head', () => {
  const before = [
    [0, 100, 2],
    [1, 50, 4],
  ] as const;

  test.each([
    // Ends at 92, before the head can start.
    ['short', [2, 90, 2], { fifo: 150, 'first-fit': 2, easy: 2 }],
    // Would end at 202 and hold up the head.
    ['long', [2, 200, 2], { fifo: 150, 'first-fit': 2, easy: 150 }],
  ] as const)('a %s job behind it', (_, job, expected) => {
    const jobs = [...before, job];

    for (const scheduler of ['fifo', 'first-fit', 'easy'] as const) {
      expect([scheduler, startsOf(scheduler, '4x1', jobs).at(2)]).toEqual([scheduler, expected[scheduler]]);
    }
  });

  test('the head starts when the first job has ended, unless jobs pass it', () => {
    const jobs = [...before, [2, 200, 2]] as const;

    expect(startsOf('fifo', '4x1', jobs)[1]).toBe(100);
    expect(startsOf('easy', '4x1', jobs)[1]).toBe(100);
    expect(startsOf('first-fit', '4x1', jobs)[1]).toBe(202);
  });
});

test('EASY lets a long job use what the reservation leaves over', () => {
  // Four nodes: two busy until 100, the head wants three, so one is over for however long.
  const starts = startsOf('easy', '4x1', [
    [0, 100, 2],
    [1, 50, 3],
    [2, 500, 1],
    [3, 500, 1],
  ]);

  expect(starts).toEqual([0, 100, 2, 150]);
});

test('EASY goes by what users said: a walltime that is too long keeps a short job from passing', () => {
  const starts = startsOf('easy', '4x1', [
    [0, 100, 2],
    [1, 50, 4],
    [2, 10, 2, 1000],
  ]);

  expect(starts).toEqual([0, 100, 150]);
});

test('a job that overruns its walltime is expected to end at any moment', () => {
  const starts = startsOf('easy', '2x1', [
    [0, 100, 1, 10],
    [50, 10, 2],
    [51, 5, 1],
  ]);

  expect(starts).toEqual([0, 100, 110]);
});

test('jobs of one moment are served in the order of the trace', () => {
  const starts = startsOf('fifo', '1x1', [
    [0, 10, 1],
    [0, 10, 1],
    [0, 10, 1],
  ]);

  expect(starts).toEqual([0, 10, 20]);
});
