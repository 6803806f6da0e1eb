/** The rules of nodes, readings and the report by name: for each a good plan, and what spoils it. */
import { describe, expect, test } from 'vitest';
import type { CreateNodeDecision, Decision, Plan } from './decisions.ts';
import type { Intent, Snapshot, TorqueNode } from './facts.ts';
import { requestIdOf } from './names.ts';
import { plan } from './plan.ts';
import { gaveUp } from './reasons-life.ts';
import {
  aJob,
  anIntent,
  anOffer,
  anUpNode,
  aPolicy,
  aRunningJob,
  aSnapshot,
  aStartingTask,
  aTask,
  ourNode,
  stale,
  storyFramework,
  together,
  unknown,
} from './testing/builders.ts';
import { check, decide, each, more, storyWhy as why } from './testing/spoil.ts';

const oneJob = aSnapshot({ jobs: [aJob(1)], offers: [anOffer('a')] });
const quiet = { mesos: { suppressed: true } };
const up = anUpNode('a');
const { taskId, agentId } = up.intents[0]!;

describe('no node with jobs is removed', () => {
  const out = anUpNode('a', { intent: { goal: { kind: 'leave', sinceMs: 0, why: 'idle' } } });

  test('nor is its task killed while qstat shows a job there', () => {
    const snapshot = aSnapshot({ ...out, nodes: [], jobs: [aRunningJob(7, 'a')], ...quiet });
    expect(check(snapshot, decide({ kind: 'kill-task', taskId, agentId, graceMs: 0, why }))).toEqual([
      'kill-task of a with 1 jobs on it',
    ]);
  });
});

describe('no node of theirs is touched', () => {
  test('one that an administrator set offline', () => {
    const snapshot = aSnapshot({ ...anUpNode('a', { node: { states: ['offline'] } }), ...quiet });
    expect(check(snapshot, decide({ kind: 'offline', seenOffline: false, taskId, node: 'a', why }))).toEqual([
      'offline of a, which others set offline',
    ]);
  });

  test('one that is named in another node’s decision', () => {
    const snapshot = aSnapshot({ ...up, ...quiet });
    expect(
      check(snapshot, decide({ kind: 'offline', seenOffline: false, taskId, node: 'static-1', why })),
    ).toEqual([`offline of ${taskId} on another node than its own`]);
  });

  test('one that left over, or a task that holds one, of which no intent speaks', () => {
    const foreign = anUpNode('b', { intent: { serial: 9 } });
    const snapshot = aSnapshot({ ...foreign, intents: [], ...quiet });
    const kill: Decision = { kind: 'kill-task', taskId: 'mom.b.9', agentId: 'agent-of-b', graceMs: 0, why };
    expect(check(snapshot, decide(kill))).toEqual(['kill-task of mom.b.9, which no intent speaks of']);
  });
});

describe('a node is made as it was planned', () => {
  const intent = anIntent('a');
  const starting = aSnapshot({ intents: [intent], tasks: [aStartingTask(intent)], ...quiet });
  const spoil = (change: Partial<CreateNodeDecision>): readonly string[] =>
    check(
      starting,
      each('create-node', (create) => ({ ...create, ...change })),
    );

  test('with its slots, and under our mark', () => {
    expect(spoil({ np: 3 })).toEqual(['create of a with 3 slots, held are 2']);
    expect(spoil({ requestId: 'moab.1' })).toEqual(['create of a without our mark']);
  });

  test('with its gpus, properties and ports', () => {
    expect(spoil({ gpus: 1 })).toEqual(['create of a with 1 gpus, held are 0']);
    expect(spoil({ properties: ['ssd'] })).toEqual(['create of a with other properties than planned']);
    expect(spoil({ ports: { service: 1, manager: 2 } })).toEqual([
      'create of a with other ports than planned',
    ]);
  });

  test('with all of its properties', () => {
    const rich = { ...intent, properties: ['bigmem', 'ssd'] };
    const snapshot = aSnapshot({ intents: [rich], tasks: [aStartingTask(rich)], ...quiet });
    const poor = each('create-node', (create) => ({ ...create, properties: ['ssd', 'ssd'] }));
    expect(check(snapshot, poor)).toEqual(['create of a with other properties than planned']);
  });

  test('for the task that it was planned for', () => {
    expect(spoil({ taskId: 'mom.a.9' })).toEqual(['create-node of mom.a.9, which no intent speaks of']);
    const other = anIntent('b', { serial: 2 });
    const two = aSnapshot({
      intents: [intent, other],
      tasks: [aStartingTask(intent), aTask(other)],
      nodes: [ourNode(other)],
      ...quiet,
    });
    const swapped = each('create-node', (create) => ({ ...create, taskId: other.taskId }));
    expect(check(two, swapped)).toContain('create-node of mom.b.2 on another node than its own');
  });

  test('not when it is to leave', () => {
    const leaving = { ...intent, goal: { kind: 'leave', sinceMs: 0, why: 'idle' } } as const;
    const snapshot = aSnapshot({ intents: [leaving], tasks: [aStartingTask(leaving)], ...quiet });
    const create = plan(starting, aPolicy()).decisions;
    expect(check(snapshot, decide(...create))).toEqual(['create of a, which is to leave']);
  });

  test('and its mom does not start before the host list was sent, nor without a node', () => {
    const states = { states: ['down', 'mom-list-not-sent'] } as const;
    const start: Decision = { kind: 'start-mom', taskId, agentId, node: 'a', why };
    const listless = aSnapshot({
      ...starting,
      nodes: [ourNode(intent, states)],
      tasks: [aStartingTask(intent)],
    });
    expect(check({ ...listless, intents: [intent] }, decide(start))).toEqual([
      `start-mom of ${taskId} before its host list was sent`,
    ]);
    expect(check(starting, decide(start))).toEqual(['start-mom of a, which does not carry our mark']);
  });
});

