import { expect, test } from 'vitest';
import { silentLog } from '@mesos-torque/common/logger.ts';
import { aJob, aNode } from '../../core/testing/builders.ts';
import { createVirtualClock } from '../../loop/testing/virtual-clock.ts';
import type { Outcome, TorquePort } from '../../loop/ports.ts';
import { withScheduler } from './scheduling-port.ts';
import { speaksForItself, type TorqueScheduler } from './schedulers/torque-scheduler.ts';

const done: Outcome<null> = { ok: true, value: null };

function aTorque(scheduler: Partial<TorqueScheduler> = {}): {
  torque: TorquePort;
  clock: ReturnType<typeof createVirtualClock>;
  acts: string[];
  hold: (why: string | null) => void;
} {
  const acts: string[] = [];
  const clock = createVirtualClock(0);
  let whyNoCycle: string | null = null;
  const act = (name: string): Promise<Outcome<null>> => {
    acts.push(`${clock.nowMs()} ${name}`);
    return Promise.resolve(done);
  };
  const inner: TorquePort = {
    readQueue: () => Promise.resolve({ ok: true, value: { jobs: [aJob('1.head')] } }),
    readNodes: () => Promise.resolve({ ok: true, value: [aNode('n1')] }),
    readSettings: () => Promise.reject(new Error('not asked for')),
    createNode: () => act('create'),
    setOffline: () => act('offline'),
    clearOffline: () => act('online'),
    deleteNode: () => act('delete'),
    kickScheduler: () => act('kick'),
  };
  const torque = withScheduler({
    torque: inner,
    scheduler: { kind: 'command', daemon: null, deletesJobs: false, ...speaksForItself, ...scheduler },
    whyNoCycle: () => whyNoCycle,
    clock,
    log: silentLog,
  });
  return { torque, clock, acts, hold: (why) => (whyNoCycle = why) };
}

test('a cycle that is not safe is not asked for, and the reason is told', async () => {
  const { torque, clock, acts, hold } = aTorque();
  hold('pbs_server was started anew');
  const kicked = torque.kickScheduler();
  await clock.runUntil(5_000, () => false);
  expect(await kicked).toMatchObject({
    ok: false,
    problem: { detail: 'asking for a scheduling cycle: pbs_server was started anew' },
  });
  expect(acts).toEqual([]);
});

test('one that becomes unsafe while jobs are let go is not asked for either', async () => {
  const stage = aTorque({
    prepareCycle: () => {
      stage.hold('pbs_server has ended');
      return Promise.resolve([]);
    },
  });
  await stage.torque.readQueue();
  await stage.torque.readNodes();
  const kicked = stage.torque.kickScheduler();
  await stage.clock.runUntil(5_000, () => false);
  expect(await kicked).toMatchObject({ ok: false });
  expect(stage.acts).toEqual([]);
});

test('cycles are asked for at least 1 s apart; one asked for in between is not lost', async () => {
  const { torque, clock, acts } = aTorque();
  const first = torque.kickScheduler();
  await clock.runUntil(100, () => false);
  const second = torque.kickScheduler();
  const third = torque.kickScheduler();
  await clock.runUntil(5_000, () => false);
  expect(await Promise.all([first, second, third])).toEqual([done, done, done]);
  expect(acts).toEqual(['0 kick', '1000 kick']);
});

test('jobs come with the words of the scheduler', async () => {
  const { torque } = aTorque({
    explain: (jobs) => jobs.map((job) => ({ ...job, comment: 'Not Running: so' })),
  });
  const queue = await torque.readQueue();
  expect(queue.ok && queue.value.jobs.map((job) => job.comment)).toEqual(['Not Running: so']);
});
