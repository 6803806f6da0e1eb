import { expect, test } from 'vitest';
import { checkPlan } from './check-plan.ts';
import { plan } from './plan.ts';
import {
  aJob,
  anIntent,
  anOffer,
  aPolicy,
  aSnapshot,
  aTask,
  nodesOf,
  ourNode,
  storyMs,
} from './testing/builders.ts';

/** One node of ours is free; a job of three nodes is in front, one of one node behind it; two offers are at hand. */
function story(idleForMs: number): ReturnType<typeof plan> {
  const intent = anIntent('a', { np: 3 });
  const snapshot = aSnapshot({
    jobs: [
      aJob(1, { request: nodesOf({ count: 3, ppn: 3 }), queuedAtMs: storyMs - 100_000 }),
      aJob(2, { request: nodesOf({ ppn: 3 }), queuedAtMs: storyMs - 90_000 }),
    ],
    intents: [intent],
    tasks: [aTask(intent)],
    nodes: [ourNode(intent)],
    offers: [anOffer('b'), anOffer('c')],
    idleSinceMs: { a: storyMs - idleForMs },
  });
  const made = plan(snapshot, aPolicy({ repeatMs: 5000 }));
  expect(checkPlan(snapshot, aPolicy({ repeatMs: 5000 }), made)).toEqual([]);
  return made;
}

test('a job behind keeps a node that just turned free, until the TORQUE scheduler has looked', () => {
  const { decisions, report } = story(3000);

  expect(decisions.map(({ kind }) => kind)).not.toContain('launch');
  expect(report.jobs.map(({ kind }) => kind)).toEqual(['waiting', 'served']);
});

test('once it was passed over there, the node is for the job in front, which gets the rest', () => {
  const { decisions, report } = story(11_000);

  expect(decisions.filter(({ kind }) => kind === 'launch')).toHaveLength(2);
  expect(report.jobs.map(({ kind }) => kind)).toEqual(['served', 'waiting']);
});
