/** Stories of single steps: what is given, what is decided, and why. */
import { describe, expect, test } from 'vitest';
import type { Decision } from './decisions.ts';
import type { NodeAct, Snapshot } from './facts.ts';
import { plan } from './plan.ts';
import type { Policy } from './policy.ts';
import {
  aJob,
  anIntent,
  anOffer,
  anUpNode,
  aNode,
  aPolicy,
  aRunningJob,
  aSnapshot,
  aStartingTask,
  aTask,
  nodesOf,
  ourNode,
  stale,
  storyMs,
  together,
  unknown,
} from './testing/builders.ts';

function decide(snapshot: Snapshot, policy: Policy = aPolicy()): readonly Decision[] {
  return plan(snapshot, policy).decisions.filter(({ kind }) => kind !== 'suppress');
}
const kinds = (snapshot: Snapshot, policy?: Policy): readonly string[] =>
  decide(snapshot, policy).map(({ kind }) => kind);

const done = (act: NodeAct['act'], endedAtMs: number, problem: string | null = null): NodeAct => ({
  act,
  endedAtMs,
  problem,
  failures: problem === null ? 0 : 1,
  refusals: 0,
});

describe('bringing a node up', () => {
  const intent = anIntent('a');

  test('the node is created once the executor has named the mom', () => {
    const named = aSnapshot({ intents: [intent], tasks: [aStartingTask(intent)] });
    expect(decide(named)).toMatchObject([
      { kind: 'create-node', node: 'a', np: 2, requestId: 'mesos-torque.fw-1.mom.a.1' },
    ]);
    const nameless = aSnapshot({ intents: [intent], tasks: [aStartingTask(intent, { momName: null })] });
    expect(decide(nameless)).toEqual([]);
  });

  test('a creation that no reading shows yet is not repeated, one that failed is, after a while', () => {
    const after = (act: NodeAct): readonly string[] =>
      kinds(
        aSnapshot({ intents: [intent], tasks: [aStartingTask(intent)], recent: { nodeActs: { a: act } } }),
      );
    expect(after(done('create', storyMs + 1))).toEqual([]);
    expect(after(done('create', storyMs - 1_000, 'refused: Unknown node'))).toEqual([]);
    expect(after(done('create', storyMs - 2_000, 'refused: Unknown node'))).toEqual(['create-node']);
  });

  test('the mom is started when the host list was sent, and told again until it moves', () => {
    const at = (
      states: 'down' | 'mom-list-not-sent',
      startMomMs: Record<string, number> = {},
    ): readonly string[] =>
      kinds(
        aSnapshot({
          intents: [intent],
          tasks: [aStartingTask(intent)],
          nodes: [ourNode(intent, { states: [states] })],
          recent: { startMomMs },
        }),
      );
    expect(at('mom-list-not-sent')).toEqual([]);
    expect(at('down')).toEqual(['start-mom']);
    expect(at('down', { 'mom.a.1': storyMs - 1_000 })).toEqual([]);
    expect(at('down', { 'mom.a.1': storyMs - 2_000 })).toEqual(['start-mom']);
  });

  test('a mom of another name is given up, with both names', () => {
    const snapshot = aSnapshot({ intents: [intent], tasks: [aStartingTask(intent, { momName: 'b' })] });
    const [decision] = decide(snapshot);
    expect(decision).toMatchObject({ kind: 'kill-task', why: { code: 'gave-up-name-differs' } });
    expect(decision?.why.text).toContain('the mom goes by b, the agent by a');
  });

  test('a name that is taken by theirs is given up, and theirs is not touched', () => {
    const snapshot = aSnapshot({ intents: [intent], tasks: [aStartingTask(intent)], nodes: [aNode('a')] });
    expect(kinds(snapshot)).toEqual(['kill-task']);
  });

  test('a launch without a word, and a node that does not turn free, are given up in time', () => {
    const silent = anIntent('a', { launchedAtMs: storyMs - 120_000 });
    expect(kinds(aSnapshot({ intents: [silent] }))).toEqual(['kill-task']);
    const slow = aSnapshot({
      intents: [intent],
      tasks: [aTask(intent, { sinceMs: storyMs - 120_000 })],
      nodes: [ourNode(intent, { states: ['down'] })],
    });
    expect(decide(slow)).toMatchObject([{ kind: 'offline', why: { code: 'gave-up-register-too-long' } }]);
  });

  test('after a restart a starting task without a report is taken by the name it was launched for', () => {
    const task = aStartingTask(intent, { stage: 'unknown', momName: null });
    expect(kinds(aSnapshot({ intents: [intent], tasks: [task] }))).toEqual(['create-node']);
  });
});

