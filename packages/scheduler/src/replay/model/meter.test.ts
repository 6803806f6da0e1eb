import { expect, test } from 'vitest';
import { aWorkload } from '../testing/builders.ts';
import { Meter } from './meter.ts';

test('waits, slowdowns and node-hours of two jobs', () => {
  const [short, long] = aWorkload('2x2', [
    [0, 1, 1],
    [0, 3600, 3],
  ]).jobs;
  if (short === undefined || long === undefined) throw new Error('two jobs');
  const meter = new Meter(2, 0);

  meter.held(0, 2);
  meter.held(1_800_000, 2);
  // Ran for 1 s after 19 s: (19 + 1) / 10. Ran for an hour after an hour: 2.
  meter.jobEnded(short, 19_000);
  meter.jobEnded(long, 3_600_000);
  meter.givenBack(3_600_000, 2);
  const measured = meter.finish(7_200_000);

  expect(measured).toEqual({
    jobs: 2,
    waitMeanS: (19 + 3600) / 2,
    waitP50S: 19,
    waitP95S: 3600,
    slowdownMean: 2,
    // One slot for a second and three for an hour, in nodes of two.
    nodeHoursUsed: (1 / 3600 + 3) / 2,
    // The first node for an hour, the second from the half hour on to the end.
    nodeHoursHeld: 1 + 1.5,
    nodesPeak: 2,
    grows: 2,
    shrinks: 1,
    spanDays: 7200 / 86_400,
  });
});

test('a job never has a slowdown of less than one', () => {
  const [job] = aWorkload('1x1', [[0, 2, 1]]).jobs;
  if (job === undefined) throw new Error('one job');
  const meter = new Meter(1, 0);

  meter.jobEnded(job, 3000);

  expect(meter.finish(5000).slowdownMean).toBe(1);
});
