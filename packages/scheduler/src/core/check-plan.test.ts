/** A bad plan for every rule: the checker must name what is wrong with it. */
import { describe, expect, test } from 'vitest';
import { checkPlan } from './check-plan.ts';
import type { Decision, LaunchDecision, Plan } from './decisions.ts';
import type { Snapshot } from './facts.ts';
import { plan } from './plan.ts';
import type { Policy } from './policy.ts';
import type { Reason } from './reasons.ts';
import {
  aJob,
  anIntent,
  anOffer,
  anUpNode,
  aPolicy,
  aRunningJob,
  aSnapshot,
  aTask,
  ourNode,
  stale,
  storyMs,
  together,
} from './testing/builders.ts';

const why: Reason = { code: 'story', text: 'because the story says so' };

/** The good plan for a snapshot, with more decisions. */
function withDecisions(snapshot: Snapshot, policy: Policy, ...more: readonly Decision[]): readonly string[] {
  const good = plan(snapshot, policy);
  return checkPlan(snapshot, policy, { ...good, decisions: [...good.decisions, ...more] });
}

function withReport(snapshot: Snapshot, policy: Policy, report: Partial<Plan['report']>): readonly string[] {
  const good = plan(snapshot, policy);
  return checkPlan(snapshot, policy, { ...good, report: { ...good.report, ...report } });
}

/** The launch of a good plan, spoiled. */
function spoiled(
  parts: { readonly intent?: Partial<LaunchDecision['intent']> } & Partial<Omit<LaunchDecision, 'intent'>>,
  policy = aPolicy(),
  snapshot = aSnapshot({ jobs: [aJob(1)], offers: [anOffer('a')] }),
): readonly string[] {
  const good = plan(snapshot, policy);
  const decisions = good.decisions.map((decision): Decision => {
    if (decision.kind !== 'launch') return decision;
    return { ...decision, ...parts, intent: { ...decision.intent, ...parts.intent } };
  });
  expect(decisions.some(({ kind }) => kind === 'launch')).toBe(true);
  return checkPlan(snapshot, policy, { ...good, decisions });
}

const idle = anUpNode('a');
const idleSnapshot = aSnapshot({ ...idle, mesos: { suppressed: true } });
const idleTask = idle.intents[0]!.taskId;

describe('offers', () => {
  const snapshot = aSnapshot({ jobs: [aJob(1)], offers: [anOffer('a'), anOffer('b')] });

  test('one used twice', () => {
    expect(
      withDecisions(snapshot, aPolicy(), {
        kind: 'decline',
        offerIds: ['offer-of-a'],
        refuseS: 5,
        inVainFor: [],
        why,
      }),
    ).toContain('offer offer-of-a is used twice');
  });

  test('one that was never made', () => {
    expect(
      withDecisions(snapshot, aPolicy(), {
        kind: 'decline',
        offerIds: ['x'],
        refuseS: 5,
        inVainFor: [],
        why,
      }),
    ).toEqual(['offer x was never made']);
  });

  test('one that is left without an answer', () => {
    expect(withReport(snapshot, aPolicy(), { offers: [] })).toContain(
      'offer offer-of-a is neither accepted, declined nor held',
    );
  });

  test('one held for longer than allowed', () => {
    const offers = aSnapshot({ offers: [anOffer('a')], queue: stale({ jobs: [] }) });
    const held = {
      kind: 'held',
      offerId: 'offer-of-a',
      host: 'a',
      untilMs: storyMs + 3_600_000,
      why,
    } as const;
    expect(withReport(offers, aPolicy(), { offers: [held] })).toEqual([
      'offer offer-of-a is held until 4600000, allowed is until 1030000',
    ]);
  });

  test('more taken than one holds', () => {
    const resources = { cpuMilli: 1_100, memMib: 9_000, diskMib: 0, gpus: 0 };
    expect(spoiled({ intent: { resources } })).toEqual([
      'launch of mom.a.100 takes more memMib than its offers hold',
    ]);
  });

  test('one of another agent', () => {
    expect(spoiled({ intent: { agentId: 'elsewhere' } })).toEqual([
      'launch of mom.a.100 uses offer offer-of-a of another agent',
    ]);
  });

  test('ports that are not offered', () => {
    expect(
      spoiled({ intent: { ports: { service: 80, manager: 31_000 } } }, aPolicy({ portsFromOffer: true })),
    ).toEqual(['launch of mom.a.100 takes port 80, which is not offered']);
  });

  test('revived too soon, or too often', () => {
    const soon = aSnapshot({ jobs: [aJob(1)], mesos: { lastReviveMs: storyMs - 1, revivesUnanswered: 3 } });
    expect(withDecisions(soon, aPolicy(), { kind: 'revive', why })).toEqual([
      'revive before its interval is over',
      'revive once more than allowed without an answer',
    ]);
  });
});