describe('taking a node away', () => {
  const idleSinceMs = { a: storyMs - 400_000 };
  const drained = anUpNode('a', {
    intent: { goal: { kind: 'drain', sinceMs: storyMs - 3_000, why: 'idle' } },
    node: { states: ['offline'] },
  });
  const suppressed = { mesos: { suppressed: true } };

  test('idle long enough: offline, but not when a queued job fits', () => {
    expect(kinds(aSnapshot({ ...anUpNode('a'), idleSinceMs, ...suppressed }))).toEqual(['offline']);
    expect(kinds(aSnapshot({ ...anUpNode('a'), idleSinceMs, ...suppressed, jobs: [aJob(1)] }))).toEqual([
      'kick-scheduler',
    ]);
  });

  test('seen offline and empty after the act: deleted', () => {
    const nodeActs = { a: done('offline', storyMs - 10) };
    expect(kinds(aSnapshot({ ...drained, recent: { nodeActs }, ...suppressed }))).toEqual(['delete-node']);
  });

  test('not deleted on a reading that was begun before the act ended', () => {
    const nodeActs = { a: done('offline', storyMs + 10) };
    expect(kinds(aSnapshot({ ...drained, recent: { nodeActs }, ...suppressed }))).toEqual([]);
  });

  test('not deleted while qstat shows a job there that pbsnodes does not', () => {
    expect(kinds(aSnapshot({ ...drained, jobs: [aRunningJob(7, 'a')], ...suppressed }))).toEqual([]);
  });

  test('an offline mark that was lost is set again', () => {
    const lost = { ...drained, nodes: [ourNode(drained.intents[0]!, { states: ['free'] })] };
    const nodeActs = { a: done('offline', storyMs - 5_000) };
    expect(kinds(aSnapshot({ ...lost, recent: { nodeActs }, ...suppressed }))).toEqual(['offline']);
  });

  test('node gone: killed, again and again, until the task has ended; then forgotten', () => {
    const intents = [anIntent('a', { goal: { kind: 'leave', sinceMs: storyMs - 3_000, why: 'idle' } })];
    const tasks = [aTask(intents[0]!)];
    expect(kinds(aSnapshot({ intents, tasks, ...suppressed }))).toEqual(['kill-task']);
    const killMs = { 'mom.a.1': storyMs - 1_000 };
    expect(kinds(aSnapshot({ intents, tasks, recent: { killMs }, ...suppressed }))).toEqual([]);
    const ended = [aTask(intents[0]!, { state: 'TASK_KILLED' })];
    expect(decide(aSnapshot({ intents, tasks: ended, ...suppressed }))).toMatchObject([
      { kind: 'forget', failed: false },
    ]);
  });

  test('a launch that came to nothing is remembered as a failure', () => {
    const intents = [anIntent('a')];
    const tasks = [aTask(intents[0]!, { state: 'TASK_FAILED', message: 'pbs_mom exited 3' })];
    expect(decide(aSnapshot({ intents, tasks, ...suppressed }))).toMatchObject([
      { kind: 'forget', failed: true },
    ]);
  });

  test('a dead mom with jobs is kept and told', () => {
    const busy = anUpNode('a', {
      task: { state: 'TASK_LOST' },
      node: { jobs: [{ jobId: '7.head', slots: 1 }] },
    });
    const { decisions, report } = plan(aSnapshot({ ...busy, ...suppressed }), aPolicy());
    expect(decisions).toMatchObject([{ kind: 'offline', node: 'a' }]);
    expect(report.nodes[0]).toMatchObject({ phase: 'suspect' });

    const offline = anUpNode('a', {
      intent: { goal: { kind: 'drain', sinceMs: storyMs - 9_000_000, why: 'gave up: its task ended' } },
      task: { state: 'TASK_LOST' },
      node: { states: ['down', 'offline'], jobs: [{ jobId: '7.head', slots: 1 }] },
    });
    const later = plan(aSnapshot({ ...offline, ...suppressed }), aPolicy());
    expect(later.decisions).toEqual([]);
    expect(later.report.nodes[0]?.why).toMatchObject({
      code: 'dead-mom-has-jobs',
      text: expect.stringContaining('qrerun -f 7.head') as string,
    });
  });

  test('an agent out of sight keeps task and node', () => {
    const lost = anUpNode('a', { task: { state: 'TASK_UNREACHABLE' } });
    expect(kinds(aSnapshot({ ...lost, idleSinceMs, ...suppressed }))).toEqual([]);
  });

  test('an administrator’s offline mark is never cleared, deleted or drained over', () => {
    const theirs = anUpNode('a', { node: { states: ['offline'] } });
    expect(kinds(aSnapshot({ ...theirs, idleSinceMs, jobs: [aJob(1)], ...suppressed }))).toEqual(['revive']);
  });

  test('a living task that nothing speaks of is killed, unless its node is there', () => {
    const stray = anIntent('a');
    expect(kinds(aSnapshot({ tasks: [aTask(stray)], ...suppressed }))).toEqual(['kill-task']);
    expect(kinds(aSnapshot({ tasks: [aTask(stray)], nodes: [ourNode(stray)], ...suppressed }))).toEqual([]);
  });

  test.each([
    ['queue', { queue: stale({ jobs: [] }) }],
    ['nodes', { nodes: stale([]) }],
    ['tasks', { tasks: unknown() }],
  ] as const)('nothing shrinks while the %s cannot be read, and a notice says so', (what, reading) => {
    const snapshot = aSnapshot({ ...anUpNode('a'), idleSinceMs, ...suppressed, ...reading } as Parameters<
      typeof aSnapshot
    >[0]);
    const { decisions, report } = plan(snapshot, aPolicy());
    expect(decisions).toEqual([]);
    expect(report.notices.map(({ code }) => code)).toEqual([expect.stringContaining(what)]);
  });
});

