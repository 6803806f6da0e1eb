/** The rules of offers and launches by name: for each a good plan, and what spoils it. */
import { describe, expect, test } from 'vitest';
import type { LaunchDecision, Plan } from './decisions.ts';
import { requestIdOf } from './names.ts';
import {
  aJob,
  anIntent,
  anOffer,
  aPolicy,
  aSnapshot,
  storyFramework,
  storyMs,
  unknown,
} from './testing/builders.ts';
import {
  check,
  decide,
  each,
  intents,
  launches,
  more,
  offerVerdicts,
  storyWhy as why,
} from './testing/spoil.ts';

const oneJob = aSnapshot({ jobs: [aJob(1)], offers: [anOffer('a')] });
const quiet = { mesos: { suppressed: true } };
const held = (offerId: string): Plan['report']['offers'][number] => ({
  kind: 'held',
  offerId,
  host: 'a',
  untilMs: storyMs + 1,
  why,
});

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
    expect(check(oneJob, intents({ ports: null }), fromOffer)).toEqual([
      'launch of mom.a.100 takes no ports',
    ]);
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
    const over = offerVerdicts({
      ...held('offer-of-a'),
      untilMs: storyMs,
    } as Plan['report']['offers'][number]);
    expect(check(snapshot, over)).toEqual([
      'offer offer-of-a is held until 1000000, allowed is until 1030000',
    ]);
  });

  test('and Mesos is not told to be quiet twice', () => {
    expect(check(aSnapshot(quiet), more({ kind: 'suppress', why }))).toEqual([
      'suppress although suppressed',
    ]);
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
      offers: [
        anOffer('a', { resources: { cpuMilli: 1_100 } }),
        anOffer('b', { resources: { cpuMilli: 1_100 } }),
      ],
    });
    const agents = each('launch', (launch) => ({
      ...launch,
      intent: { ...launch.intent, agentId: 'agent-of-a' },
    }));
    expect(check(snapshot, agents)).toContain(
      'launch of mom.b.101 on agent agent-of-a, which has one already',
    );
  });
});
