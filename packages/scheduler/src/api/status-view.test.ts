import { expect, test } from 'vitest';
import { plan } from '../core/plan.ts';
import { aJob, anOffer, aPolicy, aSnapshot, unknown } from '../core/testing/builders.ts';
import { statusOf } from './status-view.ts';

const policy = aPolicy({ minSlotsHeld: 0 });

test('before the first plan everything is unknown, nothing is empty', () => {
  const status = statusOf(null, policy);
  expect(status.queueReading).toMatchObject({ state: 'unknown', why: 'no plan has been made yet' });
  expect(status.held).toBeUndefined();
});

test('each job and offer comes with the sentence of the plan', () => {
  const snapshot = aSnapshot({ jobs: [aJob(1)], offers: [anOffer('agent1.example.org')] });
  const made = plan(snapshot, policy);
  const status = statusOf({ snapshot, plan: made }, policy);

  expect(status.jobs).toHaveLength(1);
  expect(status.jobs[0]?.why).toBe(made.report.jobs[0]?.why.text);
  expect(status.offers[0]).toMatchObject({ verdict: 'accepted', why: made.report.offers[0]?.why.text });
  expect(status.heldAfter?.nodes).toBe(1);
});

test('a queue that could not be read is shown as that', () => {
  const snapshot = aSnapshot({ queue: unknown('qstat: exit code 111: pbs_server is down') });
  const status = statusOf({ snapshot, plan: plan(snapshot, policy) }, policy);
  expect(status.queueReading).toMatchObject({
    state: 'unknown',
    why: 'qstat: exit code 111: pbs_server is down',
  });
  expect(status.notices.length).toBeGreaterThan(0);
});
