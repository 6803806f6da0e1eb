import { describe, expect, it } from 'vitest';
import type { Decision } from '../core/decisions.ts';
import { anIntent, anOffer, aTask, storyMs } from '../core/testing/builders.ts';
import { createHands } from './carry-out.ts';
import { freshMemory, toSnapshot } from './memory.ts';
import { createMind } from './mind.ts';
import { offersSeen } from './offers-in-hand.ts';
import type { Outcome } from './ports.ts';
import { subscribed } from './task-words.ts';
import { aStage, done, failed, surroundings, type Stage } from './testing/fake-ports.ts';
import { noWishes } from '../core/wishes.ts';

const why = { code: 'story', text: 'as the story says' };
const intent = anIntent('n1', { agentId: 'agent-of-n1', launchedAtMs: storyMs });
const launch: Decision = {
  ...{ kind: 'launch', offerIds: ['offer-of-n1'], host: 'n1', intent, requestId: 'r', why },
};
const about = { taskId: intent.taskId, node: 'n1', why };
const offline: Decision = { kind: 'offline', seenOffline: false, ...about };
const decline: Decision = { kind: 'decline', offerIds: ['offer-of-n2'], refuseS: 5, inVainFor: [], why };
const forgetFailed: Decision = { kind: 'forget', failed: true, ...about };

function hands(stage: Stage, intents: readonly (typeof intent)[] = []) {
  const memory = subscribed(
    freshMemory({ frameworkId: 'f', nextSerial: 1, intents, wishes: noWishes }),
    storyMs,
  );
  const mind = createMind(offersSeen(memory, [anOffer('n1'), anOffer('n2')]).memory, stage.state);
  const ended: string[] = [];
  const onEnded = (decision: Decision): void => void ended.push(decision.kind);
  return { mind, ended, ...createHands({ ...stage, ...surroundings, mind, onEnded }) };
}

/** An answer that comes when the story says. */
function later(): {
  readonly answer: Promise<Outcome<null>>;
  readonly give: (outcome: Outcome<null>) => void;
} {
  const { promise, resolve } = Promise.withResolvers<Outcome<null>>();
  return { answer: promise, give: resolve };
}

describe('carrying out', () => {
  it('saves what is announced before the act', async () => {
    const stage = aStage();

    await hands(stage).carryOut([launch]);

    expect(stage.calls).toEqual(['save', `accept ${intent.taskId}`]);
    expect(stage.disk?.intents).toEqual([intent]);
  });

  it('begins nothing that could not be announced, but gives offers back', async () => {
    const stage = aStage({ save: () => Promise.reject(new Error('disk full')) });

    await hands(stage).carryOut([launch, offline, decline]);

    expect(stage.calls).toEqual(['save', 'decline offer-of-n2']);
    expect(stage.journal.entries()).toMatchObject([{ event: 'state not saved', why: /disk full/ }]);
  });

  it('does not wait for acts, and begins no second one on the same node meanwhile', async () => {
    const { answer, give } = later();
    const stage = aStage({ torque: { setOffline: () => answer } });
    const ours = hands(stage, [intent]);

    await ours.carryOut([offline]);
    await ours.carryOut([offline, { kind: 'kill-task', graceMs: 5, agentId: 'a', ...about }]);
    const callsMeanwhile = [...stage.calls];
    give(done);
    await stage.pass(1);

    expect(callsMeanwhile).toEqual(['save']);
    expect(ours.ended).toEqual(['offline']);
    expect(ours.busy()).toBe(0);
  });

  it('acts on so many nodes at once and leaves the others to a later pass, unannounced', async () => {
    const stage = aStage({ torque: { setOffline: () => later().answer } });
    const many = Array.from({ length: 20 }, (_, index) => anIntent(`n${index}`, { serial: index }));
    const ours = hands(stage, many);

    await ours.carryOut(
      many.map(({ taskId, nodeName }) => ({
        kind: 'offline',
        seenOffline: false,
        taskId,
        node: nodeName,
        why,
      })),
    );

    const { nodeActsAtOnce } = surroundings.options;
    expect(ours.busy()).toBe(nodeActsAtOnce);
    expect(stage.disk?.intents.filter(({ goal }) => goal.kind === 'drain')).toHaveLength(nodeActsAtOnce);
  });

  it('remembers and journals how an act ended, with its reason and duration', async () => {
    const stage = aStage({ torque: { setOffline: () => Promise.resolve(failed('refused')) } });
    const ours = hands(stage, [intent]);

    await ours.carryOut([offline]);
    await stage.pass(1);

    expect(ours.mind.memory().recent.nodeActs['n1']).toMatchObject({ act: 'offline', failures: 1 });
    expect(stage.journal.entries()).toMatchObject([
      {
        event: 'setting node offline failed',
        node: 'n1',
        why: why.text,
        data: { problem: 'refused', ms: 0 },
      },
    ]);
  });

  it('takes a port that throws for one that did not answer well', async () => {
    const stage = aStage({ torque: { setOffline: () => Promise.reject(new Error('a bug')) } });
    const ours = hands(stage, [intent]);

    await ours.carryOut([offline]);
    await stage.pass(1);

    expect(ours.mind.memory().recent.nodeActs['n1']?.problem).toMatch(/a bug/);
  });

  it('records that a node stays only when its mark is gone', async () => {
    const { answer, give } = later();
    const stage = aStage({ torque: { clearOffline: () => answer } });
    const goal = { kind: 'drain', sinceMs: 1, why: 'idle' } as const;
    const ours = hands(stage, [{ ...intent, goal }]);

    await ours.carryOut([{ kind: 'online', ...about }]);
    const before = ours.mind.memory().durable.intents[0]?.goal.kind;
    give(done);
    await stage.pass(1);

    expect([before, stage.disk?.intents[0]?.goal.kind]).toEqual(['drain', 'hold']);
  });

  it('holds a launch that came to nothing against the agent, in the words of its task', async () => {
    const stage = aStage();
    const ours = hands(stage, [intent]);
    const task = aTask(intent, { state: 'TASK_FAILED', message: 'pbs_mom exited 3' });
    ours.mind.update((memory) => ({ ...memory, tasks: new Map([[task.id, task]]) }));

    await ours.carryOut([forgetFailed]);

    expect(ours.mind.memory().trouble.get('agent-of-n1')).toMatchObject({
      failures: 1,
      lastMessage: 'pbs_mom exited 3',
      evidence: [{ atMs: expect.any(Number) as number, message: 'pbs_mom exited 3' }],
    });
  });

  it('tells why a launch was given up, of which its task says only that it ended by our order', async () => {
    const stage = aStage();
    const text = 'gave up: creating the node was refused 3 times: "Unknown node"';
    const ours = hands(stage, [intent]);
    const task = aTask(intent, { state: 'TASK_KILLED', message: 'the scheduler ordered it' });
    ours.mind.update((memory) => ({ ...memory, tasks: new Map([[task.id, task]]) }));

    await ours.carryOut([
      { kind: 'kill-task', graceMs: 5, agentId: 'a', ...about, why: { code: 'gave-up', text } },
    ]);
    await stage.pass(1);
    await ours.carryOut([forgetFailed]);

    expect(ours.mind.memory().trouble.get('agent-of-n1')).toMatchObject({ lastMessage: text });
  });

  it('does not blame the agent for a launch of before a restart: it may have been fetching from us', async () => {
    const stage = aStage();
    const ours = hands(stage, [{ ...intent, launchedAtMs: storyMs - 1 }]);

    await ours.carryOut([forgetFailed]);

    expect(ours.mind.memory().durable.intents).toEqual([]);
    expect(ours.mind.memory().trouble.size).toBe(0);
  });
});

