/** The floor: how many nodes are held even when nothing waits, and which ones count. */
import { describe, expect, test } from 'vitest';
import type { Decision } from './decisions.ts';
import type { Snapshot } from './facts.ts';
import { plan } from './plan.ts';
import type { Policy } from './policy.ts';
import {
  aJob,
  anIntent,
  anOffer,
  anUpNode,
  aPolicy,
  aSnapshot,
  aStartingTask,
  nodesOf,
  storyMs,
  together,
  type Trio,
} from './testing/builders.ts';

const offers = [anOffer('x'), anOffer('y'), anOffer('z')];
const longIdle = { a: 0, b: 0, c: 0 };

function acts(snapshot: Snapshot, policy: Partial<Policy>): readonly string[] {
  return plan(snapshot, aPolicy(policy)).decisions.flatMap((decision: Decision) => {
    if (decision.kind === 'launch') return [`launch ${decision.host}`];
    return 'node' in decision ? [`${decision.kind} ${decision.node}`] : [];
  });
}

/** Nodes that are up and long idle. */
function idle(...names: readonly string[]): Trio {
  return together(...names.map((name, index) => anUpNode(name, { intent: { serial: index + 1 } })));
}

describe('nodes that count', () => {
  test('are those that are up', () => {
    expect(acts(aSnapshot({ ...idle('a', 'b'), offers }), { minSlotsHeld: 3 })).toEqual(['launch x']);
  });

  test('and those on their way', () => {
    const launching = anIntent('a', { serial: 1, launchedAtMs: storyMs });
    const starting = anIntent('b', { serial: 2 });
    const tasks = [aStartingTask(starting, { momName: null })];
    // The node of the one that was launched is created ahead; nothing more is launched.
    expect(acts(aSnapshot({ intents: [launching, starting], tasks, offers }), { minSlotsHeld: 2 })).toEqual([
      'create-node a',
    ]);
  });

  test('not those that were too long on their way', () => {
    const late = anIntent('a', { launchedAtMs: storyMs - 120_000 });
    expect(acts(aSnapshot({ intents: [late], offers }), { minSlotsHeld: 1 })).toEqual(['launch x']);
  });

  test('not one that an administrator set offline', () => {
    const offline = anUpNode('a', { node: { states: ['offline'] } });
    expect(acts(aSnapshot({ ...offline, offers }), { minSlotsHeld: 1 })).toEqual(['launch x']);
  });

  test('not one that is smaller than minComputeNode', () => {
    const small = anUpNode('a', { intent: { np: 1 } });
    const policy = { minSlotsHeld: 1, minComputeNode: { np: 2, memMib: 100 } };
    expect(acts(aSnapshot({ ...small, offers }), policy)).toEqual(['launch x']);
  });

  test('not one with less memory than minComputeNode, the executor’s share left out', () => {
    const policy = { minSlotsHeld: 1, minComputeNode: { np: 1, memMib: 201 } };
    expect(acts(aSnapshot({ ...idle('a'), offers }), policy)).toEqual(['launch x']);
    const enough = { minSlotsHeld: 1, minComputeNode: { np: 1, memMib: 200 } };
    expect(acts(aSnapshot({ ...idle('a'), offers }), enough)).toEqual([]);
  });

  test('and those that are launched for jobs: nothing is launched on top', () => {
    const jobs = [aJob(1, { request: nodesOf({ count: 2 }) })];
    expect(acts(aSnapshot({ jobs, offers }), { minSlotsHeld: 2 })).toEqual(['launch x', 'launch y']);
  });
});

describe('the floor', () => {
  test('takes a draining node back before it launches one', () => {
    const draining = anUpNode('a', {
      intent: { goal: { kind: 'drain', sinceMs: storyMs, why: 'idle' } },
      node: { states: ['offline'] },
    });
    expect(acts(aSnapshot({ ...draining, offers }), { minSlotsHeld: 1 })).toEqual(['online a']);
  });

  test('does not take one back that came to nothing', () => {
    const why = 'gave up: the node is not free 120 s after its task changed last, 120 s are allowed';
    const draining = anUpNode('a', {
      intent: { goal: { kind: 'drain', sinceMs: storyMs, why } },
      node: { states: ['offline'] },
    });
    expect(acts(aSnapshot({ ...draining, offers }), { minSlotsHeld: 1 })).toContain('launch x');
  });

  test('keeps idle nodes, and only as many as it says', () => {
    const snapshot = aSnapshot({
      ...idle('a', 'b', 'c'),
      idleSinceMs: longIdle,
      mesos: { suppressed: true },
    });
    expect(acts(snapshot, { minSlotsHeld: 3 })).toEqual([]);
    expect(acts(snapshot, { minSlotsHeld: 1 })).toHaveLength(2);
    expect(acts(snapshot, { minSlotsHeld: 0 })).toHaveLength(3);
  });

  test('keeps no node for being idle that is too small to count', () => {
    const small = anUpNode('a', { intent: { np: 1 } });
    const policy = { minSlotsHeld: 1, minComputeNode: { np: 2, memMib: 100 } };
    expect(acts(aSnapshot({ ...small, idleSinceMs: longIdle }), policy)).toEqual(['offline a']);
  });

  test('counts nodes that work: an idle one beside them may leave', () => {
    const busy = anUpNode('b', { intent: { serial: 2 }, node: { jobs: [{ jobId: '7.head', slots: 1 }] } });
    const snapshot = aSnapshot({ ...together(anUpNode('a'), busy), idleSinceMs: { a: 0 } });
    expect(acts(snapshot, { minSlotsHeld: 1 })).toEqual(['offline a']);
  });

  test('does not go beyond the safe allocation', () => {
    const safeAllocation = { ...aPolicy().safeAllocation, nodes: 2 };
    expect(acts(aSnapshot({ offers }), { minSlotsHeld: 3, safeAllocation })).toEqual([
      'launch x',
      'launch y',
    ]);
  });

  test('is of minComputeNode’s size', () => {
    const policy = aPolicy({ minSlotsHeld: 1, minComputeNode: { np: 3, memMib: 700 } });
    expect(plan(aSnapshot({ offers }), policy).decisions[0]).toMatchObject({
      kind: 'launch',
      intent: { np: 3, resources: { cpuMilli: 3_100, memMib: 732 } },
    });
  });
});
