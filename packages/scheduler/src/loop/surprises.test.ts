/**
 * What the real Mesos (1.12) does and nobody would expect, each told to the whole loop: observation, memory,
 * planner, checker and acts. What concerns the wire alone is in `mesos/surprises.test.ts`.
 */
import { describe, expect, it } from 'vitest';
import { aJob, anIntent, anOffer, aPolicy, ourNode, storyMs } from '../core/testing/builders.ts';
import type { Intent, TorqueNode } from '../core/facts.ts';
import type { Policy } from '../core/policy.ts';
import { noWishes } from '../core/wishes.ts';
import { createLoop } from './reconcile-loop.ts';
import { agentReturnTimeMsMax } from './task-words.ts';
import { aStage, surroundings } from './testing/fake-ports.ts';
import { aStatus, anAnswer } from './testing/statuses.ts';

const hourMs = 3_600_000;

/** A loop after a start, with nodes of ours that pbsnodes shows free, and Mesos just reached. */
async function aLoop(
  names: readonly string[],
  parts: { readonly policy?: Policy; readonly jobs?: number } = {},
) {
  const intents = names.map((name, index) =>
    anIntent(name, { serial: index + 1, launchedAtMs: storyMs - hourMs }),
  );
  const torque: { nodes: readonly TorqueNode[] } = { nodes: intents.map((intent) => ourNode(intent)) };
  const jobs = Array.from({ length: parts.jobs ?? 0 }, (_, index) => aJob(index + 1));
  const asked: string[] = [];
  const stage = aStage({
    torque: {
      readNodes: () => Promise.resolve({ ok: true, value: torque.nodes }),
      readQueue: () => Promise.resolve({ ok: true, value: { jobs } }),
    },
    mesos: {
      reconcile(tasks) {
        asked.push(tasks.map(({ taskId, agentId }) => `${taskId} on ${agentId ?? 'no agent'}`).join(', '));
        return Promise.resolve({ ok: true, value: null });
      },
    },
  });
  stage.disk = { frameworkId: 'fw-1', nextSerial: 10, intents, wishes: noWishes };
  const policy = parts.policy ?? aPolicy({ minSlotsHeld: names.length });
  const loop = createLoop({ ...stage, ...surroundings, policy });
  await loop.start();
  await stage.tell({ kind: 'subscribed', frameworkId: 'fw-1', master: 'm:5050' });
  await stage.pass(100);
  const told = async (
    intent: Intent,
    say: typeof aStatus,
    more: Parameters<typeof aStatus>[0] = {},
  ): Promise<void> => {
    const { taskId, agentId } = intent;
    await stage.tell({ kind: 'status', status: say({ taskId, agentId, momName: intent.nodeName, ...more }) });
  };
  return {
    ...{ stage, loop, torque, asked, intents },
    runs: (intent: Intent) => told(intent, aStatus),
    says: (intent: Intent, more: Parameters<typeof aStatus>[0]) => told(intent, aStatus, more),
    answers: (intent: Intent, state: Parameters<typeof anAnswer>[0]) =>
      stage.tell({
        kind: 'status',
        status: anAnswer(state, { taskId: intent.taskId, agentId: intent.agentId }),
      }),
    phaseOf: (name: string) => loop.latest()?.plan.report.nodes.find(({ node }) => node === name)?.phase,
    acts: () => stage.calls.filter((call) => /^(offline|delete|kill|create|accept)/.test(call)),
    notices: () => loop.latest()?.plan.report.notices.map(({ code }) => code) ?? [],
  };
}

const [aName] = ['n1'];

