/** Maintenance as Mesos announces it, told to the whole loop. */
import { describe, expect, it } from 'vitest';
import type { TorqueNode } from '../core/facts.ts';
import { anIntent, anOffer, aPolicy, ourNode, storyMs } from '../core/testing/builders.ts';
import { noWishes } from '../core/wishes.ts';
import { createLoop } from './reconcile-loop.ts';
import { windowDoubtMs } from './inverse-offers.ts';
import { aStage, surroundings } from './testing/fake-ports.ts';
import { aStatus } from './testing/statuses.ts';

const hourMs = 3_600_000;
const intent = anIntent('n1', { launchedAtMs: storyMs - hourMs });
const { agentId, taskId } = intent;
const offline: TorqueNode = { ...ourNode(intent), states: ['offline'] };

async function aLoop() {
  const stage = aStage({
    torque: {
      readNodes: () => Promise.resolve({ ok: true, value: [isOffline() ? offline : ourNode(intent)] }),
    },
  });
  const isOffline = (): boolean => stage.calls.includes('offline n1');
  stage.disk = { frameworkId: 'fw-1', nextSerial: 2, intents: [intent], wishes: noWishes };
  const policy = aPolicy({ minSlotsHeld: 1, maintenanceLeadMs: hourMs });
  const loop = createLoop({ ...stage, ...surroundings, policy });
  await loop.start();
  await stage.tell({ kind: 'subscribed', frameworkId: 'fw-1', master: 'm:5050' });
  await stage.tell({ kind: 'status', status: aStatus({ taskId, agentId }) });
  await stage.pass(1000);
  const announce = async (inMs: number): Promise<void> => {
    const fromMs = stage.clock.nowMs() + inMs;
    await stage.tell({
      kind: 'inverse-offers',
      offers: [{ id: 'i1', agentId, fromMs, untilMs: fromMs + hourMs }],
    });
    await stage.pass(500);
  };
  const windows = () => loop.latest()?.snapshot.conditions.maintenance ?? [];
  return { stage, announce, windows };
}

describe('an inverse offer', () => {
  it('is accepted once, when the node on that agent takes no more jobs, which is when the window is near', async () => {
    const { stage, announce } = await aLoop();
    await announce(hourMs / 2);
    await stage.pass(5000);

    expect(stage.calls.filter((call) => call.includes('inverse'))).toEqual(['decline inverse i1']);
    expect(stage.calls).toContain('offline n1');

    await announce(hourMs / 2);
    await stage.pass(5000);
    expect(stage.calls.filter((call) => call.includes('inverse'))).toEqual([
      'decline inverse i1',
      'accept inverse i1',
    ]);
    expect(stage.journal.entries().map(({ event }) => event)).toContain('maintenance accepted');
  });

  it('is known until it is taken back and not told anew', async () => {
    const { stage, announce, windows } = await aLoop();
    await announce(5 * hourMs);
    await stage.tell({ kind: 'inverse-rescinded', offerId: 'i1' });
    await announce(6 * hourMs);
    await stage.pass(windowDoubtMs + 1000);
    expect(windows()).toHaveLength(1);

    await stage.tell({ kind: 'inverse-rescinded', offerId: 'i1' });
    await stage.pass(1000);
    expect(windows()).toHaveLength(1);
    await stage.pass(windowDoubtMs);
    expect(windows()).toEqual([]);
  });

  it('is over when an offer of the agent comes without a window', async () => {
    const { stage, announce, windows } = await aLoop();
    await announce(5 * hourMs);
    await stage.tell({ kind: 'offers', offers: [anOffer('n1')] });
    await stage.pass(1000);

    expect(windows()).toEqual([]);
  });
});
