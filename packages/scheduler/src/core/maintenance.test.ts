import { describe, expect, test } from 'vitest';
import { usualConditions, type MaintenanceWindow } from './conditions.ts';
import { vacating } from './maintenance.ts';
import { plan } from './plan.ts';
import { checkPlan } from './check-plan.ts';
import {
  aJob,
  aPolicy,
  aRunningJob,
  aSnapshot,
  anOffer,
  anUpNode,
  storyMs,
  unknown,
} from './testing/builders.ts';

const hourMs = 3_600_000;
const policy = aPolicy({ maintenanceLeadMs: hourMs });
const agentId = 'agent-of-a';

function aWindow(inMs: number, lastsMs: number | null = hourMs): MaintenanceWindow {
  const fromMs = storyMs + inMs;
  return { agentId, fromMs, untilMs: lastsMs === null ? null : fromMs + lastsMs };
}
const announced = (window: MaintenanceWindow) => ({
  conditions: { ...usualConditions, maintenance: [window] },
});
const busy = { node: { jobs: [{ jobId: '7.head', slots: 1 }] } };

describe('announced maintenance', () => {
  test('far ahead changes nothing yet, and the plan wakes when it does', () => {
    const snapshot = aSnapshot({ ...anUpNode('a', busy), ...announced(aWindow(5 * hourMs)) });
    const { decisions, report } = plan(snapshot, policy);

    expect(decisions.filter(({ kind }) => kind === 'offline')).toEqual([]);
    expect(report.wakeAtMs).toBe(storyMs + 4 * hourMs);
  });

  test('near enough, the node takes no jobs any more, and those that run go on', () => {
    const snapshot = aSnapshot({ ...anUpNode('a', busy), ...announced(aWindow(hourMs - 1)) });
    const made = plan(snapshot, policy);

    expect(made.decisions).toContainEqual(expect.objectContaining({ kind: 'offline', node: 'a' }));
    expect(made.report.nodes[0]?.why.text).toBe('drained by Mesos ("announced maintenance")');
    expect(checkPlan(snapshot, policy, made)).toEqual([]);
  });

  test.each([
    ['of 5 hours', 5 * 3600, 'offline'],
    ['of an hour', 3600, 'none'],
    ['without a walltime', null, 'offline'],
  ])('four hours ahead, with a job %s in the queue', (_what, walltimeS, expected) => {
    const jobs = [aJob(1, { walltimeS })];
    const snapshot = aSnapshot({ ...anUpNode('a'), jobs, ...announced(aWindow(4 * hourMs)) });
    const offlines = plan(snapshot, policy).decisions.filter(({ kind }) => kind === 'offline');

    expect(offlines).toHaveLength(expected === 'offline' ? 1 : 0);
  });

  test('an agent without a node of ours gets none that could not end in time', () => {
    const jobs = [aJob(1, { walltimeS: 5 * 3600 })];
    const window = aWindow(4 * hourMs);
    const offers = [anOffer('a', { unavailableFromMs: window.fromMs })];
    const { decisions, report } = plan(aSnapshot({ jobs, offers, ...announced(window) }), policy);

    expect(decisions.filter(({ kind }) => kind === 'launch')).toEqual([]);
    expect(report.offers[0]?.kind).toBe('declined');
  });

  test('is over at its end: the node is used again', () => {
    const snapshot = aSnapshot({ ...anUpNode('a'), ...announced(aWindow(-2 * hourMs)) });

    expect(plan(snapshot, policy).decisions.filter(({ kind }) => kind === 'offline')).toEqual([]);
  });
});

describe('an inverse offer', () => {
  const goal = { kind: 'drain', sinceMs: storyMs, why: 'maintenance' } as const;
  const onA = anUpNode('a', {
    intent: { goal },
    node: { ...busy.node, states: ['offline', 'job-exclusive'] },
  });
  const job = (walltimeS: number | null) => ({ ...aRunningJob(7, 'a'), walltimeS });

  test('is accepted for an agent on which we hold nothing', () => {
    expect(vacating(aWindow(1000), aSnapshot())).toMatchObject({ inTime: true });
  });

  test('is accepted when all jobs there end before it begins', () => {
    expect(vacating(aWindow(2 * hourMs), aSnapshot({ ...onA, jobs: [job(3600)] }))).toMatchObject({
      inTime: true,
    });
  });

  test('is declined while the node takes jobs: one of any length might start', () => {
    const open = { ...anUpNode('a', busy), jobs: [job(60)] };
    expect(vacating(aWindow(hourMs), aSnapshot(open))).toMatchObject({
      inTime: false,
      why: { code: 'maintenance-open' },
    });
  });

  test('is declined for a node that is on its way: it opens by itself', () => {
    const coming = anUpNode('a', { node: { states: ['down', 'offline', 'mom-list-not-sent'] } });
    expect(vacating(aWindow(hourMs), aSnapshot(coming))).toMatchObject({ inTime: false });
  });

  test('that was accepted keeps nodes away, even when what waited has gone elsewhere', () => {
    const offers = [anOffer('a', { unavailableFromMs: storyMs + 4 * hourMs })];
    const conditions = { ...usualConditions, maintenance: [aWindow(4 * hourMs)] };
    const launchesWith = (promised: readonly string[]) => {
      const jobs = [aJob(1, { walltimeS: 60 })];
      const snapshot = aSnapshot({ jobs, offers, conditions: { ...conditions, promised } });
      return plan(snapshot, policy).decisions.filter(({ kind }) => kind === 'launch');
    };
    expect(launchesWith([])).toHaveLength(1);
    expect(launchesWith([agentId])).toEqual([]);
  });

  test('is declined while pbsnodes shows a job that qstat has not shown yet', () => {
    expect(vacating(aWindow(hourMs), aSnapshot({ ...onA, jobs: [] }))).toMatchObject({
      inTime: false,
      why: { code: 'maintenance-unknown' },
    });
  });

  test('is declined with the jobs that may run longer', () => {
    expect(vacating(aWindow(hourMs), aSnapshot({ ...onA, jobs: [job(7200)] }))).toEqual({
      inTime: false,
      why: {
        code: 'maintenance-late',
        text: '1 job on agent agent-of-a may run beyond the beginning in 3,600 s: 7.head of 7,200 s',
      },
    });
    expect(vacating(aWindow(hourMs), aSnapshot({ ...onA, jobs: [job(null)] })).inTime).toBe(false);
  });

  test('is declined while queue or nodes are not known: unknown is not zero', () => {
    expect(vacating(aWindow(hourMs), aSnapshot({ ...onA, queue: unknown() })).inTime).toBe(false);
    const jobs = [job(60)];
    expect(vacating(aWindow(hourMs), aSnapshot({ ...onA, jobs, nodes: unknown() })).inTime).toBe(false);
  });
});
