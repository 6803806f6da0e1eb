/** Nothing is launched for what can never run; and what the checker calls impossible, the planner does too. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mayWaitForNodes } from './check-launches.ts';
import { plainlyImpossible } from './check-possible.ts';
import type { JobFacts, TorqueNode } from './facts.ts';
import { plan } from './plan.ts';
import type { Policy } from './policy.ts';
import { policies, snapshots } from './testing/arbitrary.ts';
import { aJob, anIntent, anOffer, aNode, aPolicy, aSnapshot, nodesOf, ourNode } from './testing/builders.ts';
import { check, decide } from './testing/spoil.ts';

const oneJob = aSnapshot({ jobs: [aJob(1)], offers: [anOffer('a')] });

describe('nothing is launched for a job that can plainly never run', () => {
  const ask = (ppn: number, count = 1) => aJob(1, { request: nodesOf({ ppn, count }) });
  const procs = aJob(1, { request: { kind: 'procs', slots: 5, memMibPerSlot: 0 } });
  const limit = (most: Partial<Policy['safeAllocation']>) =>
    aPolicy({ npMax: 4, safeAllocation: { ...aPolicy().safeAllocation, ...most } });
  const problem = 'a launch without demand and with the floor held';

  /** What the checker says about the launch for a job that can run, where only that other job waits. */
  function launchFor(job: JobFacts, policy: Policy, nodes: readonly TorqueNode[] = []): readonly string[] {
    const launch = plan(oneJob, aPolicy()).decisions.filter((one) => one.kind === 'launch');
    expect(launch).toHaveLength(1);
    const snapshot = aSnapshot({ jobs: [job], offers: [anOffer('a')], nodes });
    return check(snapshot, decide(...launch), policy).filter((text) => text === problem);
  }

  test.each([
    ['slots of one node', ask(5), ask(4), limit({})],
    ['nodes', ask(1, 3), ask(1, 2), limit({ nodes: 2 })],
    ['processors, the executors’ share with them', ask(2, 2), ask(2, 1), limit({ cpuMilli: 4_199 })],
    ['slots anywhere by nodes', procs, ask(1), limit({ nodes: 1 })],
    ['slots anywhere by processors', procs, ask(1), limit({ cpuMilli: 5_199 })],
  ])('for too many %s', (_what, never, possible, policy) => {
    expect(launchFor(never, policy)).toEqual([problem]);
    expect(launchFor(possible, policy)).toEqual([]);
  });

  test('counting the administrator’s nodes as if they were empty, and not ours nor the placeholder', () => {
    const large = aNode('large', { np: 8 });
    expect(launchFor(ask(5), limit({}), [large])).toEqual([]);
    expect(launchFor(procs, limit({ nodes: 1 }), [large])).toEqual([]);
    expect(launchFor(ask(5, 2), limit({}), [large])).toEqual([problem]);
    expect(launchFor(ask(5), { ...limit({}), placeholderNodes: ['large'] }, [large])).toEqual([problem]);
    expect(launchFor(ask(5), limit({}), [ourNode(anIntent('z', { np: 8 }))])).toEqual([problem]);
  });

  test('unless the floor is missing', () => {
    expect(launchFor(ask(5), { ...limit({}), minSlotsHeld: 1 })).toEqual([]);
  });
});

test('no job is called impossible here that the planner serves', () => {
  let count = 0;
  fc.assert(
    fc.property(snapshots, policies, (snapshot, policy) => {
      const jobs = snapshot.queue.state === 'fresh' ? snapshot.queue.value.jobs : [];
      const never = jobs
        .filter((job) => mayWaitForNodes(job) && plainlyImpossible(job.request, snapshot, policy))
        .map((job) => job.id);
      count += never.length;
      const verdicts = plan(snapshot, policy).report.jobs.filter((one) => never.includes(one.jobId));
      expect(verdicts.filter((one) => one.kind !== 'impossible' && one.kind !== 'not-demand')).toEqual([]);
    }),
    { numRuns: 500 },
  );
  expect(count).toBeGreaterThan(0);
});
