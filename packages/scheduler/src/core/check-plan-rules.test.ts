/** The rules of the planner by name: for each a good plan, and what spoils it. */
import { describe, expect, test } from 'vitest';
import { checkPlan } from './check-plan.ts';
import type { CreateNodeDecision, Decision, LaunchDecision, Plan } from './decisions.ts';
import type { Intent, Snapshot } from './facts.ts';
import { requestIdOf } from './names.ts';
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
  aStartingTask,
  ourNode,
  stale,
  storyFramework,
  storyMs,
  together,
  unknown,
} from './testing/builders.ts';

const why: Reason = { code: 'story', text: 'because the story says so' };

/** The good plan with a change; the good plan itself has nothing against it. */
function check(
  snapshot: Snapshot,
  change: (good: Plan) => Plan,
  policy: Policy = aPolicy(),
): readonly string[] {
  const good = plan(snapshot, policy);
  expect(checkPlan(snapshot, policy, good)).toEqual([]);
  return checkPlan(snapshot, policy, change(good));
}

/** Other decisions in place of those of the good plan; its offers, if any, are held. */
const decide =
  (...decisions: readonly Decision[]) =>
  (good: Plan): Plan => ({ ...good, decisions });

const more =
  (...decisions: readonly Decision[]) =>
  (good: Plan): Plan => ({ ...good, decisions: [...good.decisions, ...decisions] });

/** Every decision of that kind, changed. */
function each<K extends Decision['kind']>(
  kind: K,
  change: (decision: Extract<Decision, { kind: K }>) => Decision,
): (good: Plan) => Plan {
  const isOfKind = (decision: Decision): decision is Extract<Decision, { kind: K }> => decision.kind === kind;
  return (good) => {
    expect(good.decisions.map((decision) => decision.kind)).toContain(kind);
    return { ...good, decisions: good.decisions.map((one) => (isOfKind(one) ? change(one) : one)) };
  };
}

const launches = (change: (launch: LaunchDecision) => LaunchDecision): ((good: Plan) => Plan) =>
  each('launch', change);
const intents = (change: Partial<Intent>): ((good: Plan) => Plan) =>
  launches((launch) => ({ ...launch, intent: { ...launch.intent, ...change } }));

const oneJob = aSnapshot({ jobs: [aJob(1)], offers: [anOffer('a')] });
const quiet = { mesos: { suppressed: true } };
const up = anUpNode('a');
const { taskId, agentId } = up.intents[0]!;
const held = (offerId: string): Plan['report']['offers'][number] => ({
  kind: 'held',
  offerId,
  host: 'a',
  untilMs: storyMs + 1,
  why,
});
const offerVerdicts = (...offers: Plan['report']['offers']): ((good: Plan) => Plan) => {
  return (good) => ({ ...good, report: { ...good.report, offers } });
};

describe('no offer is spent twice or beyond its resources', () => {
  test('in one launch', () => {
    const twice = launches((launch) => ({ ...launch, offerIds: [...launch.offerIds, ...launch.offerIds] }));
    expect(check(oneJob, twice)).toContain('offer offer-of-a is used twice');
  });

  test('nor is a node launched on none', () => {
    const none = launches((launch) => ({ ...launch, offerIds: [] }));
    expect(check(oneJob, none)).toContain('launch of mom.a.100 uses no offer');
  });

  test.each([
    ['cpuMilli', { cpuMilli: 4_001 }],
    ['memMib', { memMib: 4_001 }],
    ['diskMib', { diskMib: 10_001 }],
    ['gpus', { gpus: 1 }],
  ])('in %s', (kind, over) => {
    const resources = { cpuMilli: 1_100, memMib: 132, diskMib: 0, gpus: 0, ...over };
    expect(check(oneJob, intents({ resources }))).toContain(
      `launch of mom.a.100 takes more ${kind} than its offers hold`,
    );
  });

  test('nor are ports that are not asked for, asked for and not taken, or one taken twice', () => {
    const fromOffer = aPolicy({ portsFromOffer: true });
    expect(check(oneJob, intents({ ports: { service: 31_000, manager: 31_001 } }))).toEqual([
      'launch of mom.a.100 takes ports without need',
    ]);
    expect(check(oneJob, intents({ ports: null }), fromOffer)).toEqual(['launch of mom.a.100 takes no ports']);
    expect(check(oneJob, intents({ ports: { service: 31_000, manager: 31_000 } }), fromOffer)).toEqual([
      'launch of mom.a.100 takes one port twice',
    ]);
  });
});