describe('launches', () => {
  test('beyond the safe allocation, launches in flight counted', () => {
    const inFlight = anIntent('z');
    const policy = aPolicy({ safeAllocation: { ...aPolicy().safeAllocation, cpuMilli: 3_200, nodes: 2 } });
    const snapshot = aSnapshot({ jobs: [aJob(1)], offers: [anOffer('a')], intents: [inFlight] });
    expect(withDecisions(snapshot, policy, { kind: 'launch', ...launchOf('a') })).toContain(
      'safe allocation: cpuMilli would be 4200 of 3200',
    );
  });

  test('without demand and with the floor held', () => {
    const snapshot = aSnapshot({ ...idle, offers: [anOffer('b')] });
    const problems = withDecisions(snapshot, aPolicy({ minSlotsHeld: 1 }), {
      kind: 'launch',
      ...launchOf('b'),
    });
    expect(problems).toContain('a launch without demand and with the floor held');
  });

  test('more at once than allowed', () => {
    const snapshot = aSnapshot({ jobs: [aJob(1)], offers: [anOffer('a')], intents: [anIntent('z')] });
    const problems = withDecisions(snapshot, aPolicy({ launchesInFlightMax: 1 }), {
      kind: 'launch',
      ...launchOf('a'),
    });
    expect(problems).toContain('1 launches on top of 1 in flight, 1 allowed');
  });

  test('on an agent that has a mom, or backs off, or whose node name is known', () => {
    const snapshot = aSnapshot({
      ...idle,
      jobs: [aJob(1)],
      offers: [anOffer('a')],
      trouble: [{ agentId: 'agent-of-a', failures: 1, lastMs: storyMs, lastMessage: 'exit 3', evidence: [] }],
    });
    expect(withDecisions(snapshot, aPolicy(), { kind: 'launch', ...launchOf('a') })).toEqual(
      expect.arrayContaining([
        'launch of mom.a.777 on agent agent-of-a, which has one already',
        'launch of mom.a.777: node a is there already',
        'launch of mom.a.777 on agent agent-of-a, which backs off',
      ]),
    );
  });

  test('of a node that has less than its slots stand for, or too many of them', () => {
    expect(spoiled({ intent: { np: 2 } })).toEqual(['launch of mom.a.100: 2 slots need more cpuMilli']);
    expect(spoiled({}, aPolicy({ npMax: 4 })).length).toBe(0);
    expect(spoiled({ intent: { np: 9 } }, aPolicy({ npMax: 4 }))).toContain(
      'launch of mom.a.100: 9 slots, npMax is 4',
    );
  });

  test('under a name, a number or a mark that is wrong', () => {
    expect(spoiled({ intent: { taskId: 'mom.b.100' } })).toContain(
      'launch of mom.b.100 is not named for node a',
    );
    expect(spoiled({ intent: { taskId: 'mom.a.7' } })).toContain(
      'launch of mom.a.7 uses a serial number again',
    );
    expect(spoiled({ requestId: 'theirs' })).toEqual(['launch of mom.a.100 carries the mark theirs']);
  });
});

