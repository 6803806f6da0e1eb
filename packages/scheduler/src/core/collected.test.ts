import { expect, test } from 'vitest';
import { plan } from './plan.ts';
import { aJob, anUpNode, aPolicy, aSnapshot, nodesOf, storyMs } from './testing/builders.ts';

const policy = aPolicy({ idleMs: 8_000, gangHoldMs: 30_000, declineUnfitS: 20 });
const pair = aJob(1, { request: nodesOf({ count: 2, ppn: 2 }) });

/** What becomes of the one node of two that is there, idle for so long. */
function fateAfter(idleMs: number, jobs = [pair]): string {
  const snapshot = aSnapshot({ ...anUpNode('a'), jobs, idleSinceMs: { a: storyMs - idleMs } });
  const { decisions, report } = plan(snapshot, policy);
  if (decisions.some(({ kind }) => kind === 'offline')) return 'drained';
  return report.nodes.find(({ node }) => node === 'a')?.why.code ?? 'not listed';
}

test('the first node of a pair is kept beyond its idle time', () => {
  expect(fateAfter(9_000)).toBe('up-and-collected');
});

test('not for ever: offers that were let go would have come back by then', () => {
  expect(fateAfter(57_000)).toBe('up-and-collected');
  expect(fateAfter(58_000)).toBe('drained');
});

test('without the job the idle time alone counts', () => {
  expect(fateAfter(9_000, [])).toBe('drained');
});
