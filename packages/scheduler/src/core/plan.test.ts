import { expect, test } from 'vitest';
import { plan } from './plan.ts';
import { aJob, anOffer, aPolicy, aSnapshot, nodesOf } from './testing/builders.ts';

test('a queued job on an empty cluster opens one node on the smallest offer that holds it', () => {
  const snapshot = aSnapshot({
    jobs: [aJob(1, { request: nodesOf({ ppn: 2 }) })],
    offers: [anOffer('big', { resources: { cpuMilli: 16_000 } }), anOffer('small')],
  });
  const { decisions } = plan(snapshot, aPolicy());
  expect(decisions).toMatchObject([
    {
      kind: 'launch',
      host: 'small',
      intent: { nodeName: 'small', np: 2, resources: { cpuMilli: 2100, memMib: 232 } },
    },
    { kind: 'decline', offerIds: ['offer-of-big'] },
    { kind: 'suppress' },
  ]);
});
