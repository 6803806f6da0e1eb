/** Random clusters for property tests: any mixture of nodes, jobs, tasks and offers, consistent or not. */
import fc from 'fast-check';
import type {
  Goal,
  DeclinedOffer,
  Intent,
  JobFacts,
  JobRequest,
  MomStage,
  NodeAct,
  NodeStateWord,
  OfferFacts,
  Reading,
  Snapshot,
  TaskFacts,
  TaskStateName,
  TorqueNode,
} from '../facts.ts';
import { requestIdOf } from '../names.ts';
import type { Policy } from '../policy.ts';
import { noAmounts, noLimits, nothingLimited, type Limiting, type RunLimits } from '../settings.ts';
import {
  aJob,
  anIntent,
  anOffer,
  aNode,
  aPolicy,
  aQueue,
  aTask,
  ourNode,
  storyFramework,
  storyMs,
} from './builders.ts';
import { usualConditions } from '../conditions.ts';
import { noWishes } from '../wishes.ts';

const hosts = Array.from({ length: 12 }, (_, index) => `n${index}`);
const properties = ['bigmem', 'ssd'];

const limit = (max: number): fc.Arbitrary<number | null> => fc.option(fc.nat(max), { freq: 2, nil: null });

export const policies: fc.Arbitrary<Policy> = fc
  .record({
    minSlotsHeld: fc.nat(3),
    minComputeNode: fc.record({ np: fc.integer({ min: 1, max: 2 }), memMib: fc.constantFrom(100, 300) }),
    safeAllocation: fc.record({
      cpuMilli: limit(20_000),
      memMib: limit(10_000),
      diskMib: fc.constant(null),
      gpus: limit(2),
      nodes: limit(10),
    }),
    nodeSize: fc.constantFrom<Policy['nodeSize']>('fit', 'whole'),
    npMax: fc.integer({ min: 2, max: 8 }),
    portsFromOffer: fc.boolean(),
    propertyAttributes: fc.constant(properties),
    launchesInFlightMax: fc.constantFrom(1, 3, 100),
    nodeActsMax: fc.constantFrom(1, 100, 100),
    brakeNodesMin: fc.constantFrom(1, 5, 100),
    quarantineFailures: fc.constantFrom(1, 5),
    placeholderNodes: fc.constantFrom([], ['n11']),
  })
  .map(aPolicy);

const requests: fc.Arbitrary<JobRequest> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .record({
        parts: fc.array(
          fc.record({
            count: fc.integer({ min: 1, max: 4 }),
            ppn: fc.integer({ min: 1, max: 5 }),
            gpus: fc.constantFrom(0, 0, 0, 1),
            properties: fc.subarray(properties).map((all) => all.slice(0, 1)),
            host: fc.constantFrom(null, null, null, null, 'n3'),
          }),
          { minLength: 1, maxLength: 2 },
        ),
        memMibPerNode: fc.constantFrom(0, 0, 500, 3_000),
        memMibPerSlot: fc.constantFrom(0, 0, 0, 250),
        exclusive: fc.constantFrom(false, false, false, true),
      })
      .map((request) => ({ kind: 'nodes' as const, ...request })),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('procs' as const),
      slots: fc.integer({ min: 1, max: 12 }),
      memMibPerSlot: fc.constantFrom(0, 300),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.constant({ kind: 'not-understood' as const, text: 'tpn=7', why: 'is of Moab' }),
  },
);

const comments = [
  null,
  null,
  'Not Running: Not enough of the right type of nodes are available',
  'Not Running: Draining system to allow starving job to run',
  'Not Running: Queue job limit has been reached.',
  'Not Running - PBS Error: Unknown node  MSG=job allocation request exceeds available cluster nodes',
];

const jobStates: readonly JobFacts['state'][] = ['queued', 'queued', 'queued', 'running', 'held', 'complete'];

