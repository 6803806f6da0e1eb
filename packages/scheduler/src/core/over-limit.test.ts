import { describe, expect, test } from 'vitest';
import { checkPlan } from './check-plan.ts';
import { usualConditions } from './conditions.ts';
import { withinRole, type QuotaLimits } from './role-limits.ts';
import { plan } from './plan.ts';
import type { Snapshot } from './facts.ts';
import { noWishes } from './wishes.ts';
import { aJob, anOffer, anUpNode, aPolicy, aSnapshot, stale, storyMs, together } from './testing/builders.ts';

const noLimit: QuotaLimits = { cpuMilli: null, memMib: null, diskMib: null, gpus: null };
const withQuota = (quota: Partial<QuotaLimits>) => ({
  conditions: { ...usualConditions, quota: { ...noLimit, ...quota } },
});
/** Three nodes of 2.1 cpus each; c is the youngest, a has a job. */
const three = together(
  anUpNode('a', { node: { jobs: [{ jobId: '7.head', slots: 1 }] } }),
  anUpNode('b', { intent: { serial: 2 } }),
  anUpNode('c', { intent: { serial: 3 } }),
);
const drained = (snapshot: Snapshot, policy = aPolicy()): readonly string[] => {
  const made = plan(snapshot, policy);
  expect(checkPlan(snapshot, policy, made)).toEqual([]);
  return made.decisions.flatMap((one) => (one.kind === 'offline' ? [one.node] : []));
};

describe('the safe allocation is the smaller of configuration and quota', () => {
  test.each([
    [4000, { cpuMilli: null }, 'launch'],
    [null, { cpuMilli: 1000 }, 'none'],
    [1000, { cpuMilli: 4000 }, 'none'],
    [4000, { cpuMilli: 4000 }, 'launch'],
  ] as const)('configured %s, quota %o', (cpuMilli, quota, expected) => {
    const safeAllocation = { cpuMilli, memMib: null, diskMib: null, gpus: null, nodes: null };
    const snapshot = aSnapshot({ jobs: [aJob(1)], offers: [anOffer('a')], ...withQuota(quota) });
    const { decisions } = plan(snapshot, aPolicy({ safeAllocation }));

    expect(decisions.filter(({ kind }) => kind === 'launch')).toHaveLength(expected === 'launch' ? 1 : 0);
  });
});