describe('readings', () => {
  test('a node drained on a queue that could not be read', () => {
    const snapshot = aSnapshot({ ...idle, queue: stale({ jobs: [] }), mesos: { suppressed: true } });
    expect(
      withDecisions(snapshot, aPolicy(), {
        kind: 'offline',
        seenOffline: false,
        taskId: idleTask,
        node: 'a',
        why,
      }),
    ).toEqual(['offline although the queue reading is stale']);
  });

  test('a task killed while Mesos does not hear us', () => {
    const intent = anIntent('a', { goal: { kind: 'leave', sinceMs: 0, why: 'idle' } });
    const snapshot = aSnapshot({ intents: [intent], mesos: { connected: false } });
    const kill: Decision = {
      kind: 'kill-task',
      taskId: intent.taskId,
      agentId: intent.agentId,
      graceMs: 0,
      why,
    };
    expect(withDecisions(snapshot, aPolicy(), kill)).toEqual(['kill-task although Mesos is not connected']);
  });
});

describe('nodes', () => {
  const leaving = anUpNode('a', {
    intent: { goal: { kind: 'drain', sinceMs: storyMs - 5_000, why: 'idle' } },
    node: { states: ['offline'] },
  });
  const remove: Decision = { kind: 'delete-node', taskId: idleTask, node: 'a', why };
  const suppressed = { mesos: { suppressed: true } };

  test('deleted with a job on it, by either view', () => {
    const busy = ourNode(leaving.intents[0]!, { states: ['offline'], jobs: [{ jobId: '1.head', slots: 1 }] });
    expect(withDecisions(aSnapshot({ ...leaving, ...suppressed, nodes: [busy] }), aPolicy(), remove)).toEqual(
      ['delete-node of a with 1 jobs on it'],
    );
    const running = aSnapshot({ ...leaving, ...suppressed, jobs: [aRunningJob(1, 'a')] });
    expect(withDecisions(running, aPolicy(), remove)).toEqual(['delete-node of a with 1 jobs on it']);
  });

  test('deleted without having been seen offline, or on a reading from before', () => {
    expect(withDecisions(idleSnapshot, aPolicy(), remove)).toEqual([
      'delete of a, not seen offline',
      'delete of a, which is to stay',
    ]);
    const nodeActs = {
      a: { act: 'offline', endedAtMs: storyMs + 1, problem: null, failures: 0, refusals: 0 },
    } as const;
    const early = aSnapshot({ ...leaving, ...suppressed, recent: { nodeActs } });
    expect(withDecisions(early, aPolicy(), remove)).toEqual([
      'delete-node of a on a queue reading from before its offline',
      'delete-node of a on a nodes reading from before its offline',
    ]);
  });

  test('two decisions on one', () => {
    const offline: Decision = { kind: 'offline', seenOffline: false, taskId: idleTask, node: 'a', why };
    expect(withDecisions(idleSnapshot, aPolicy(), offline, offline)).toEqual([
      `more than one decision on task ${idleTask}, the last offline`,
      'more than one decision on node a, the last offline',
    ]);
  });

  test('of theirs, touched', () => {
    const theirs = ourNode(idle.intents[0]!, { requestId: null });
    const snapshot = aSnapshot({ ...idle, ...suppressed, nodes: [theirs] });
    const problems = withDecisions(snapshot, aPolicy(), {
      kind: 'offline',
      seenOffline: false,
      taskId: idleTask,
      node: 'a',
      why,
    });
    expect(problems).toEqual(['offline of a, which does not carry our mark']);
    const unknownOne: Decision = { kind: 'offline', seenOffline: false, taskId: 'mom.b.5', node: 'b', why };
    expect(withDecisions(snapshot, aPolicy(), unknownOne)).toEqual([
      'offline of mom.b.5, which no intent speaks of',
    ]);
  });

  test('cleared although an administrator set it offline', () => {
    const snapshot = aSnapshot({ ...anUpNode('a', { node: { states: ['offline'] } }), ...suppressed });
    expect(withDecisions(snapshot, aPolicy(), { kind: 'online', taskId: idleTask, node: 'a', why })).toEqual([
      'online of a, which we did not drain',
    ]);
  });

  test('drained below the floor', () => {
    const policy = aPolicy({ minSlotsHeld: 2 });
    const snapshot = aSnapshot({
      ...together(idle, anUpNode('b', { intent: { serial: 2 } })),
      ...suppressed,
    });
    expect(
      withDecisions(snapshot, policy, {
        kind: 'offline',
        seenOffline: false,
        taskId: idleTask,
        node: 'a',
        why,
      }),
    ).toEqual(['1 nodes are drained and 1 are left, the floor is 2']);
  });

  test('created over one that is there, or without our mark', () => {
    const create: Decision = {
      kind: 'create-node',
      taskId: idleTask,
      node: 'a',
      np: 2,
      gpus: 0,
      properties: [],
      ports: null,
      requestId: 'theirs',
      hostAddresses: [],
      why,
    };
    expect(withDecisions(idleSnapshot, aPolicy(), create)).toEqual([
      'create of a, which is there already',
      'create of a without our mark',
    ]);
  });

  test('a task killed or forgotten while its node is there', () => {
    const { agentId } = idle.intents[0]!;
    const kill: Decision = { kind: 'kill-task', taskId: idleTask, agentId, graceMs: 0, why };
    expect(withDecisions(idleSnapshot, aPolicy(), kill)).toEqual([
      `kill of ${idleTask} while its node is there`,
    ]);
    const forget: Decision = { kind: 'forget', taskId: idleTask, node: 'a', failed: false, why };
    expect(withDecisions(idleSnapshot, aPolicy(), forget)).toEqual([
      `forget of ${idleTask} while its node is there`,
      `forget of ${idleTask}, which has not ended`,
    ]);
  });

  test('more acts than one pass may make', () => {
    const snapshot = aSnapshot({
      ...together(idle, anUpNode('b', { intent: { serial: 2 } })),
      ...suppressed,
    });
    const offline = (taskId: string, node: string): Decision => ({
      kind: 'offline',
      seenOffline: false,
      taskId,
      node,
      why,
    });
    expect(
      withDecisions(snapshot, aPolicy({ nodeActsMax: 1 }), offline(idleTask, 'a'), offline('mom.b.2', 'b')),
    ).toEqual(['2 acts on nodes, 1 are allowed']);
  });
});

