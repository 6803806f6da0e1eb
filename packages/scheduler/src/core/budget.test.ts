import { nothing } from '@mesos-torque/common/units.ts';
import { describe, expect, test } from 'vitest';
import { Budget, type Limits } from './budget.ts';

const unlimited = { cpuMilli: null, memMib: null, diskMib: null, gpus: null, nodes: null };
const limits = (safeAllocation: typeof unlimited | Limits['safeAllocation']): Limits => ({
  safeAllocation,
  limitedBy: {},
});
const cpus = (cpuMilli: number): typeof nothing => ({ ...nothing, cpuMilli });

describe('what is left of the safe allocation', () => {
  test('is everything where nothing is limited', () => {
    const budget = new Budget(limits(unlimited), cpus(1e9), 1_000);
    expect(budget.shortOf({ cpuMilli: 1e9, memMib: 1e9, diskMib: 1e9, gpus: 99 }, 1_000)).toBeNull();
  });

  test.each(['cpuMilli', 'memMib', 'diskMib', 'gpus'] as const)(
    '%s: to the last one, and no more',
    (kind) => {
      const budget = new Budget(limits({ ...unlimited, [kind]: 10 }), { ...nothing, [kind]: 4 }, 1);
      expect(budget.shortOf({ ...nothing, [kind]: 6 }, 1)).toBeNull();
      expect(budget.shortOf({ ...nothing, [kind]: 7 }, 1)).toMatchObject({
        code: expect.stringMatching(/^safe-allocation-/) as string,
      });
    },
  );

  test('nodes: to the last one, and no more', () => {
    const budget = new Budget(limits({ ...unlimited, nodes: 3 }), nothing, 1);
    expect(budget.shortOf(nothing, 2)).toBeNull();
    expect(budget.shortOf(nothing, 3)?.text).toBe('safeAllocation: nodes asked 3, 2 left of 3, short by 1');
  });

  test('shrinks by what is spent and grows by what is given back', () => {
    const budget = new Budget(limits({ ...unlimited, cpuMilli: 5_000, nodes: 2 }), nothing, 0);
    budget.spend(cpus(4_000), 2);
    expect(budget.shortOf(cpus(1_000), 0)).toBeNull();
    expect(budget.shortOf(cpus(1_001), 0)?.code).toBe('safe-allocation-cpus');
    expect(budget.shortOf(nothing, 1)?.code).toBe('safe-allocation-nodes');
    budget.giveBack(cpus(4_000), 2);
    expect(budget.shortOf(cpus(5_000), 2)).toBeNull();
  });

  test('where it was lowered below what is held, still allows what takes nothing of that kind', () => {
    const budget = new Budget(limits({ ...unlimited, gpus: 1 }), { ...nothing, gpus: 2 }, 1);
    expect(budget.shortOf(cpus(1_000), 1)).toBeNull();
    expect(budget.shortOf({ ...nothing, gpus: 1 }, 1)?.code).toBe('safe-allocation-gpus');
  });

  test('counts only the growth of a node that becomes larger', () => {
    const budget = new Budget(limits({ ...unlimited, cpuMilli: 5_000 }), cpus(4_000), 1);
    expect(budget.allowsChange(cpus(2_000), cpus(3_000))).toBe(true);
    expect(budget.allowsChange(cpus(2_000), cpus(3_001))).toBe(false);
  });

  test('would be more, were something given back, and is none the more for the asking', () => {
    const budget = new Budget(limits({ ...unlimited, cpuMilli: 5_000, nodes: 1 }), cpus(4_000), 1);
    expect(budget.wouldAllow(cpus(5_000), 1, { resources: cpus(4_000), nodes: 1 })).toBe(true);
    expect(budget.wouldAllow(cpus(5_001), 1, { resources: cpus(4_000), nodes: 1 })).toBe(false);
    expect(budget.shortOf(cpus(1_001), 0)?.code).toBe('safe-allocation-cpus');
  });
});