describe('a launch', () => {
  it('that Mesos refused has ended, and its offer is in hand again', async () => {
    const stage = aStage({ mesos: { accept: () => Promise.resolve(failed('refused')) } });
    const ours = hands(stage);

    await ours.carryOut([launch]);
    await stage.pass(1);

    const { tasks, offers } = toSnapshot(ours.mind.memory(), storyMs);
    expect(tasks).toMatchObject({ value: [{ state: 'TASK_DROPPED' }] });
    expect(offers.map((offer) => offer.host)).toEqual(['n1', 'n2']);
  });

  it('that was not answered is withdrawn with its offer before it is asked about', async () => {
    const stage = aStage({ mesos: { accept: () => Promise.resolve(failed('timed-out')) } });
    const ours = hands(stage);

    await ours.carryOut([launch]);
    await stage.pass(1);

    expect(stage.calls).toEqual(['save', 'decline offer-of-n1', `reconcile ${intent.taskId}`]);
  });

  it('stays unsettled, and nothing else is done to its task, until the withdrawal was taken', async () => {
    let answers = 0;
    const decline = (): Promise<Outcome<null>> =>
      Promise.resolve(++answers < 3 ? failed('unreachable') : done);
    const stage = aStage({ mesos: { accept: () => Promise.resolve(failed('timed-out')), decline } });
    const ours = hands(stage);

    await ours.carryOut([launch]);
    await stage.pass(500);
    await ours.carryOut([{ kind: 'kill-task', graceMs: 5, agentId: 'a', ...about }]);
    const isUnsettled = ours.isLaunching(intent.taskId);
    await stage.pass(10_000);

    expect(isUnsettled).toBe(true);
    expect(ours.isLaunching(intent.taskId)).toBe(false);
    expect(stage.calls).toEqual(['save', `reconcile ${intent.taskId}`]);
  });

  it('needs no withdrawal after a new subscription, which ends the offers of before', async () => {
    const { answer, give } = later();
    const stage = aStage({
      mesos: { accept: () => answer, decline: () => Promise.resolve(failed('refused')) },
    });
    const ours = hands(stage);

    await ours.carryOut([launch]);
    give(failed('unreachable'));
    await stage.pass(100);
    ours.subscriptionChanged();
    await stage.pass(1);

    expect(ours.busy()).toBe(0);
  });
});

// TORQUE has one offline mark: what an administrator set a moment ago must not become ours.
describe('an offline that somebody else forestalled', () => {
  const theirs = failed('theirs');
  const goalAfter = async (goal: (typeof intent)['goal']) => {
    const stage = aStage({ torque: { setOffline: () => Promise.resolve(theirs) } });
    const ours = hands(stage, [{ ...intent, goal }]);
    await ours.carryOut([offline]);
    await stage.pass(10);
    return ours.mind.memory().durable.intents[0]?.goal.kind;
  };

  it('takes the goal back that it announced: the node is left alone', async () => {
    expect(await goalAfter({ kind: 'hold' })).toBe('hold');
  });

  it('leaves a goal that stood before: our own earlier mark may have come late', async () => {
    expect(await goalAfter({ kind: 'drain', sinceMs: storyMs, why: 'idle' })).toBe('drain');
  });
});
