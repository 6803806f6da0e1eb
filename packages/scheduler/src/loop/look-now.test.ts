/** What a person may hurry: the next look at TORQUE, and another launch on an agent that failed. */
import { expect, test } from 'vitest';
import { noWishes } from '../core/wishes.ts';
import { createLoop } from './reconcile-loop.ts';
import { aStage, surroundings } from './testing/fake-ports.ts';

async function aQuietLoop() {
  const looks = { count: 0 };
  const stage = aStage({
    torque: {
      readNodes: () => {
        looks.count += 1;
        return Promise.resolve({ ok: true, value: [] });
      },
    },
  });
  stage.disk = { frameworkId: 'fw-1', nextSerial: 1, intents: [], wishes: noWishes };
  const loop = createLoop({ ...stage, ...surroundings });
  await loop.start();
  await stage.tell({ kind: 'subscribed', frameworkId: 'fw-1', master: 'm:5050' });
  await stage.pass(10_000);
  return { stage, loop, looks };
}

test('a look that was asked for comes long before the next one is due, once', async () => {
  const { stage, loop, looks } = await aQuietLoop();
  const before = looks.count;

  loop.lookNow();
  await stage.pass(10);

  expect(looks.count).toBe(before + 1);
  await loop.stop();
});

test('a loop that was stopped does not look', async () => {
  const { stage, loop, looks } = await aQuietLoop();
  await loop.stop();
  const before = looks.count;

  loop.lookNow();
  loop.clearAgent('a7');
  await stage.pass(10_000);

  expect(looks.count).toBe(before);
});