test('elements of arrays that are too many to be counted are told with their number', () => {
  const queue = { jobs: [aRunningJob(1, 'n1')], unmade: { counted: 20_000, leftOut: 480_000 } };
  const { report } = plan(aSnapshot({ queue: { state: 'fresh', atMs: storyMs, value: queue } }), aPolicy());
  expect(report.notices.map(({ text }) => text)).toEqual([
    '500,000 elements of arrays wait that pbs_server has not made yet; 20,000 of them are counted, 480,000 will be as these go',
  ]);
});

describe('launching', () => {
  const two = (count: number): Snapshot['offers'] =>
    Array.from({ length: count }, (_, index) => anOffer(`h${index}`));

  test('the floor is opened with nodes of the least size', () => {
    const launched = decide(aSnapshot({ offers: two(3) }), aPolicy({ minSlotsHeld: 2 })).filter(
      ({ kind }) => kind === 'launch',
    );
    expect(launched).toMatchObject([{ intent: { np: 1 } }, { intent: { np: 1 } }]);
  });

  test('the safe allocation holds with launches in flight', () => {
    const policy = aPolicy({ safeAllocation: { ...aPolicy().safeAllocation, nodes: 2 } });
    const jobs = [1, 2, 3].map((id) => aJob(id, { request: nodesOf({ ppn: 3 }) }));
    const snapshot = aSnapshot({ jobs, offers: two(3), intents: [anIntent('z', { np: 1 })] });
    expect(kinds(snapshot, policy).filter((kind) => kind === 'launch')).toHaveLength(1);
  });

  test('no more at once than allowed, a job of several nodes included', () => {
    const policy = aPolicy({ launchesInFlightMax: 2 });
    const request = nodesOf({ count: 3, ppn: 2 });
    const { decisions, report } = plan(aSnapshot({ jobs: [aJob(1, { request })], offers: two(3) }), policy);
    expect(decisions.filter(({ kind }) => kind === 'launch')).toHaveLength(2);
    expect(report.offers.map(({ kind }) => kind).sort()).toEqual(['accepted', 'accepted', 'held']);
  });

  test('whole nodes take all slots that the offer holds', () => {
    const snapshot = aSnapshot({
      jobs: [aJob(1)],
      offers: [anOffer('a', { resources: { cpuMilli: 8_500 } })],
    });
    expect(decide(snapshot, aPolicy({ nodeSize: 'whole' }))).toMatchObject([
      { kind: 'launch', intent: { np: 8 } },
    ]);
  });

  test('two jobs of several nodes never wait for each other', () => {
    const request = nodesOf({ count: 2, ppn: 4 });
    const big = { cpuMilli: 4_500 };
    const snapshot = aSnapshot({
      jobs: [aJob(1, { request: nodesOf({ count: 3, ppn: 4 }) }), aJob(2, { request })],
      offers: ['a', 'b'].map((host) => anOffer(host, { resources: big })),
    });
    const { report } = plan(snapshot, aPolicy());
    expect(report.offers).toMatchObject([{ kind: 'held' }, { kind: 'held' }]);
    expect(report.offers[0]?.why.text).toContain('held for 1.head');
    const late = { ...snapshot, nowMs: storyMs + 30_000 };
    expect(kinds(late).filter((kind) => kind === 'launch')).toHaveLength(2);
  });

  test('memory, properties and the host of a request are met', () => {
    const policy = aPolicy({ propertyAttributes: ['kind'] });
    const request = nodesOf({ properties: ['fat'], host: 'b' }, 3_000);
    const attributes = { kind: 'fat' };
    const snapshot = aSnapshot({
      jobs: [aJob(1, { request })],
      offers: [anOffer('a', { attributes }), anOffer('b', { attributes })],
    });
    expect(decide(snapshot, policy)[0]).toMatchObject({
      kind: 'launch',
      intent: { nodeName: 'b', properties: ['fat'], resources: { memMib: 3_032 } },
    });
  });
});