describe('every offer is accepted, declined or held until a stated time', () => {
  test('and the report says what the decisions do', () => {
    expect(check(oneJob, offerVerdicts(held('offer-of-a')))).toEqual([
      'offer offer-of-a is said to be held, and is accepted',
      'suppress although offers are held',
    ]);
  });

  test('once', () => {
    const accepted = { kind: 'accepted', offerId: 'offer-of-a', host: 'a', why } as const;
    expect(check(oneJob, offerVerdicts(accepted, accepted))).toEqual(['offer offer-of-a has two verdicts']);
  });

  test('and a hold does not end in the past', () => {
    const snapshot = aSnapshot({ offers: [anOffer('a')], queue: unknown() });
    const over = offerVerdicts({ ...held('offer-of-a'), untilMs: storyMs } as Plan['report']['offers'][number]);
    expect(check(snapshot, over)).toEqual(['offer offer-of-a is held until 1000000, allowed is until 1030000']);
  });

  test('and Mesos is not told to be quiet twice', () => {
    expect(check(aSnapshot(quiet), more({ kind: 'suppress', why }))).toEqual(['suppress although suppressed']);
    expect(check(aSnapshot(), more({ kind: 'suppress', why }))).toContain(
      'more than one decision on the stream of offers, the last suppress',
    );
  });
});

describe('the safe allocation is held on every dimension, launches in flight counted', () => {
  const inFlight = anIntent('z', { np: 2 });
  const snapshot = aSnapshot({ jobs: [aJob(1)], offers: [anOffer('a')], intents: [inFlight], ...quiet });
  const launch: LaunchDecision = {
    kind: 'launch',
    offerIds: ['offer-of-a'],
    host: 'a',
    intent: anIntent('a', {
      serial: 100,
      np: 1,
      launchedAtMs: storyMs,
      resources: { cpuMilli: 1_100, memMib: 132, diskMib: 10, gpus: 0 },
    }),
    requestId: requestIdOf('mesos-torque', { frameworkId: storyFramework, taskId: 'mom.a.100' }),
    why,
  };

  test.each([
    ['cpuMilli', { cpuMilli: 3_100 }, 'cpuMilli would be 3200 of 3100'],
    ['memMib', { memMib: 300 }, 'memMib would be 364 of 300'],
    ['diskMib', { diskMib: 5 }, 'diskMib would be 10 of 5'],
    ['nodes', { nodes: 1 }, 'nodes would be 2 of 1'],
  ])('%s', (_kind, limit, problem) => {
    const safeAllocation = { ...aPolicy().safeAllocation, ...limit };
    const problems = check(snapshot, decide(launch), aPolicy({ safeAllocation }));
    expect(problems).toContain(`safe allocation: ${problem}`);
  });

  test('and the same launch is good where nothing is limited', () => {
    const good = (one: Plan): Plan => ({
      decisions: [launch],
      report: { ...one.report, offers: [{ kind: 'accepted', offerId: 'offer-of-a', host: 'a', why }] },
    });
    expect(check(snapshot, good)).toEqual([]);
  });
});

