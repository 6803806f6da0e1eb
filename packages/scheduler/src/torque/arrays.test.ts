import { expect, test } from 'vitest';
import type { JobFacts } from '../core/facts.ts';
import { aJob } from '../core/testing/builders.ts';
import { arrayEntries, arraysCutOff, withUnlisted } from './arrays.ts';

/** Elements of array 100, from index 1 on. */
function elements(count: number, parts: Partial<JobFacts> = {}): JobFacts[] {
  return Array.from({ length: count }, (_, index) => aJob(`100[${index + 1}].head`, parts));
}

const entry = aJob('100[].head', { name: 'many', arrayRange: '1-5000', walltimeS: 60 });

test('elements that 6.1 has not made yet count as much as those listed', () => {
  const jobs = [aJob(7), ...elements(302)];
  const cutOff = arraysCutOff(jobs, 300);
  const { jobs: all, unmade } = withUnlisted(jobs, cutOff, arrayEntries([entry]));

  expect(unmade).toBeUndefined();
  expect(all).toHaveLength(5001);
  expect(all[303]).toMatchObject({ id: '100[303].head', name: 'many-303', state: 'queued', walltimeS: 60 });
  expect(new Set(all.map(({ id }) => id)).size).toBe(5001);
});

test.each([
  ['with fewer idle elements than are made at a time', elements(299)],
  ['whose elements run', elements(400, { state: 'running' })],
  ['with a slot limit, which holds what is beyond it', elements(300, { state: 'held', holds: 'l' })],
  ['that is no array', Array.from({ length: 400 }, (_, index) => aJob(index))],
])('an array %s is listed as a whole', (_what, jobs) => {
  expect([...arraysCutOff(jobs, 300)]).toEqual([]);
});

test('what an array is, is not guessed', () => {
  const jobs = elements(300);

  expect(withUnlisted(jobs, arraysCutOff(jobs, 300), new Map()).jobs).toBe(jobs);
});

test('absurdly many elements are counted up to a limit, and it is told how many are left out', () => {
  const jobs = elements(300);
  const huge = aJob('100[].head', { arrayRange: '1-400000,500001-900000' });

  const queue = withUnlisted(jobs, arraysCutOff(jobs, 300), arrayEntries([huge]));

  expect(queue.jobs).toHaveLength(20_300);
  expect(queue.unmade).toEqual({ counted: 20_000, leftOut: 800_000 - 20_300 });
});
