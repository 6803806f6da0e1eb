import { describe, expect, it } from 'vitest';
import { anIntent, aTask, storyMs } from '../core/testing/builders.ts';
import { freshMemory } from './memory.ts';
import { createMind } from './mind.ts';
import { createTaskReconciler } from './reconcile-tasks.ts';
import { statusSeen, subscribed } from './task-words.ts';
import { aStage, surroundings } from './testing/fake-ports.ts';
import { noWishes } from '../core/wishes.ts';

const intent = anIntent('n1');
const { taskId, agentId } = intent;
const { reconcilePeriodMs, reconcileDoubtMs, reconcileLoudAfter } = surroundings.options;

function aReconciler(state: { readonly isLaunching: boolean } = { isLaunching: false }) {
  const stage = aStage();
  const durable = { frameworkId: 'f', nextSerial: 2, intents: [intent], wishes: noWishes };
  const mind = createMind(subscribed(freshMemory(durable), storyMs), stage.state);
  const answered = (taskState: 'TASK_RUNNING' | 'TASK_UNREACHABLE'): void => {
    const { healthy, stage: momStage, momName, message } = aTask(intent);
    const source = 'master' as const;
    const status = {
      taskId,
      agentId,
      state: taskState,
      reason: null,
      source,
      ackToken: null,
      trusted: null,
      addresses: [],
    };
    mind.update((memory) =>
      statusSeen(memory, { ...status, message, healthy, stage: momStage, momName }, stage.clock.nowMs()),
    );
  };
  const parts = { ...stage, ...surroundings, mind, isLaunching: () => state.isLaunching };
  return { stage, mind, answered, ...createTaskReconciler(parts) };
}

const explicit = `reconcile ${taskId}`;

describe('asking about tasks', () => {
  it('begins with a subscription: what is there, then each task by name, again and again until answered', async () => {
    const ours = aReconciler();

    ours.subscribed();
    await ours.stage.pass(8000);
    ours.answered('TASK_RUNNING');
    const asked = [...ours.stage.calls];
    await ours.stage.pass(60_000);

    expect(asked).toEqual(['reconcile', explicit, explicit, explicit, explicit]);
    expect(ours.stage.calls).toEqual(asked);
  });

  it('reports silence once and goes on, no faster than the slowest wait', async () => {
    const ours = aReconciler();

    ours.subscribed();
    await ours.stage.pass(3_600_000);

    expect(ours.stage.journal.entries()).toMatchObject([
      { event: 'tasks not accounted for', data: { tasks: 1, first: taskId } },
    ]);
    const asked = ours.stage.calls.filter((call) => call === explicit).length;
    expect(asked).toBeGreaterThan(reconcileLoudAfter);
    expect(asked).toBeLessThan(100);
  });

  it('ends with the connection', async () => {
    const ours = aReconciler();

    ours.subscribed();
    await ours.stage.pass(10);
    const asked = ours.stage.calls.length;
    ours.disconnected();
    await ours.stage.pass(600_000);

    expect(ours.stage.calls).toHaveLength(asked);
  });

  it('goes round all tasks from time to time, by name and as a whole', async () => {
    const ours = aReconciler();
    ours.answered('TASK_RUNNING');

    ours.subscribed();
    await ours.stage.pass(reconcilePeriodMs + reconcileDoubtMs);

    expect(ours.stage.calls).toEqual(['reconcile', explicit, 'reconcile']);
  });

  it('asks oftener about a task that was lost from sight', async () => {
    const ours = aReconciler();
    ours.answered('TASK_UNREACHABLE');

    ours.subscribed();
    await ours.stage.pass(2 * reconcileDoubtMs + 1000);

    expect(ours.stage.calls).toEqual(['reconcile', explicit, explicit]);
  });

  it('does not ask about a launch that is under way: Mesos would say that there is no such task', async () => {
    const ours = aReconciler({ isLaunching: true });
    ours.mind.update((memory) => ({ ...memory, accounting: { kind: 'accounted', lastMs: storyMs } }));

    ours.subscribed();
    await ours.stage.pass(5 * reconcileDoubtMs);

    expect(ours.stage.calls).toEqual(['reconcile']);
  });
});
