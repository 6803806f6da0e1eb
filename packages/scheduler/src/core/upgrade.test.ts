import { describe, expect, test } from 'vitest';
import { checkPlan } from './check-plan.ts';
import type { Snapshot } from './facts.ts';
import { plan } from './plan.ts';
import type { Policy } from './policy.ts';
import { aPolicy, aRunningJob, aSnapshot, anOffer, anUpNode, storyMs, together } from './testing/builders.ts';

const upgraded = aPolicy({ executorId: 'new', minSlotsHeld: 3 });
const why = 'drained by mesos-torque ("its executor is not the one that launches get now")';

type Parts = Parameters<typeof aSnapshot>[0];

/** Nodes that have been idle for a second, each with the executor named. */
function idleNodes(executors: Readonly<Record<string, string | null>>): ReturnType<typeof together> & Parts {
  const names = Object.entries(executors);
  return {
    ...together(
      ...names.map(([name, executorId], index) =>
        anUpNode(name, { intent: { serial: index + 1, executorId } }),
      ),
    ),
    idleSinceMs: Object.fromEntries(names.map(([name]) => [name, storyMs - 1_000])),
  };
}

function offlines(snapshot: Snapshot, policy: Policy): readonly string[] {
  const made = plan(snapshot, policy);
  expect(checkPlan(snapshot, policy, made)).toEqual([]);
  return made.decisions.flatMap((one) => (one.kind === 'offline' ? [`${one.node}: ${one.why.text}`] : []));
}

describe('a new executor', () => {
  test('rolls through idle nodes one at a time, the floor included', () => {
    const snapshot = aSnapshot(idleNodes({ a: 'old', b: 'old', c: 'new' }));
    expect(offlines(snapshot, upgraded)).toEqual([`a: ${why}`]);
    expect(offlines(snapshot, { ...upgraded, upgradesAtOnceMax: 2 })).toEqual([`a: ${why}`, `b: ${why}`]);
  });

  test('waits for the one before to be gone', () => {
    const trio = idleNodes({ a: 'old', b: 'old' });
    const [first, second] = trio.intents;
    const leaving = { ...first!, goal: { kind: 'drain', sinceMs: storyMs, why } as const };
    const snapshot = aSnapshot({ ...trio, intents: [leaving, second!] });
    expect(offlines(snapshot, upgraded).filter((one) => one.startsWith('b'))).toEqual([]);
  });

  test('leaves a busy node to its jobs', () => {
    const busy = anUpNode('a', {
      intent: { executorId: 'old' },
      node: { jobs: [{ jobId: '1.head', slots: 1 }] },
    });
    expect(offlines(aSnapshot({ ...busy, jobs: [aRunningJob(1, 'a')] }), upgraded)).toEqual([]);
  });

  test.each([
    ['what the node has is not known', null, 'new', 1],
    ['what launches get is not known', 'old', null, 1],
    ['it is the same', 'new', 'new', 1],
    ['upgrades are switched off', 'old', 'new', 0],
  ])('replaces nothing when %s', (_why, has, gets, upgradesAtOnceMax) => {
    const policy = aPolicy({ executorId: gets, upgradesAtOnceMax, minSlotsHeld: 1 });
    expect(offlines(aSnapshot(idleNodes({ a: has })), policy)).toEqual([]);
  });

  test('a launch records what it gets', () => {
    const snapshot = aSnapshot({ offers: [anOffer('a')] });
    const { decisions } = plan(snapshot, aPolicy({ executorId: 'new', minSlotsHeld: 1 }));
    expect(decisions).toContainEqual(
      expect.objectContaining({
        kind: 'launch',
        intent: expect.objectContaining({ executorId: 'new' }) as unknown,
      }),
    );
  });
});