describe('orders go to the agent of their task', () => {
  const intent = anIntent('a');

  test('the one to start a mom', () => {
    const nodes = [ourNode(intent, { states: ['down'] })];
    const snapshot = aSnapshot({ intents: [intent], tasks: [aStartingTask(intent)], nodes, ...quiet });
    const elsewhere = each('start-mom', (start) => ({ ...start, agentId: 'agent-of-b' }));
    expect(check(snapshot, elsewhere)).toEqual([
      'start-mom of mom.a.1 on agent agent-of-b, its agent is agent-of-a',
    ]);
  });

  const leaving = anIntent('a', { goal: { kind: 'leave', sinceMs: 0, why: 'idle' } });
  test.each([
    ['an intent', [leaving]],
    ['none', []],
  ])('the one to kill a task with %s', (_what, some) => {
    const snapshot = aSnapshot({ intents: some, tasks: [aTask(leaving)], ...quiet });
    const elsewhere = each('kill-task', (kill) => ({ ...kill, agentId: 'agent-of-b' }));
    expect(check(snapshot, elsewhere)).toEqual([
      'kill-task of mom.a.1 on agent agent-of-b, its agent is agent-of-a',
    ]);
    for (const graceMs of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      const hasty = each('kill-task', (kill) => ({ ...kill, graceMs }));
      expect(check(snapshot, hasty)).toEqual([`kill-task of mom.a.1 within ${graceMs} ms`]);
    }
  });
});

describe('what was given up does not come back', () => {
  const online: Decision = { kind: 'online', taskId, node: 'a', why };
  const start: Decision = { kind: 'start-mom', taskId, agentId, node: 'a', why };
  const leaving = (goal: Intent['goal'], states: TorqueNode['states']): Snapshot =>
    aSnapshot({ ...anUpNode('a', { intent: { goal }, node: { states } }), ...quiet });

  test('neither a node that is being deleted nor one that came to nothing', () => {
    const deleted = leaving({ kind: 'leave', sinceMs: 0, why: 'idle' }, ['offline']);
    expect(check(deleted, decide(online))).toEqual(['online of a, which is to leave']);
    const failed = leaving({ kind: 'drain', sinceMs: 0, why: gaveUp(why).text }, ['offline']);
    expect(check(failed, decide(online))).toEqual(['online of a, which is to leave']);
  });

  test('but a drained one may, and one that others cleared before it was deleted', () => {
    const drained = leaving({ kind: 'drain', sinceMs: 0, why: 'idle' }, ['offline']);
    expect(check(drained, decide(online))).toEqual([]);
    const cleared = leaving({ kind: 'leave', sinceMs: 0, why: 'idle' }, ['free']);
    expect(check(cleared, decide(online))).toEqual([]);
  });

  test.each(['drain', 'leave'] as const)('nor does its mom start when the goal is to %s', (kind) => {
    const snapshot = leaving({ kind, sinceMs: 0, why: 'idle' }, ['offline']);
    expect(check(snapshot, decide(start))).toEqual([`start-mom of ${taskId}, whose node is to leave`]);
  });
});

