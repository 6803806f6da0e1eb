import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { CommandResult } from '@mesos-torque/common/run-command.ts';
import type { JobFacts, TorqueNode } from '../../../core/facts.ts';
import { aJob, aNode, nodesOf } from '../../../core/testing/builders.ts';
import { createVirtualClock } from '../../../loop/testing/virtual-clock.ts';
import { exited } from '../../testing/scripted-run.ts';
import { maui } from './maui.ts';
import type { TorqueScheduler } from './torque-scheduler.ts';

const fixtures = new URL('../../../../../../fixtures/maui-3.3.1/', import.meta.url);
const printed = (name: string): string => readFileSync(new URL(`${name}.stdout`, fixtures), 'utf8');

const free = (name: string): TorqueNode => aNode(name, { np: 2, states: ['free'] });

function aWait(id: string, count: number, ppn: number): JobFacts {
  return aJob(id, { request: nodesOf({ count, ppn }) });
}

/** Maui as recorded, with the jobs 0, 1 and 2 deferred until they are released. */
function aMaui(parts: {
  readonly releasesMax?: number;
  readonly holdOf?: Readonly<Record<string, string>>;
  readonly release?: CommandResult;
}): {
  scheduler: TorqueScheduler;
  clock: ReturnType<typeof createVirtualClock>;
  ran: string[];
} {
  const ran: string[] = [];
  const clock = createVirtualClock(0);
  const answer = (argv: readonly string[]): CommandResult => {
    ran.push(argv.join(' '));
    const [program, ...args] = argv;
    if (program === 'showq') return exited(0, printed('nodes-came-showq'));
    if (program === 'releasehold') return parts.release ?? exited(0, '\njob holds adjusted\n');
    const id = args.at(-1) ?? '';
    if (!['0', '1', '2'].includes(id))
      return exited(1, '', `ERROR:    'checkjob' failed\nERROR:  cannot locate job '${id}'\n`);
    return exited(
      0,
      printed('nodes-came-checkjob').replace('Holds:    Defer', `Holds:    ${parts.holdOf?.[id] ?? 'Defer'}`),
    );
  };
  const scheduler = maui({
    kind: 'maui',
    run: (argv) => Promise.resolve(answer(argv)),
    env: {},
    binDir: null,
    timeoutMs: 1000,
    clock,
    isManaged: false,
    releasesMax: parts.releasesMax ?? 10,
  });
  return { scheduler, clock, ran };
}

const queue = (...jobs: readonly JobFacts[]) => ({ jobs });
const releases = (ran: readonly string[]): readonly string[] =>
  ran.filter((line) => line.startsWith('releasehold'));

test('a deferred job is released once its nodes are free', async () => {
  const { scheduler, ran } = aMaui({});
  const wide = aWait('0.head', 2, 2);

  await scheduler.prepareCycle(queue(wide), [free('n1')]);
  expect(ran).toEqual([]);

  const done = await scheduler.prepareCycle(queue(wide), [free('n1'), free('n2')]);
  expect(releases(ran)).toEqual(['releasehold -a 0']);
  expect(done).toEqual([{ jobId: '0.head', what: 'deferral released: its nodes are up', problem: null }]);
});

test('no more jobs are released than have nodes, and not more than allowed at a time', async () => {
  const jobs = [aWait('0.head', 1, 2), aWait('1.head', 1, 2), aWait('2.head', 1, 2)];
  const two = aMaui({});
  await two.scheduler.prepareCycle(queue(...jobs), [free('n1'), free('n2')]);
  expect(releases(two.ran)).toEqual(['releasehold -a 0', 'releasehold -a 1']);

  const one = aMaui({ releasesMax: 1 });
  await one.scheduler.prepareCycle(queue(...jobs), [free('n1'), free('n2'), free('n3')]);
  expect(releases(one.ran)).toEqual(['releasehold -a 0']);
});

test.each(['Batch', 'User', 'System', 'Defer User'])(
  'a hold of the kind %s is never taken away',
  async (hold) => {
    const { scheduler, ran } = aMaui({ holdOf: { 0: hold } });
    await scheduler.prepareCycle(queue(aWait('0.head', 1, 1)), [free('n1')]);
    expect(releases(ran)).toEqual([]);
  },
);

test('nodes that are down, offline or full are no nodes', async () => {
  const { scheduler, ran } = aMaui({});
  const nodes = [
    aNode('n1', { np: 2, states: ['down'] }),
    aNode('n2', { np: 2, states: ['offline'] }),
    aNode('n3', { np: 2, states: ['free'], jobs: [{ jobId: '9.head', slots: 2 }] }),
  ];
  await scheduler.prepareCycle(queue(aWait('0.head', 1, 1)), nodes);
  expect(ran).toEqual([]);
});

test('releasehold exits 0 when it may not, and that is told', async () => {
  const { scheduler } = aMaui({ release: exited(0, '\nERROR:  request not authorized\n') });
  const [done] = await scheduler.prepareCycle(queue(aWait('0.head', 1, 1)), [free('n1')]);
  expect(done?.problem).toMatch(/request not authorized; is our user an ADMIN1/);
});

test('jobs come with what Maui says of them, from the second reading on, and are asked about seldom', async () => {
  const { scheduler, clock, ran } = aMaui({});
  const jobs = [aWait('0.head', 2, 2), aWait('7.head', 1, 1)];
  expect(scheduler.explain(jobs)).toEqual(jobs);
  await clock.runUntil(1_000, () => false);

  const [deferred, unknown] = scheduler.explain(jobs);
  await clock.runUntil(2_000, () => false);
  expect(deferred?.comment).toMatch(
    /^Not Running: Not enough of the right type of nodes are available \(maui: NoResources/,
  );
  expect(unknown?.comment).toBeNull();
  expect(ran).toEqual(['checkjob 0', 'checkjob 7']);

  await clock.runUntil(40_000, () => false);
  scheduler.explain(jobs);
  await clock.runUntil(41_000, () => false);
  expect(ran).toHaveLength(4);
});
