import { expect, it } from 'vitest';
import type { FairShare, QuotaLimits } from '../core/role-limits.ts';
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

it('so is the fair share, apart from the quota', async () => {
  const share: FairShare = { limits: { ...limits, cpuMilli: 4000 }, words: '50 % of the cluster' };
  let answer: Outcome<FairShare | null> = { ok: true, value: share };
  const stage = aStage({
    mesos: {
      readQuota: () => Promise.resolve(failed('refused')),
      readFairShare: () => Promise.resolve(answer),
    },
  });
  const loop = createLoop({ ...stage, ...surroundings });
  await loop.start();
  await stage.tell({ kind: 'subscribed', frameworkId: 'fw-1', master: 'm:5050' });
  await stage.pass(5000);
  const known = () => loop.latest()?.snapshot.conditions;
  expect(known()).toMatchObject({ quota: null, fairShare: share });

  answer = failed('refused');
  await stage.pass(70_000);
  expect(known()?.fairShare).toEqual(share);
  expect(stage.journal.entries().filter(({ event }) => event === 'fair share changed')).toMatchObject([
    { why: '50 % of the cluster' },
  ]);
});
