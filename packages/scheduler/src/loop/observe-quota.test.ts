import { expect, it } from 'vitest';
import type { QuotaLimits } from '../core/conditions.ts';
import { createLoop } from './reconcile-loop.ts';
import { aStage, failed, surroundings } from './testing/fake-ports.ts';
import type { Outcome } from './ports.ts';

const limits: QuotaLimits = { cpuMilli: 2000, memMib: null, diskMib: null, gpus: null };

it('the quota is read again and again, and the last known one stands while it cannot be read', async () => {
  let answer: Outcome<QuotaLimits> = { ok: true, value: limits };
  const stage = aStage({ mesos: { readQuota: () => Promise.resolve(answer) } });
  const loop = createLoop({ ...stage, ...surroundings });
  await loop.start();
  await stage.tell({ kind: 'subscribed', frameworkId: 'fw-1', master: 'm:5050' });
  await stage.pass(5000);
  const known = () => loop.latest()?.snapshot.conditions.quota;
  expect(known()).toEqual(limits);

  answer = failed('refused');
  await stage.pass(200_000);
  expect(known()).toEqual(limits);

  answer = { ok: true, value: { ...limits, cpuMilli: 1000 } };
  await stage.pass(70_000);
  expect(known()).toEqual({ ...limits, cpuMilli: 1000 });
  expect(stage.journal.entries().filter(({ event }) => event === 'quota changed')).toHaveLength(2);
});