describe('Mesos surprises us', () => {
  it('a terminal state is not final: FAILED, then the old RUNNING, then FAILED again', async () => {
    const { stage, intents, runs, says, phaseOf, acts } = await aLoop([aName]);
    const [intent] = intents;
    await runs(intent!);
    await stage.pass(1000);
    await says(intent!, {
      state: 'TASK_FAILED',
      source: 'agent',
      reason: 'EXECUTOR_TERMINATED',
      healthy: null,
    });
    await says(intent!, { state: 'TASK_RUNNING' });
    await stage.pass(50);
    expect(phaseOf(aName)).toBe('up');

    await says(intent!, {
      state: 'TASK_FAILED',
      source: 'agent',
      reason: 'EXECUTOR_TERMINATED',
      healthy: null,
    });
    await stage.pass(50);
    expect(acts()).toContain(`offline ${aName}`);
    expect(acts()).not.toContain(`delete ${aName}`);
  });

  it('TASK_UNKNOWN for running tasks, from a master that has just restarted: nothing is removed', async () => {
    const { stage, intents, runs, answers, phaseOf, acts } = await aLoop([aName]);
    await runs(intents[0]!);
    await stage.pass(1000);
    await stage.tell({ kind: 'disconnected', why: 'connection reset' });
    await stage.tell({ kind: 'subscribed', frameworkId: 'fw-1', master: 'm2:5050' });
    await answers(intents[0]!, 'TASK_UNKNOWN');
    await stage.pass(agentReturnTimeMsMax - 60_000);
    expect(phaseOf(aName)).toBe('suspect');
    expect(acts()).toEqual([]);

    await answers(intents[0]!, 'TASK_RUNNING');
    await stage.pass(1000);
    expect(phaseOf(aName)).toBe('up');
  });

  it('TASK_LOST although we are PARTITION_AWARE: with a job on its node nothing is removed, and the job may end there', async () => {
    const { stage, intents, runs, says, torque, phaseOf, acts } = await aLoop([aName]);
    const jobs = [{ jobId: '7.head', slots: 1 }];
    await runs(intents[0]!);
    torque.nodes = [ourNode(intents[0]!, { jobs })];
    await stage.pass(1000);
    await says(intents[0]!, { state: 'TASK_LOST', source: 'master', reason: 'SLAVE_REMOVED', healthy: null });
    torque.nodes = [ourNode(intents[0]!, { jobs, states: ['offline'] })];
    await stage.pass(60_000);
    expect(acts().filter((call) => /delete|kill/.test(call))).toEqual([]);

    await says(intents[0]!, { state: 'TASK_RUNNING' });
    await stage.pass(1000);
    expect(phaseOf(aName)).toBe('draining');
  });

  it('reconciliation that is not answered: asked again and again, and meanwhile nothing shrinks', async () => {
    const { stage, asked, acts, notices } = await aLoop([aName], { policy: aPolicy({ idleMs: 1000 }) });
    await stage.pass(10 * 60_000);

    expect(asked.filter((text) => text.startsWith('mom.n1.1')).length).toBeGreaterThan(8);
    expect(acts()).toEqual([]);
    expect(notices()).toContain('tasks-unknown');
  });

  it('a KILL that is lost while agents are away: repeated until the task has ended', async () => {
    const { stage, intents, runs, torque } = await aLoop([aName]);
    await runs(intents[0]!);
    await stage.pass(1000);
    torque.nodes = [];
    await stage.pass(20_000);

    expect(stage.calls.filter((call) => call === 'kill mom.n1.1').length).toBeGreaterThan(3);
  });

  it('a reused task id, refused under the id of the task that runs: that one goes on', async () => {
    const { stage, intents, runs, says, phaseOf, acts } = await aLoop([aName]);
    await runs(intents[0]!);
    await says(intents[0]!, {
      state: 'TASK_ERROR',
      source: 'master',
      reason: 'TASK_INVALID',
      message: 'Task has duplicate ID: mom.n1.1',
    });
    await stage.pass(1000);

    expect(phaseOf(aName)).toBe('up');
    expect(acts()).toEqual([]);
  });

  it('offers without processors, at the quota limit: declined, with the arithmetic', async () => {
    const { stage, loop } = await aLoop([], { jobs: 1, policy: aPolicy() });
    await stage.tell({ kind: 'offers', offers: [anOffer('h', { resources: { cpuMilli: 0 } })] });
    await stage.pass(1000);

    expect(stage.calls).toContain('decline offer-of-h');
    expect(stage.journal.entries().find(({ event }) => event === 'offers declined')?.why).toMatch(/cpu/);
    expect(loop.latest()?.plan.report.jobs).toMatchObject([{ kind: 'waiting' }]);
  });

  it('an id that the master does not know is accepted without a word: that our tasks are gone is said loudly', async () => {
    const { stage, intents, answers, notices } = await aLoop(['n1', 'n2']);
    for (const intent of intents) await answers(intent, 'TASK_GONE');
    await stage.pass(100);

    expect(notices()).toContain('framework-forgotten');
  });

  it('an agent that was drained and reactivated drops launches: it is left alone for longer each time', async () => {
    const { stage } = await aLoop([], { jobs: 1, policy: aPolicy() });
    const launches: number[] = [];
    for (let attempt = 0; attempt < 40; attempt++) {
      await stage.tell({
        kind: 'offers',
        offers: [anOffer('h', { id: `o${attempt}`, receivedAtMs: stage.clock.nowMs() })],
      });
      await stage.pass(500);
      const [intent] = stage.disk?.intents ?? [];
      if (intent !== undefined) {
        launches.push(stage.clock.nowMs());
        const { taskId, agentId } = intent;
        const message = 'Task launched on agent that is already draining';
        const dropped = {
          state: 'TASK_DROPPED',
          source: 'agent',
          message,
          healthy: null,
          stage: 'unknown',
        } as const;
        await stage.tell({ kind: 'status', status: aStatus({ taskId, agentId, ...dropped }) });
      }
      await stage.pass(4500);
    }
    const waits = launches.slice(1).map((ms, index) => ms - (launches[index] ?? 0));

    expect(waits.length).toBeGreaterThanOrEqual(3);
    expect(waits[2]).toBeGreaterThan(1.5 * (waits[0] ?? Infinity));
  });

  it('a change of the maintenance schedule takes back every offer: none of them is used afterwards', async () => {
    const { stage } = await aLoop([], { jobs: 0, policy: aPolicy({ gangHoldMs: 30_000 }) });
    await stage.tell({ kind: 'offers', offers: [anOffer('h'), anOffer('i')] });
    for (const offerId of ['offer-of-h', 'offer-of-i']) await stage.tell({ kind: 'rescinded', offerId });
    await stage.pass(1000);

    expect(stage.calls.filter((call) => /accept|decline/.test(call))).toEqual([]);
  });

  it('an unreachable task asked without its agent reads TASK_UNKNOWN: we always name the agent', async () => {
    const { stage, asked } = await aLoop(['n1', 'n2']);
    await stage.pass(60_000);

    const named = asked.filter((text) => text !== '');
    expect(named.length).toBeGreaterThan(0);
    for (const text of named) expect(text).not.toContain('no agent');
  });

  it('answers to RECONCILE have neither labels nor data: after a restart the node is known all the same', async () => {
    const { stage, intents, answers, phaseOf, acts } = await aLoop([aName]);
    await answers(intents[0]!, 'TASK_RUNNING');
    await stage.pass(1000);

    expect(phaseOf(aName)).toBe('up');
    expect(acts()).toEqual([]);
  });

  it('an executor lives on while its agent is away, and then needs no new launch', async () => {
    const { stage, intents, runs, says, phaseOf, acts } = await aLoop([aName]);
    await runs(intents[0]!);
    await stage.pass(1000);
    await says(intents[0]!, {
      state: 'TASK_UNREACHABLE',
      source: 'master',
      reason: 'SLAVE_REMOVED',
      healthy: null,
    });
    await stage.pass(30 * 60_000);
    expect(acts()).toEqual([]);

    await says(intents[0]!, { state: 'TASK_RUNNING', source: 'master', reason: 'AGENT_REREGISTERED' });
    await stage.pass(1000);
    expect(phaseOf(aName)).toBe('up');
  });
});