describe('a quota that shrinks below what is held', () => {
  test('drains down to it in order: idle nodes first, the youngest before', () => {
    expect(drained(aSnapshot({ ...three, ...withQuota({ cpuMilli: 4200 }) }))).toEqual(['c']);
    expect(drained(aSnapshot({ ...three, ...withQuota({ cpuMilli: 4199 }) }))).toEqual(['b', 'c']);
  });

  test('drains busy ones at last: their jobs end first', () => {
    expect(drained(aSnapshot({ ...three, ...withQuota({ cpuMilli: 0 }) }))).toEqual(['a', 'b', 'c']);
  });

  test('does not count nodes that leave already, and so comes to rest', () => {
    const goal = { kind: 'drain', sinceMs: storyMs - 1000, why: 'idle' } as const;
    const all = together(
      three,
      anUpNode('d', { intent: { serial: 4, goal }, node: { states: ['offline'] } }),
    );
    const jobs = [{ jobId: '8.head', slots: 1 }];
    const nodes = all.nodes.map((node) => (node.name === 'd' ? { ...node, jobs } : node));

    expect(drained(aSnapshot({ ...all, nodes, ...withQuota({ cpuMilli: 6300 }) }))).toEqual([]);
  });

  test('keeps the floor', () => {
    const policy = aPolicy({ minSlotsHeld: 2 });

    expect(drained(aSnapshot({ ...three, ...withQuota({ cpuMilli: 0 }) }), policy)).toEqual(['c']);
  });

  test('and leaves the floor to the rest, where one of them has been idle for long', () => {
    const policy = aPolicy({ minSlotsHeld: 2, idleMs: 1000 });
    const idleSinceMs = Object.fromEntries(three.intents.map(({ nodeName }) => [nodeName, storyMs - 60_000]));
    const snapshot = aSnapshot({
      ...three,
      nodes: three.nodes.map((node) => ({ ...node, jobs: [] })),
      idleSinceMs,
      ...withQuota({ cpuMilli: 0 }),
    });

    expect(drained(snapshot, policy)).toEqual(['c']);
  });

  test('takes no node back, and takes none more, where an operator has one drained', () => {
    const wishes = {
      ...noWishes,
      drains: [
        {
          target: { kind: 'node', node: 'a' } as const,
          deadlineMs: null,
          force: false,
          who: 'ada',
          why: 'a new disk',
          sinceMs: storyMs - 1000,
        },
      ],
    };
    const snapshot = aSnapshot({ ...three, wishes, ...withQuota({ cpuMilli: 4200 }) });

    expect(drained(snapshot)).toEqual(['a']);
  });

  test('changes nothing on readings that failed', () => {
    const snapshot = aSnapshot({ ...three, nodes: stale(three.nodes), ...withQuota({ cpuMilli: 0 }) });

    expect(drained(snapshot)).toEqual([]);
  });

  test('a node that left for it is not taken back for a job that waits', () => {
    const why = 'beyond the safe allocation: 6.3 cpus are held and 4.2 cpus allowed';
    const goal = { kind: 'drain', sinceMs: storyMs - 1000, why } as const;
    const one = anUpNode('a', {
      intent: { goal },
      node: { states: ['offline'], jobs: [{ jobId: '7.head', slots: 1 }] },
    });
    const { decisions } = plan(aSnapshot({ ...one, jobs: [aJob(1)] }), aPolicy());

    expect(decisions.filter(({ kind }) => kind === 'online')).toEqual([]);
  });
});

describe('the fair share', () => {
  const words = '25 % of the cluster: weight 1 of 4 among 3 roles';
  const fairShare = { limits: { ...noLimit, cpuMilli: 4200 }, words };

  test('is one more limit: what is held beyond it drains in order', () => {
    const conditions = { ...usualConditions, fairShare };
    expect(drained(aSnapshot({ ...three, conditions }))).toEqual(['c']);
  });

  test('is named with its arithmetic where it is the smallest, and the quota where that is', () => {
    const quota = { ...noLimit, memMib: 1024 };
    const { limitedBy, safeAllocation } = withinRole(aPolicy(), quota, fairShare);

    expect(safeAllocation).toMatchObject({ cpuMilli: 4200, memMib: 1024 });
    expect(limitedBy).toEqual({
      cpuMilli: { code: 'fair-share', name: `fair share of the Mesos role (${words})` },
      memMib: { code: 'quota', name: 'quota of the Mesos role' },
    });
    expect(withinRole(aPolicy(), { ...quota, cpuMilli: 100 }, fairShare).limitedBy.cpuMilli?.code).toBe(
      'quota',
    );
  });

  test('keeps a job waiting with what it asked, what is left, and why', () => {
    const conditions = {
      ...usualConditions,
      fairShare: { ...fairShare, limits: { ...noLimit, cpuMilli: 2000 } },
    };
    const held = anUpNode('b', { node: { jobs: [{ jobId: '7.head', slots: 2 }] } });
    const snapshot = aSnapshot({ ...held, jobs: [aJob(1)], offers: [anOffer('a')], conditions });
    const { decisions, report } = plan(snapshot, aPolicy());

    expect(decisions.filter(({ kind }) => kind === 'launch')).toEqual([]);
    expect(report.jobs[0]?.why.text).toContain(`fair share of the Mesos role (${words}): cpus asked`);
  });

  test('that was never read, or is not looked at, limits nothing', () => {
    expect(withinRole(aPolicy(), null, null)).toEqual(aPolicy());
  });
});