const jobParts = fc.record({
  state: fc.constantFrom(...jobStates),
  request: requests,
  comment: fc.constantFrom(...comments),
  queuedAtMs: fc.nat(20).map((ago) => storyMs - ago * 1000),
  walltimeS: fc.constantFrom(null, 60, 3600),
  execNodes: fc.subarray(hosts, { maxLength: 2 }),
  element: fc.boolean(),
  owner: fc.constantFrom('ada', 'bob'),
  group: fc.constantFrom('staff', 'guests'),
  counted: fc.constantFrom(noAmounts, { ...noAmounts, nodect: 1 }, { ...noAmounts, nodect: 3 }),
  queue: fc.constantFrom('batch', 'batch', 'batch', 'batch', 'new'),
});

export const jobLists: fc.Arbitrary<JobFacts[]> = fc
  .tuple(fc.array(jobParts, { maxLength: 14 }), fc.constantFrom(null, 1, 3))
  .map(([parts, arraySlotLimit]) => {
    const jobs = parts.map(({ element, execNodes, ...rest }, index) =>
      aJob(element ? `900[${index}].head` : index + 1, {
        ...rest,
        execNodes: rest.state === 'running' ? execNodes : [],
      }),
    );
    const template = aJob('900[].head', { isArrayTemplate: true, arraySlotLimit });
    return jobs.some((job) => job.id.startsWith('900[')) ? [template, ...jobs] : jobs;
  });

const goals: fc.Arbitrary<Goal> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Goal>({ kind: 'hold' }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom<'drain' | 'leave'>('drain', 'leave'),
      sinceMs: fc.nat(40).map((ago) => storyMs - ago * 100),
      why: fc.constantFrom('idle for 300 s', 'gave up: no word'),
    }),
  },
);

const taskStates: readonly TaskStateName[] = [
  'TASK_RUNNING',
  'TASK_RUNNING',
  'TASK_RUNNING',
  'TASK_RUNNING',
  'TASK_STAGING',
  'TASK_STARTING',
  'TASK_STARTING',
  'TASK_KILLING',
  'TASK_FAILED',
  'TASK_LOST',
  'TASK_UNREACHABLE',
  'UNRECOGNIZED',
];
const stages: readonly MomStage[] = ['unknown', 'prepared', 'started', 'answering', 'answering'];
const nodeStates: readonly (readonly NodeStateWord[])[] = [
  ['free'],
  ['free'],
  ['free'],
  ['job-exclusive'],
  ['offline'],
  ['offline'],
  ['down'],
  ['down', 'offline', 'mom-list-not-sent'],
];

/** Times lie well apart from the limits of the policy, so that one millisecond more changes nothing. */
const tenths = fc.nat(50).map((n) => n * 100);

/** One of our nodes, with or without its task and its TORQUE node. */
const members = fc.record({
  np: fc.integer({ min: 1, max: 4 }),
  goal: goals,
  launchedMs: fc.constantFrom(10_000, 60_000, 200_000),
  task: fc.option(
    fc.record({
      state: fc.constantFrom(...taskStates),
      stage: fc.constantFrom(...stages),
      healthy: fc.constantFrom(true, true, true, false),
      momName: fc.constantFrom<'own' | 'other' | null>('own', 'own', 'own', 'own', 'other', null),
      sinceMs: fc.constantFrom(5_000, 130_000, 500_000),
    }),
    { freq: 6, nil: null },
  ),
  node: fc.option(
    fc.record({
      states: fc.constantFrom(...nodeStates),
      jobs: fc.constantFrom(0, 0, 0, 1),
      mark: fc.nat(20),
    }),
    { freq: 5, nil: null },
  ),
  idleMs: fc.option(fc.constantFrom(1_000, 400_000), { nil: null }),
  act: fc.option(
    fc.record({
      act: fc.constantFrom<NodeAct['act']>('create', 'offline', 'online', 'delete'),
      endedMs: tenths,
      problem: fc.constantFrom(null, null, 'timed-out: no answer'),
    }),
    { nil: null },
  ),
  killedMs: fc.option(tenths, { nil: null }),
});

type Member = typeof members extends fc.Arbitrary<infer T> ? T : never;

interface Cast {
  readonly intents: readonly Intent[];
  readonly tasks: readonly TaskFacts[];
  readonly nodes: readonly TorqueNode[];
  readonly recent: Pick<Snapshot['recent'], 'nodeActs' | 'killMs'>;
  readonly idleSinceMs: Snapshot['idleSinceMs'];
  readonly history: Snapshot['history'];
}