describe('unknown is not zero', () => {
  const start: Decision = { kind: 'start-mom', taskId, agentId, node: 'a', why };
  const create: Decision = {
    kind: 'create-node',
    taskId,
    node: 'a',
    np: 2,
    gpus: 0,
    properties: [],
    ports: null,
    requestId: requestIdOf('mesos-torque', { frameworkId: storyFramework, taskId }),
    hostAddresses: [],
    why,
  };
  const decisions: readonly Decision[] = [
    plan(oneJob, aPolicy()).decisions[0]!,
    create,
    start,
    { kind: 'offline', seenOffline: false, taskId, node: 'a', why },
    { kind: 'online', taskId, node: 'a', why },
    { kind: 'delete-node', taskId, node: 'a', why },
    { kind: 'kill-task', taskId, agentId, graceMs: 0, why },
    { kind: 'forget', taskId, node: 'a', failed: false, why },
    { kind: 'suppress', why },
    { kind: 'revive', why },
    { kind: 'kick-scheduler', why },
  ];
  const blind: Readonly<Record<string, Snapshot>> = {
    'the queue': aSnapshot({ ...up, queue: stale({ jobs: [] }) }),
    'the nodes': aSnapshot({ ...up, nodes: unknown() }),
    'the tasks': aSnapshot({ ...up, tasks: unknown() }),
  };

  test.each(decisions.map((decision) => [decision.kind, decision] as const))('%s', (kind, decision) => {
    for (const [what, snapshot] of Object.entries(blind)) {
      const about = `${kind} although ${what} reading is`;
      const problems = check(snapshot, decide(decision)).filter((problem) => problem.startsWith(about));
      // Bringing a node up needs no look at the queue.
      const isFree = what === 'the queue' && (kind === 'create-node' || kind === 'start-mom');
      expect(problems).toHaveLength(isFree ? 0 : 1);
    }
  });

  test('and nobody is spoken to who does not hear', () => {
    const deaf = aSnapshot({ ...up, offers: [anOffer('b')], mesos: { connected: false } });
    const decline: Decision = { kind: 'decline', offerIds: ['offer-of-b'], refuseS: 5, inVainFor: [], why };
    for (const decision of [...decisions, decline]) {
      const hears = ['offline', 'online', 'delete-node', 'forget', 'kick-scheduler', 'create-node'];
      const about = `${decision.kind} although Mesos is not connected`;
      const problems = check(deaf, decide(decision)).filter((problem) => problem === about);
      expect([decision.kind, problems.length]).toEqual([
        decision.kind,
        hears.includes(decision.kind) ? 0 : 1,
      ]);
    }
  });
});

describe('at most one decision per node', () => {
  test('and one kick of the TORQUE scheduler', () => {
    const kick: Decision = { kind: 'kick-scheduler', why };
    expect(check(aSnapshot(quiet), more(kick, kick))).toEqual([
      'more than one decision on the TORQUE scheduler, the last kick-scheduler',
    ]);
  });

  test('launches counted', () => {
    const two = (good: Plan): Plan => ({ ...good, decisions: good.decisions.flatMap((one) => [one, one]) });
    expect(check(oneJob, two)).toContain('more than one decision on node a, the last launch');
  });
});

describe('every unserved job has a reason', () => {
  test('and a served one has nodes', () => {
    const nowhere = { kind: 'served', jobId: '1.head', nodes: [], why } as const;
    const problems = check(oneJob, (good) => ({ ...good, report: { ...good.report, jobs: [nowhere] } }));
    expect(problems).toEqual(['job 1.head is served by no node']);
  });

  test('one, not two', () => {
    const twice = check(oneJob, (good) => ({
      ...good,
      report: { ...good.report, jobs: [...good.report.jobs, ...good.report.jobs] },
    }));
    expect(twice).toEqual(['job 1.head has 2 verdicts']);
  });

  test('in words, as nodes and offers have', () => {
    const mute = { code: 'x', text: '' };
    const snapshot = aSnapshot({ ...together(up), jobs: [aJob(1)], offers: [anOffer('b')] });
    const problems = check(snapshot, (good) => ({
      ...good,
      report: {
        ...good.report,
        jobs: good.report.jobs.map((one) => ({ ...one, why: mute })),
        nodes: good.report.nodes.map((one) => ({ ...one, why: mute })),
        offers: good.report.offers.map((one) => ({ ...one, why: mute })),
      },
    }));
    expect(problems.map((problem) => problem.slice(0, 13))).toEqual(Array(3).fill('no reason for'));
  });
});
