import { describe, expect, test } from 'vitest';
import type { JobFacts } from './facts.ts';
import { Limits } from './limits.ts';
import { noAmounts, noLimits, type Limiting, type QueueLimits, type RunLimits } from './settings.ts';
import { aJob, aQueue, aRunningJob } from './testing/builders.ts';

interface Set {
  readonly server?: Partial<RunLimits>;
  readonly batch?: Partial<QueueLimits>;
}

function settings({ server, batch }: Set): Limiting {
  return {
    kind: 'settings',
    server: { ...noLimits, ...server },
    queues: [aQueue('batch', batch), aQueue('other')],
  };
}

/** What each of the queued jobs is told, in their order; null for those that may be started. */
function told(set: Set, running: readonly JobFacts[], queued: readonly JobFacts[]): (string | null)[] {
  const limits = new Limits(settings(set), running);
  return queued.map((job) => {
    const reached = limits.reached(job);
    if (reached === null) limits.admit(job);
    return reached?.text ?? null;
  });
}

const run = (count: number, parts: Partial<JobFacts> = {}): JobFacts[] =>
  Array.from({ length: count }, (_, index) => ({ ...aRunningJob(index), ...parts }));
const queue = (count: number, parts: Partial<JobFacts> = {}): JobFacts[] =>
  Array.from({ length: count }, (_, index) => aJob(100 + index, parts));

test('with 8 running of 10, two more jobs are demand, first come first served', () => {
  expect(told({ batch: { maxRunning: 10 } }, run(8), queue(4))).toEqual([
    null,
    null,
    'queue batch: 8 jobs run, max_running is 10, and what comes first takes 2',
    'queue batch: 8 jobs run, max_running is 10, and what comes first takes 2',
  ]);
});

describe('each limit counts what it is about:', () => {
  test('a user in a queue', () => {
    const set = { batch: { maxUserRun: 4 } };

    expect(told(set, run(4, { owner: 'alice' }), queue(1, { owner: 'alice' }))).toEqual([
      'queue batch: user alice runs 4, max_user_run is 4',
    ]);
    expect(told(set, run(4, { owner: 'alice' }), queue(1, { owner: 'bob' }))).toEqual([null]);
    expect(told(set, run(4, { owner: 'alice', queue: 'other' }), queue(1, { owner: 'alice' }))).toEqual([
      null,
    ]);
  });

  test('a group on the server, whatever the queue', () => {
    const set = { server: { maxGroupRun: 2 } };

    expect(told(set, run(2, { group: 'physics', queue: 'other' }), queue(1, { group: 'physics' }))).toEqual([
      'server: group physics runs 2, max_group_run is 2',
    ]);
  });

  test('all on the server', () => {
    expect(told({ server: { maxRunning: 1 } }, run(1), queue(1))).toEqual([
      'server: 1 job runs, max_running is 1',
    ]);
  });

  test('zero lets nothing run', () => {
    expect(told({ batch: { maxRunning: 0 } }, [], queue(1))).toEqual([
      'queue batch: 0 jobs run, max_running is 0',
    ]);
  });

  test('jobs that are exiting, held or complete do not count: pbs_sched counts state R', () => {
    const others = (['exiting', 'held', 'complete', 'suspended'] as const).flatMap((state) =>
      run(3, { state }),
    );

    expect(told({ batch: { maxRunning: 1 } }, others, queue(1))).toEqual([null]);
  });
});

describe('resources that running jobs use together', () => {
  const nodect = (count: number): Partial<JobFacts> => ({ counted: { ...noAmounts, nodect: count } });
  const available = { ...noAmounts, nodect: 10 };

  test('are counted over what runs and what comes first', () => {
    expect(told({ batch: { available } }, run(2, nodect(3)), queue(3, nodect(2)))).toEqual([
      null,
      null,
      'queue batch: asks 2 of nodect, 6 in use of resources_available.nodect 10, and what comes first takes 4, short by 2',
    ]);
  });

  test('do not hold a job that asks for none of them', () => {
    expect(told({ server: { available: { ...noAmounts, nodect: 0 } } }, [], queue(1))).toEqual([null]);
  });

  test('may be limited for each job alone', () => {
    const ofOneJob = { ...noAmounts, memMib: 1000 };
    const asked = { counted: { ...noAmounts, memMib: 2000 } };

    expect(told({ server: { ofOneJob } }, run(5, asked), queue(1, asked))).toEqual([
      'server: asks 2,000 MiB of mem, resources_max.mem allows 1,000 MiB: 1,000 MiB too much',
    ]);
    // What is available together stands for both, as with pbs_sched.
    const both = { ofOneJob, available: { ...noAmounts, memMib: 5000 } };
    expect(told({ server: both }, [], queue(1, asked))).toEqual([null]);
  });
});

describe('a queue', () => {
  const closes = (batch: Partial<QueueLimits>, job = aJob(1)): string | null =>
    new Limits(settings({ batch }), []).queueCloses(job)?.text ?? null;

  test('that is not started, or routes, runs nothing', () => {
    expect(closes({ isStarted: false })).toBe('queue batch is not started');
    expect(closes({ kind: 'route' })).toContain('is a routing queue');
    expect(closes({})).toBeNull();
  });

  test('that the settings do not show has limits that are not known', () => {
    expect(closes({}, aJob(1, { queue: 'new' }))).toContain(
      'queue new was not there when the settings were read',
    );
  });

  test('may require properties of its jobs’ nodes', () => {
    const limits = new Limits(settings({ batch: { propertiesRequired: ['bigmem'] } }), []);

    expect(limits.propertiesOf(aJob(1))).toEqual(['bigmem']);
    expect(limits.propertiesOf(aJob(1, { queue: 'other' }))).toEqual([]);
  });
});

test('where settings are not looked at, nothing is limited', () => {
  const limits = new Limits({ kind: 'not-looked-at' }, run(100));

  expect(limits.reached(aJob(1))).toBeNull();
  expect(limits.queueCloses(aJob(1, { queue: 'any' }))).toBeNull();
});
