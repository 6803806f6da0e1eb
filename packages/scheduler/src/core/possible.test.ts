/** Whether a job could ever run, to the last slot, node and MiB; and the arithmetic where it could not. */
import { describe, expect, test } from 'vitest';
import type { JobRequest, TorqueNode } from './facts.ts';
import type { Policy } from './policy.ts';
import { impossible } from './possible.ts';
import { askOf } from './shapes.ts';
import { aJob, aNode, aPolicy, nodesOf } from './testing/builders.ts';

function why(request: JobRequest, policy: Policy, statics: readonly TorqueNode[] = []): string | null {
  return impossible(askOf(aJob(1, { request }))!, statics, policy)?.text ?? null;
}

function allowing(safe: Partial<Policy['safeAllocation']>, npMax = 64): Policy {
  return aPolicy({ npMax, safeAllocation: { ...aPolicy().safeAllocation, ...safe } });
}

const procs = (slots: number, memMibPerSlot = 0): JobRequest => ({ kind: 'procs', slots, memMibPerSlot });

describe('a job for ever too large', () => {
  test('has more slots on one node than npMax', () => {
    expect(why(nodesOf({ ppn: 8 }), allowing({}, 8))).toBeNull();
    expect(why(nodesOf({ ppn: 9 }), allowing({}, 8))).toBe(
      'asks 9 slots on one node, npMax allows 8: 1 too many',
    );
  });

  test('has more nodes than the safe allocation', () => {
    expect(why(nodesOf({ count: 4 }), allowing({ nodes: 4 }))).toBeNull();
    expect(why(nodesOf({ count: 5 }), allowing({ nodes: 4 }))).toMatch(/nodes allows 4: 1 too many$/);
  });

  test.each<
    readonly [string, JobRequest, Partial<Policy['safeAllocation']>, Partial<Policy['safeAllocation']>]
  >([
    [
      'cpus, an executor’s share for each node',
      nodesOf({ count: 2, ppn: 2 }),
      { cpuMilli: 4_200 },
      { cpuMilli: 4_199 },
    ],
    ['memory', nodesOf({}, 500), { memMib: 532 }, { memMib: 531 }],
    ['memory that its slots stand for', nodesOf({ ppn: 5 }), { memMib: 532 }, { memMib: 531 }],
    ['gpus', nodesOf({ gpus: 2 }), { gpus: 2 }, { gpus: 1 }],
  ])('needs more %s', (_what, request, enough, short) => {
    expect(why(request, allowing(enough))).toBeNull();
    expect(why(request, allowing(short))).toMatch(/^needs .* safeAllocation allows .* too much$/);
  });

  test('needs more slots anywhere than nodes of any size could have', () => {
    expect(why(procs(8), allowing({ nodes: 2 }, 4))).toBeNull();
    expect(why(procs(9), allowing({ nodes: 2 }, 4))).toMatch(/allows 8: 1 too many$/);
    // Two nodes of four slots take 8.2 cpus: the second executor's share is one slot too many.
    expect(why(procs(8), allowing({ cpuMilli: 8_200 }, 4))).toBeNull();
    expect(why(procs(8), allowing({ cpuMilli: 8_199 }, 4))).toMatch(/allows 7: 1 too many$/);
    expect(why(procs(4, 500), allowing({ memMib: 2_032 }, 4))).toBeNull();
    expect(why(procs(4, 500), allowing({ memMib: 2_031 }, 4))).toMatch(/allows 3: 1 too many$/);
  });
});

describe('the administrator’s nodes', () => {
  const large = aNode('s1', { np: 32, properties: ['bigmem'], memMib: 9_000, states: ['offline'] });

  test('count as if they were up and empty', () => {
    expect(why(nodesOf({ ppn: 32 }), allowing({ nodes: 0 }, 8), [large])).toBeNull();
    expect(why(procs(33), allowing({ nodes: 1 }, 1), [large])).toBeNull();
    expect(why(procs(34), allowing({ nodes: 1 }, 1), [large])).toMatch(/allows 33: 1 too many$/);
  });

  test.each([
    ['slots', nodesOf({ ppn: 33 })],
    ['memory', nodesOf({}, 9_001)],
    ['property', nodesOf({ properties: ['ssd'] })],
    ['name', nodesOf({ host: 's2' })],
    ['gpus', nodesOf({ gpus: 1 })],
  ])('do not count for other %s', (_what, request) => {
    expect(why(request, allowing({ nodes: 0 }), [large])).not.toBeNull();
  });

  test('serve one set each', () => {
    expect(why(nodesOf({ count: 2 }), allowing({ nodes: 1 }), [large])).toBeNull();
    expect(why(nodesOf({ count: 3 }), allowing({ nodes: 1 }), [large])).not.toBeNull();
  });
});

test('nothing is impossible where nothing is limited', () => {
  expect(why(nodesOf({ count: 100_000, ppn: 64 }, 1e9), aPolicy())).toBeNull();
  expect(why(procs(1e9), aPolicy())).toBeNull();
});