/** Each member lives on the host of its number; some nodes carry no mark, or another framework's. */
function cast(all: readonly Member[]): Cast {
  const named = all.map((member, index) => {
    const { np, goal, launchedMs } = member;
    const name = hosts[index] ?? 'n0';
    const intent = anIntent(name, { serial: index + 1, np, goal, launchedAtMs: storyMs - launchedMs });
    return { member, name, intent };
  });
  return {
    intents: named.map(({ intent }) => intent),
    tasks: named.flatMap(({ member: { task }, intent }) =>
      task === null
        ? []
        : [
            aTask(intent, {
              ...task,
              momName: task.momName === 'own' ? intent.nodeName : task.momName,
              sinceMs: storyMs - task.sinceMs,
            }),
          ],
    ),
    nodes: named.flatMap(({ member: { node }, intent }) => (node === null ? [] : [memberNode(intent, node)])),
    recent: {
      nodeActs: Object.fromEntries(
        named.flatMap(({ name, member: { act } }) =>
          act === null
            ? []
            : [
                [
                  name,
                  {
                    act: act.act,
                    problem: act.problem,
                    endedAtMs: storyMs - act.endedMs,
                    failures: 0,
                    refusals: 0,
                  },
                ],
              ],
        ),
      ),
      killMs: Object.fromEntries(
        named.flatMap(({ intent, member: { killedMs } }) =>
          killedMs === null ? [] : [[intent.taskId, storyMs - killedMs]],
        ),
      ),
    },
    history: Object.fromEntries(
      named.map(({ intent, member: { node, idleMs } }) => [
        intent.taskId,
        {
          // Missing for the first time, or for long.
          absentSinceMs: node === null ? storyMs - (idleMs ?? 0) : null,
          upAtMs: node !== null && idleMs !== null ? storyMs - idleMs : null,
          unwellSinceMs: node?.states.includes('down') === true ? storyMs - (idleMs ?? 0) : null,
        },
      ]),
    ),
    idleSinceMs: Object.fromEntries(
      named.flatMap(({ name, member: { idleMs } }) => (idleMs === null ? [] : [[name, storyMs - idleMs]])),
    ),
  };
}

function memberNode(intent: Intent, node: NonNullable<Member['node']>): TorqueNode {
  const { states, jobs, mark } = node;
  const held = jobs === 0 ? [] : [{ jobId: '777.head', slots: 1 }];
  const whole = ourNode(intent, { states, jobs: held });
  if (mark === 0) return { ...whole, requestId: null };
  const owner = { frameworkId: 'fw-other', taskId: intent.taskId };
  if (mark === 1) return { ...whole, requestId: requestIdOf('mesos-torque', owner) };
  const leftOver = { frameworkId: storyFramework, taskId: `mom.${intent.nodeName}.99` };
  return mark === 2 ? { ...whole, requestId: requestIdOf('mesos-torque', leftOver) } : whole;
}

const statics: fc.Arbitrary<TorqueNode[]> = fc.subarray(['s1', 's2', 'n10', 'n11']).chain((names) =>
  fc.tuple(
    ...names.map((name) =>
      fc
        .record({
          np: fc.integer({ min: 1, max: 6 }),
          states: fc.constantFrom(...nodeStates),
          properties: fc.subarray(properties),
          memMib: fc.constantFrom(null, 1_000),
        })
        .map((parts) => aNode(name, parts)),
    ),
  ),
);

const offerLists: fc.Arbitrary<OfferFacts[]> = fc.subarray(hosts).chain((chosen) =>
  fc.tuple(
    ...chosen.map((host) =>
      fc
        .record({
          resources: fc.record({
            cpuMilli: fc.constantFrom(500, 2_100, 4_100, 9_000),
            memMib: fc.constantFrom(100, 600, 4_000),
            gpus: fc.constantFrom(0, 0, 1),
          }),
          attributes: fc.constantFrom<Record<string, string>>(
            {},
            { bigmem: 'true' },
            { ssd: 'true', bigmem: 'true' },
          ),
          ports: fc.constantFrom([], [{ begin: 31_000, end: 31_000 }], [{ begin: 31_000, end: 31_005 }]),
          receivedAtMs: fc.nat(40).map((ago) => storyMs - ago * 1000),
          unavailableFromMs: fc.constantFrom(null, null, null, storyMs + 600_000),
        })
        .map((parts) => anOffer(host, parts)),
    ),
  ),
);

