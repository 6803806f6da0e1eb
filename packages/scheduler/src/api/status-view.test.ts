import { expect, test } from 'vitest';
import { plan } from '../core/plan.ts';
import type { Snapshot } from '../core/facts.ts';
import { whole } from '../core/sliced.ts';
import { aJob, anOffer, aPolicy, aSnapshot, unknown } from '../core/testing/builders.ts';
import { planView, type PlanView } from './plan-view.ts';
import { statusOf } from './status-view.ts';

const policy = aPolicy({ minSlotsHeld: 0 });
const ready = { ok: false, why: 'no plan has been made yet' };
const standing = { version: '1', startedAtMs: 0, role: 'leading', ready } as const;

function viewOf(snapshot: Snapshot): PlanView {
  return whole(planView({ snapshot, plan: plan(snapshot, policy) }, () => null));
}

test('before the first plan everything is unknown, nothing is empty', () => {
  const status = statusOf(null, policy, standing, false);
  expect(status.queueReading).toMatchObject({ state: 'unknown', why: 'no plan has been made yet' });
  expect(status.held).toBeUndefined();
});

test('each job and offer comes with the sentence of the plan', () => {
  const view = viewOf(aSnapshot({ jobs: [aJob(1)], offers: [anOffer('agent1.example.org')] }));
  const { report } = view.planned.plan;
  const status = statusOf(view, policy, standing, false);

  expect(status.jobs).toHaveLength(1);
  expect(status.jobs[0]?.why).toBe(report.jobs[0]?.why.text);
  expect(status.offers[0]).toMatchObject({ verdict: 'accepted', why: report.offers[0]?.why.text });
  expect(status.heldAfter?.nodes).toBe(1);
});

test('a queue that could not be read is shown as that', () => {
  const why = 'qstat: exit code 111: pbs_server is down';
  const status = statusOf(viewOf(aSnapshot({ queue: unknown(why) })), policy, standing, false);
  expect(status.queueReading).toMatchObject({ state: 'unknown', why });
  expect(status.notices.length).toBeGreaterThan(0);
});
