import { describe, expect, it } from 'vitest';
import { anIntent, ourNode, storyMs } from '../core/testing/builders.ts';
import type { TorqueNode } from '../core/facts.ts';
import { noWishes } from '../core/wishes.ts';
import { createLoop } from './reconcile-loop.ts';
import { aStage, surroundings, type Stage } from './testing/fake-ports.ts';
import { aStatus } from './testing/statuses.ts';

const names = ['a', 'b', 'c', 'd', 'e', 'f'];
const intents = names.map((name, index) =>
  anIntent(name, { serial: index + 1, launchedAtMs: storyMs - 3_600_000 }),
);

/** A loop whose six tasks run, while pbsnodes shows `shown.nodes`. */
async function aLoop(save?: () => Promise<void>) {
  const shown: { nodes: readonly TorqueNode[] } = { nodes: [] };
  const stage: Stage = aStage({
    torque: { readNodes: () => Promise.resolve({ ok: true, value: shown.nodes }) },
    ...(save === undefined ? {} : { save }),
  });
  stage.disk = { frameworkId: 'fw-1', nextSerial: 7, intents, wishes: noWishes };
  const loop = createLoop({ ...stage, ...surroundings });
  await loop.start();
  await stage.tell({ kind: 'subscribed', frameworkId: 'fw-1', master: 'm:5050' });
  for (const { taskId, agentId, nodeName } of intents) {
    const parts = { taskId, agentId, momName: nodeName, stage: 'answering' } as const;
    await stage.tell({ kind: 'status', status: aStatus(parts) });
  }
  await stage.pass(10_000);
  const kills = (): readonly string[] => stage.calls.filter((call) => call.startsWith('kill'));
  const brakeId = (): string | undefined => loop.latest()?.plan.report.brake?.id;
  return { stage, loop, shown, kills, brakeId };
}

describe('removals that the brake holds back', () => {
  it('are said once, in the journal, and nothing is killed however often pbsnodes repeats itself', async () => {
    const { stage, kills, brakeId } = await aLoop();
    await stage.pass(60_000);

    expect(kills()).toEqual([]);
    expect(brakeId()).toMatch(/^brake-/);
    const said = stage.journal.entries().filter(({ event }) => event === 'removals held back');
    expect(said).toMatchObject([{ data: { affected: 6, standing: 6, allowed: 3 } }]);
  });

  it('go once a person has confirmed exactly them, after the word is on disk', async () => {
    const { stage, loop, kills, brakeId } = await aLoop();

    expect(await loop.confirmBrake('brake-00000000')).toMatchObject({
      ok: false,
      problem: { kind: 'conflict' },
    });
    expect(await loop.confirmBrake(brakeId() ?? '')).toEqual({ ok: true, value: names });
    expect(stage.disk?.intents.map(({ goal }) => goal.kind)).toEqual(names.map(() => 'drain'));
    await stage.pass(10_000);

    expect(new Set(kills())).toEqual(new Set(intents.map(({ taskId }) => `kill ${taskId}`)));
    expect(brakeId()).toBeUndefined();
  });

  it('are held back no more when the answers recover, and then there is nothing to confirm', async () => {
    const { stage, loop, shown, kills, brakeId } = await aLoop();
    const before = brakeId() ?? '';
    shown.nodes = intents.map((intent) => ourNode(intent));
    await stage.pass(5_000);

    expect(kills()).toEqual([]);
    expect(brakeId()).toBeUndefined();
    expect(await loop.confirmBrake(before)).toMatchObject({ ok: false, problem: { kind: 'not-found' } });
    expect(stage.journal.entries().map(({ event }) => event)).toContain('removals not held back any more');
  });

  it('stay when the word cannot be saved', async () => {
    let isFull = false;
    const { stage, loop, kills, brakeId } = await aLoop(() =>
      isFull ? Promise.reject(new Error('ENOSPC: no space left on device')) : Promise.resolve(),
    );
    isFull = true;

    expect(await loop.confirmBrake(brakeId() ?? '')).toMatchObject({
      ok: false,
      problem: { kind: 'refused' },
    });
    await stage.pass(10_000);
    expect(kills()).toEqual([]);
  });
});
