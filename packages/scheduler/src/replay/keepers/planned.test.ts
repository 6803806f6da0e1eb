import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Policy } from '../../core/policy.ts';
import type { SchedulerName } from '../model/schedulers.ts';
import { simulate, type RunResult } from '../simulation.ts';
import { aWorkload, defaultPolicy, timing } from '../testing/builders.ts';
import type { Workload } from '../workload.ts';
import { plannedKeeper } from './planned.ts';
import { rule2010Keeper } from './rule-2010.ts';
import { staticKeeper } from './static.ts';

interface Given {
  readonly scheduler?: SchedulerName;
  readonly policy?: Partial<Policy>;
  readonly bootMs?: number;
  readonly hostListMs?: number;
  readonly skipsIdlePasses?: boolean;
}

function planned(workload: Workload, given: Given = {}): RunResult & { readonly passes: number } {
  const { scheduler = 'easy', bootMs = timing.bootMs, hostListMs = 0, skipsIdlePasses = true } = given;
  const keeper = plannedKeeper({
    policy: defaultPolicy(workload.cluster, given.policy),
    timing: { ...timing, bootMs, hostListMs },
    skipsIdlePasses,
  });
  return { ...simulate(workload, scheduler, keeper), passes: keeper.passes() };
}

test('the first job waits for a reading, the boot and the next reading; a later one finds the node idle', () => {
  const workload = aWorkload('4x1', [
    [0, 60, 1],
    [100, 60, 1],
  ]);

  const result = planned(workload, { policy: { idleMs: 300_000 } });

  expect(result).toMatchObject({ jobs: 2, grows: 1, shrinks: 0, nodesPeak: 1, stranded: [] });
  // The first reading is at 0 or 2 s, and one of the next 0.5 s after the boot shows the node free.
  expect(result.waitMeanS * 2).toBeGreaterThanOrEqual(20);
  expect(result.waitMeanS * 2).toBeLessThan(23);
});

test('an idle node goes after its idle time, and a job after that waits for another', () => {
  const workload = aWorkload('4x1', [
    [0, 60, 1],
    [1000, 60, 1],
  ]);

  const result = planned(workload, { policy: { idleMs: 60_000 } });

  expect(result).toMatchObject({ jobs: 2, grows: 2, shrinks: 1 });
  // Two jobs of 60 s, two boots of 20 s, 60 s of idling, and a few seconds to find out and to leave.
  expect(result.nodeHoursHeld * 3600).toBeGreaterThan(2 * 80 + 60);
  expect(result.nodeHoursHeld * 3600).toBeLessThan(2 * 80 + 60 + 15);
});

test('the beat of the host list is waited for', () => {
  const workload = aWorkload('4x1', [[1, 60, 1]]);

  const without = planned(workload, { bootMs: 2000 }).waitMeanS;
  const withBeat = planned(workload, { bootMs: 2000, hostListMs: 10_000 }).waitMeanS;

  expect(without).toBeLessThan(6);
  expect(withBeat).toBeGreaterThan(8);
  expect(withBeat).toBeLessThan(13);
});

test('the floor stands ready', () => {
  const workload = aWorkload('4x1', [
    [0, 10, 1],
    [500, 10, 2],
    [5000, 10, 2],
  ]);

  const result = planned(workload, { policy: { minSlotsHeld: 2, idleMs: 60_000 } });

  expect(result).toMatchObject({ jobs: 3, grows: 2, shrinks: 0 });
  expect(result.waitP50S).toBe(0);
});

test('a policy that forbids what a job needs leaves it waiting, and that is told', () => {
  const workload = aWorkload('4x1', [
    [0, 10, 3],
    [10, 10, 1],
  ]);

  const result = planned(workload, {
    policy: { safeAllocation: { ...defaultPolicy(workload.cluster).safeAllocation, nodes: 2 } },
  });

  expect(result.jobs).toBe(1);
  expect(result.stranded.map(({ slots }) => slots)).toEqual([3]);
});

test('a job of all nodes gets them at once', () => {
  const result = planned(aWorkload('40x1', [[0, 60, 40]]), {
    policy: { launchesInFlightMax: 64, nodeActsMax: 64 },
  });

  expect(result).toMatchObject({ jobs: 1, grows: 40, nodesPeak: 40 });
  expect(result.waitMeanS).toBeLessThan(24);
});

test.each(['fifo', 'first-fit', 'easy'] as const)(
  'a wide job in front and a small one behind it, for which one node stands free, do not wait for each other: %s',
  (scheduler) => {
    const workload = aWorkload('4x1', [
      [0, 50, 1],
      [10, 60, 4],
      [11, 1000, 1],
    ]);

    expect(planned(workload, { scheduler })).toMatchObject({ jobs: 3, stranded: [] });
  },
);

describe('whatever the jobs', () => {
  const arbitraryJobs = fc.array(
    fc.tuple(
      fc.integer({ min: 0, max: 3000 }),
      fc.integer({ min: 0, max: 900 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 1200 }),
    ),
    { minLength: 1, maxLength: 25 },
  );
  const arbitraryCluster = fc.constantFrom('12x1', '6x2', '3x4', '2x2:small,2x8:large');
  const arbitraryScheduler = fc.constantFrom('fifo' as const, 'first-fit' as const, 'easy' as const);
  const arbitraryNodeSize = fc.constantFrom('fit' as const, 'whole' as const);

  test('none is lost, the cluster is never exceeded, and jobs use the same everywhere', () => {
    fc.assert(
      fc.property(
        arbitraryCluster,
        arbitraryJobs,
        arbitraryScheduler,
        arbitraryNodeSize,
        (cluster, jobs, scheduler, nodeSize) => {
          const workload = aWorkload(cluster, jobs);
          const standing = simulate(workload, scheduler, staticKeeper());
          const runs = [
            planned(workload, { scheduler, policy: { nodeSize } }),
            simulate(workload, scheduler, rule2010Keeper({ bootMs: 20_000, pollMs: 1000 })),
          ];
          expect(standing.jobs).toBe(workload.jobs.length);
          expect(runs[0]?.stranded).toEqual([]);
          for (const run of runs) {
            expect(run.jobs + run.stranded.length).toBe(workload.jobs.length);
            expect(run.nodesPeak).toBeLessThanOrEqual(workload.cluster.length);
            expect(run.grows - run.shrinks).toBeGreaterThanOrEqual(0);
            if (run.stranded.length > 0) continue;
            expect(run.nodeHoursUsed).toBeCloseTo(standing.nodeHoursUsed, 9);
            expect(run.nodeHoursHeld).toBeGreaterThanOrEqual(run.nodeHoursUsed - 1e-9);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test('passes that are left out would have changed nothing', () => {
    fc.assert(
      fc.property(arbitraryJobs, arbitraryNodeSize, (jobs, nodeSize) => {
        const workload = aWorkload('6x2', jobs);
        const policy = { nodeSize, idleMs: 120_000 };
        const { passes: few, ...quick } = planned(workload, { policy });
        const { passes: many, ...thorough } = planned(workload, { policy, skipsIdlePasses: false });
        expect(few).toBeLessThanOrEqual(many);
        expect(quick.jobs).toBe(thorough.jobs);
        // The moments of readings move by less than one reading.
        expect(Math.abs(quick.waitMeanS - thorough.waitMeanS)).toBeLessThan(2);
      }),
      { numRuns: 30 },
    );
  });
});
