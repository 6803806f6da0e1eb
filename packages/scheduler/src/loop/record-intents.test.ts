import { describe, expect, it } from 'vitest';
import type { Decision } from '../core/decisions.ts';
import type { Goal } from '../core/facts.ts';
import { anIntent, storyMs } from '../core/testing/builders.ts';
import type { DurableState } from './ports.ts';
import { achieved, announced } from './record-intents.ts';
import { noWishes } from '../core/wishes.ts';

const why = { code: 'story', text: 'as the story says' };
const intent = anIntent('n1');
const about = { taskId: intent.taskId, node: 'n1', why };

function holding(goal: Goal): DurableState {
  return { frameworkId: 'f', nextSerial: 7, intents: [{ ...intent, goal }], wishes: noWishes };
}

function goalAfter(decision: Decision, goal: Goal): Goal | undefined {
  return announced(holding(goal), [decision], storyMs).intents[0]?.goal;
}

const draining: Goal = { kind: 'drain', sinceMs: 5, why: 'idle' };

describe('what decisions announce', () => {
  it('a launch: its intent, and a number that is never taken again', () => {
    const launched = anIntent('n2', { serial: 9 });
    const launch: Decision = {
      ...{ kind: 'launch', offerIds: ['o'], host: 'n2', intent: launched, requestId: 'r', why },
    };

    const state = announced(holding({ kind: 'hold' }), [launch], storyMs);

    expect(state.intents).toEqual([intent, launched]);
    expect(state.nextSerial).toBe(10);
  });

  it('draining and leaving: the goal, once', () => {
    expect(goalAfter({ kind: 'offline', seenOffline: false, ...about }, { kind: 'hold' })).toEqual({
      kind: 'drain',
      sinceMs: storyMs,
      why: why.text,
    });
    expect(goalAfter({ kind: 'offline', seenOffline: false, ...about }, draining)).toBe(draining);
    expect(goalAfter({ kind: 'delete-node', ...about }, draining)).toMatchObject({ kind: 'leave' });
  });

  it('draining again a node whose mark was cleared: it counts from the first time', () => {
    const leaving: Goal = { kind: 'leave', sinceMs: 7, why: 'idle' };
    expect(goalAfter({ kind: 'offline', seenOffline: false, ...about }, leaving)).toEqual({
      kind: 'drain',
      sinceMs: 7,
      why: why.text,
    });
  });

  it('forgetting: the intent goes', () => {
    const forget: Decision = { kind: 'forget', failed: false, ...about };

    expect(announced(holding(draining), [forget], storyMs).intents).toEqual([]);
  });

  it('a node that is taken back is to drain until its mark is gone', () => {
    const online: Decision = { kind: 'online', ...about };

    expect(goalAfter(online, draining)).toBe(draining);
    expect(achieved(holding(draining), online).intents[0]?.goal).toEqual({ kind: 'hold' });
  });

  it('nothing new gives the same object, so that nothing is saved', () => {
    const state = holding({ kind: 'hold' });

    expect(
      announced(
        state,
        [
          { kind: 'suppress', why },
          { kind: 'kick-scheduler', why },
        ],
        storyMs,
      ),
    ).toBe(state);
  });
});
