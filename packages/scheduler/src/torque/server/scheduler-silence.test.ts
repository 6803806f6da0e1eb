import { expect, test } from 'vitest';
import { aJob } from '../../core/testing/builders.ts';
import { plan } from '../../core/plan.ts';
import { aPolicy, aSnapshot, fresh } from '../../core/testing/builders.ts';
import { silentCyclesMin, silentMsMin, watchSilence, type SilenceWatch } from './scheduler-silence.ts';

const waiting = { jobs: [aJob(1)] };

/** Cycles asked for over a minute, with the queue read after each; gives the last answer. */
function aMinute(watch: SilenceWatch, fromMs = 0): ReturnType<SilenceWatch['queueRead']> {
  let last: ReturnType<SilenceWatch['queueRead']> = null;
  for (let cycle = 0; cycle <= silentCyclesMin; cycle += 1) {
    const nowMs = fromMs + (cycle * silentMsMin) / silentCyclesMin;
    watch.cycleAsked(nowMs);
    last = watch.queueRead(waiting, nowMs);
  }
  return last;
}

test('a minute of cycles after which nothing has changed speaks for a dead scheduler', () => {
  expect(aMinute(watchSilence())).toEqual({ cycles: silentCyclesMin + 1, forMs: silentMsMin });
});

test('few cycles do not, however long ago, nor many within a short time', () => {
  const few = watchSilence();
  few.cycleAsked(0);
  expect(few.queueRead(waiting, 3_600_000)).toBeNull();

  const many = watchSilence();
  for (let cycle = 0; cycle < 100; cycle += 1) many.cycleAsked(cycle);
  expect(many.queueRead(waiting, silentMsMin - 1)).toBeNull();
});

test.each([
  ['a job started', { jobs: [aJob(1, { state: 'running' })] }],
  [
    'a new word about a job',
    { jobs: [aJob(1, { comment: 'Not Running: Queue job limit has been reached.' })] },
  ],
  ['a job that came and runs already', { jobs: [aJob(1), aJob(2, { state: 'running' })] }],
] as const)('%s is a sign of life', (_, queue) => {
  const watch = watchSilence();
  aMinute(watch);
  expect(watch.queueRead(queue, silentMsMin + 1)).toBeNull();
  expect(watch.queueRead(queue, silentMsMin + 2)).toBeNull();
});

test('a job that only comes is none', () => {
  const watch = watchSilence();
  aMinute(watch);
  expect(watch.queueRead({ jobs: [aJob(1), aJob(2)] }, silentMsMin + 1)).not.toBeNull();
});

test('nor are jobs that leave the queue in front of the one that waits', () => {
  const [first, second] = [aJob(0), aJob(2)];
  const watch = watchSilence();
  watch.queueRead({ jobs: [first, ...waiting.jobs, second] }, 0);
  aMinute(watch);
  expect(watch.queueRead(waiting, silentMsMin + 1)).not.toBeNull();
});

test('it is a notice of every plan, with what to look at', () => {
  const queue = fresh({ ...waiting, schedulerSilence: { cycles: 12, forMs: 61_400 } });
  const { report } = plan(aSnapshot({ queue }), aPolicy());
  expect(report.notices.map(({ text }) => text)).toContain(
    'the TORQUE scheduler seems dead: asked for 12 cycles in 61 s while a job fits on free nodes, it has started no job and said nothing new of one; see whether it runs (pbs_sched, or maui) on the host of pbs_server',
  );
});