describe('the report', () => {
  test('leaves a job out', () => {
    expect(withReport(aSnapshot({ jobs: [aJob(1)] }), aPolicy(), { jobs: [] })).toEqual([
      'job 1.head has 0 verdicts',
    ]);
  });

  test('has nothing to say about a job', () => {
    const mute = { kind: 'waiting', jobId: '1.head', why: { code: 'x', text: '' } } as const;
    expect(withReport(aSnapshot({ jobs: [aJob(1)] }), aPolicy(), { jobs: [mute] })).toHaveLength(1);
  });

  test('wakes in the past', () => {
    expect(withReport(aSnapshot(), aPolicy(), { wakeAtMs: 5 })).toEqual([
      'wakes at 5, which is over at 1000000',
    ]);
  });
});

function launchOf(host: string): Omit<LaunchDecision, 'kind'> {
  const intent = anIntent(host, { serial: 777, launchedAtMs: storyMs });
  const requestId = `mesos-torque.fw-1.${intent.taskId}`;
  return { offerIds: [`offer-of-${host}`], host, intent, requestId, why };
}

test('a good plan has nothing against it', () => {
  const busy = anUpNode('a', { node: { jobs: [{ jobId: '1.head', slots: 1 }] } });
  const snapshot = aSnapshot({ ...busy, jobs: [aRunningJob(1, 'a')], tasks: [aTask(busy.intents[0]!)] });
  expect(checkPlan(snapshot, aPolicy(), plan(snapshot, aPolicy()))).toEqual([]);
});