const limits: fc.Arbitrary<RunLimits> = fc
  .record({ maxRunning: limit(3), maxUserRun: limit(3), maxGroupRun: limit(3), nodect: limit(4) })
  .map(({ nodect, ...rest }) => ({ ...noLimits, ...rest, available: { ...noAmounts, nodect } }));

const settings: fc.Arbitrary<Limiting> = fc.oneof(
  { weight: 3, arbitrary: fc.constant(nothingLimited) },
  {
    weight: 2,
    arbitrary: fc
      .record({ server: limits, batch: limits, isStarted: fc.constantFrom(true, true, true, false) })
      .map(({ server, batch, isStarted }): Limiting => ({
        kind: 'settings',
        server,
        queues: [aQueue('batch', { ...batch, isStarted })],
      })),
  },
);

const declinedLists: fc.Arbitrary<readonly DeclinedOffer[]> = fc
  .tuple(offerLists, fc.constantFrom(-1_000, 500, 60_000))
  .map(([offers, leftMs]) => {
    const inVainFor = new Set(['the floor']);
    return offers.map((offer) => ({
      offer: { ...offer, id: `declined-${offer.id}` },
      untilMs: storyMs + leftMs,
      inVainFor,
    }));
  });

/** Fresh nine times in ten. */
function reading<T>(value: T): fc.Arbitrary<Reading<T>> {
  const atMs = storyMs - 500;
  return fc.oneof(
    { weight: 20, arbitrary: fc.constant<Reading<T>>({ state: 'fresh', atMs, value }) },
    { weight: 1, arbitrary: fc.constant<Reading<T>>({ state: 'stale', atMs, value, why: 'timed out' }) },
    { weight: 1, arbitrary: fc.constant<Reading<T>>({ state: 'unknown', why: 'no answer' }) },
  );
}

export const snapshots: fc.Arbitrary<Snapshot> = fc
  .record({
    jobs: jobLists,
    members: fc.array(members, { maxLength: 8 }),
    statics,
    offers: offerLists,
    declined: declinedLists,
    connected: fc.constantFrom(true, true, true, true, true, false),
    suppressed: fc.boolean(),
    lastReviveMs: fc.constantFrom(null, storyMs - 1_000, storyMs - 10_000),
    trouble: fc.uniqueArray(
      fc.record({
        agentId: fc.constantFrom(...hosts.map((host) => `agent-of-${host}`)),
        failures: fc.integer({ min: 1, max: 70 }),
        lastMs: fc.nat(30).map((ago) => storyMs - ago * 1000),
        lastMessage: fc.constant('mom exited 3'),
        evidence: fc.constant([]),
      }),
      { maxLength: 2, selector: ({ agentId }) => agentId },
    ),
    kickMs: fc.constantFrom(null, storyMs - 100),
  })
  .chain(({ jobs, members: all, statics: others, offers, ...rest }) => {
    const ours = cast(all);
    return fc
      .record({
        queue: reading({ jobs }),
        settings: settings.chain(reading),
        nodes: reading([...ours.nodes, ...others]),
        tasks: reading(ours.tasks),
      })
      .map((readings): Snapshot => {
        const { connected, suppressed, lastReviveMs, kickMs, trouble } = rest;
        return {
          nowMs: storyMs,
          ...readings,
          offers,
          intents: ours.intents,
          mesos: {
            connected,
            frameworkId: storyFramework,
            suppressed,
            lastReviveMs,
            revivesUnanswered: 0,
            // What is in hand is not kept from us.
            declined: rest.declined.filter(
              ({ offer: { agentId } }) => !offers.some((held) => held.agentId === agentId),
            ),
          },
          recent: { startMomMs: {}, kickMs, ...ours.recent },
          trouble,
          conditions: usualConditions,
          wishes: noWishes,
          idleSinceMs: ours.idleSinceMs,
          history: ours.history,
          nextSerial: 1_000,
        };
      });
  });