describe('launches are complete', () => {
  test('a node is not smaller than the policy says', () => {
    const policy = aPolicy({ minComputeNode: { np: 2, memMib: 100 } });
    expect(check(oneJob, intents({ np: 1 }), policy)).toEqual([
      'launch of mom.a.100: 1 slots, less than minComputeNode',
    ]);
  });

  test('a node does not leave as it comes', () => {
    expect(check(oneJob, intents({ goal: { kind: 'drain', sinceMs: storyMs, why: 'idle' } }))).toEqual([
      'launch of mom.a.100 is to leave at once',
    ]);
  });

  test('two nodes do not share a number', () => {
    const snapshot = aSnapshot({
      jobs: [aJob(1), aJob(2)],
      offers: [
        anOffer('a', { resources: { cpuMilli: 1_100 } }),
        anOffer('b', { resources: { cpuMilli: 1_100 } }),
      ],
    });
    const same = launches((launch) => {
      const id = `mom.${launch.intent.nodeName}.100`;
      const mark = requestIdOf('mesos-torque', { frameworkId: storyFramework, taskId: id });
      return { ...launch, requestId: mark, intent: { ...launch.intent, taskId: id } };
    });
    expect(check(snapshot, same)).toEqual(['two launches share a serial number']);
  });

  test('two moms do not share an agent', () => {
    const snapshot = aSnapshot({
      jobs: [aJob(1), aJob(2)],
      offers: [anOffer('a', { resources: { cpuMilli: 1_100 } }), anOffer('b', { resources: { cpuMilli: 1_100 } })],
    });
    const agents = each('launch', (launch) => ({
      ...launch,
      intent: { ...launch.intent, agentId: 'agent-of-a' },
    }));
    expect(check(snapshot, agents)).toContain('launch of mom.b.101 on agent agent-of-a, which has one already');
  });
});

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
    expect(check(snapshot, decide({ kind: 'offline', taskId, node: 'a', why }))).toEqual([
      'offline of a, which others set offline',
    ]);
  });

  test('one that is named in another node’s decision', () => {
    const snapshot = aSnapshot({ ...up, ...quiet });
    expect(check(snapshot, decide({ kind: 'offline', taskId, node: 'static-1', why }))).toEqual([
      `offline of ${taskId} on another node than its own`,
    ]);
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

  test('not when it is to leave', () => {
    const leaving = { ...intent, goal: { kind: 'leave', sinceMs: 0, why: 'idle' } } as const;
    const snapshot = aSnapshot({ intents: [leaving], tasks: [aStartingTask(leaving)], ...quiet });
    const create = plan(starting, aPolicy()).decisions;
    expect(check(snapshot, decide(...create))).toEqual(['create of a, which is to leave']);
  });

  test('and its mom does not start before the host list was sent, nor without a node', () => {
    const states = { states: ['down', 'mom-list-not-sent'] } as const;
    const start: Decision = { kind: 'start-mom', taskId, agentId, node: 'a', why };
    const listless = aSnapshot({ ...starting, nodes: [ourNode(intent, states)], tasks: [aStartingTask(intent)] });
    expect(check({ ...listless, intents: [intent] }, decide(start))).toEqual([
      `start-mom of ${taskId} before its host list was sent`,
    ]);
    expect(check(starting, decide(start))).toEqual(['start-mom of a, which does not carry our mark']);
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
    why,
  };
  const decisions: readonly Decision[] = [
    plan(oneJob, aPolicy()).decisions[0]!,
    create,
    start,
    { kind: 'offline', taskId, node: 'a', why },
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
    const decline: Decision = { kind: 'decline', offerIds: ['offer-of-b'], refuseS: 5, why };
    for (const decision of [...decisions, decline]) {
      const hears = ['offline', 'online', 'delete-node', 'forget', 'kick-scheduler', 'create-node'];
      const about = `${decision.kind} although Mesos is not connected`;
      const problems = check(deaf, decide(decision)).filter((problem) => problem === about);
      expect([decision.kind, problems.length]).toEqual([decision.kind, hears.includes(decision.kind) ? 0 : 1]);
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