describe('offers', () => {
  test('with nothing to do Mesos is told so once, and asked again when a job comes', () => {
    const quiet = aSnapshot({ offers: [anOffer('a')] });
    expect(plan(quiet, aPolicy()).decisions).toMatchObject([
      { kind: 'decline', refuseS: 600 },
      { kind: 'suppress' },
    ]);
    const needy = aSnapshot({ jobs: [aJob(1)], mesos: { suppressed: true } });
    expect(kinds(needy)).toEqual(['revive']);
  });

  test('reviving keeps its interval and stops when nothing comes', () => {
    const revived = (lastReviveMs: number, revivesUnanswered: number): readonly string[] =>
      kinds(aSnapshot({ jobs: [aJob(1)], mesos: { lastReviveMs, revivesUnanswered } }));
    expect(revived(storyMs - 4_000, 1)).toEqual([]);
    expect(revived(storyMs - 5_000, 1)).toEqual(['revive']);
    expect(revived(storyMs - 5_000, 3)).toEqual([]);
  });

  test('too small ones are declined briefly, with the arithmetic', () => {
    const snapshot = aSnapshot({
      jobs: [aJob(1, { request: nodesOf({ ppn: 8 }) })],
      offers: [anOffer('a7')],
    });
    expect(plan(snapshot, aPolicy()).report.offers).toMatchObject([
      {
        kind: 'declined',
        refuseS: 5,
        why: { text: '1.head: cpus: asked 8.1 cpus, offer had 4, short by 4.1, agent agent-of-a7' },
      },
    ]);
  });

  test('two nodes of ours and a queued job that fits: one kick', () => {
    const up = together(anUpNode('a'), anUpNode('b', { intent: { serial: 2 } }));
    const snapshot = aSnapshot({ ...up, jobs: [aJob(1), aJob(2)], mesos: { suppressed: true } });
    expect(kinds(snapshot)).toEqual(['kick-scheduler']);
    expect(kinds({ ...snapshot, recent: { ...snapshot.recent, kickMs: storyMs - 1 } })).toEqual([]);
  });
});

describe('a node whose creation is refused', () => {
  const intent = anIntent('a', { launchedAtMs: storyMs - 9_000 });
  const refusedTimes = (refusals: number) => {
    const problem =
      'not-found: registering a: qmgr exited 2: Unknown node (pbs_server cannot resolve the name)';
    const last = {
      act: 'create',
      endedAtMs: storyMs - 3_000,
      problem,
      failures: refusals,
      refusals,
    } as const;
    return plan(
      aSnapshot({
        intents: [intent],
        tasks: [aStartingTask(intent)],
        recent: { nodeActs: { a: last } },
        mesos: { suppressed: true },
      }),
      aPolicy(),
    ).decisions;
  };

  test('is tried again, and the launch is given up after the third time, saying why', () => {
    expect(refusedTimes(2)).toMatchObject([{ kind: 'create-node' }]);
    expect(refusedTimes(3)).toMatchObject([
      {
        kind: 'kill-task',
        why: {
          code: 'gave-up-creation-refused',
          text: expect.stringContaining('refused 3 times: "not-found: registering a') as string,
        },
      },
    ]);
  });
});

describe('a task that has surely ended', () => {
  test('holds nothing any more: another node may take its share while its own is taken down', () => {
    const dead = anUpNode('a', { task: { state: 'TASK_FAILED' }, node: { states: ['down'] } });
    const jobs = [aJob(1)];
    const policy = aPolicy({ safeAllocation: { ...aPolicy().safeAllocation, nodes: 1 } });
    const { decisions, report } = plan(aSnapshot({ ...dead, jobs, offers: [anOffer('b')] }), policy);

    expect(decisions.map(({ kind }) => kind)).toContain('launch');
    expect(report.held.nodes).toBe(0);
  });
});
