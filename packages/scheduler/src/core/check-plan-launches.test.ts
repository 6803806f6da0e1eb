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

describe('a declined offer is told the time for which it is declined', () => {
  const unused = aSnapshot({ offers: [anOffer('a')] });
  const declines = (refuseS: number) => each('decline', (decline) => ({ ...decline, refuseS }));
  const told = (refuseS: number): Plan['report']['offers'][number] => ({
    kind: 'declined',
    offerId: 'offer-of-a',
    host: 'a',
    refuseS,
    why,
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, -1, 31_536_001])('which is not %d s', (refuseS) => {
    const both = (good: Plan): Plan => offerVerdicts(told(refuseS))(declines(refuseS)(good));
    expect(check(unused, both)).toContain(`decline of offer-of-a for ${refuseS} s, at most 31536000 s`);
  });

  test('but may be a year, or nothing', () => {
    for (const refuseS of [0, 31_536_000]) {
      const both = (good: Plan): Plan => offerVerdicts(told(refuseS))(declines(refuseS)(good));
      expect(check(unused, both)).toEqual([]);
    }
  });

  test('and its verdict tells the same', () => {
    expect(check(unused, offerVerdicts(told(7)))).toEqual([
      'offer offer-of-a is declined for 600 s, its verdict says 7 s',
    ]);
  });

  test('and one is not without the other', () => {
    const silent = (good: Plan): Plan => ({
      ...good,
      decisions: good.decisions.filter((one) => one.kind !== 'decline'),
    });
    expect(check(unused, silent)).toEqual(['offer offer-of-a is said to be declined, and is held']);
    const used = offerVerdicts({ kind: 'accepted', offerId: 'offer-of-a', host: 'a', why });
    expect(check(unused, used)).toEqual(['offer offer-of-a is said to be accepted, and is declined']);
  });

  test('nor is there a verdict on an offer that was never made', () => {
    const dream = { ...told(600), offerId: 'offer-of-z' };
    expect(check(unused, offerVerdicts(told(600), dream))).toEqual([
      'a verdict on offer offer-of-z, which was never made',
    ]);
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
  test('a node is named for the host of its offers', () => {
    const elsewhere = launches((launch) => ({ ...launch, host: 'b' }));
    expect(check(oneJob, elsewhere)).toEqual([
      'launch of mom.a.100 uses offer offer-of-a of another agent',
      'launch of mom.a.100: node a is not named for host b',
    ]);
    const requestId = requestIdOf('mesos-torque', { frameworkId: storyFramework, taskId: 'mom.b.100' });
    const renamed = launches((launch) => ({
      ...launch,
      requestId,
      intent: { ...launch.intent, nodeName: 'b', taskId: 'mom.b.100' },
    }));
    expect(check(oneJob, renamed)).toEqual(['launch of mom.b.100: node b is not named for host a']);
  });

  test('in lower case, as TORQUE has it', () => {
    const snapshot = aSnapshot({ jobs: [aJob(1)], offers: [anOffer('A')] });
    expect(check(snapshot, (good) => good)).toEqual([]);
    expect(check(snapshot, intents({ nodeName: 'A' }))).toContain(
      'launch of mom.a.100: node A is not named for host A',
    );
  });

  test('a node holds the gpus that it is to show', () => {
    expect(check(oneJob, intents({ gpus: 1 }))).toEqual(['launch of mom.a.100: 1 slots need more gpus']);
  });

  test('a launch is dated now', () => {
    expect(check(oneJob, intents({ launchedAtMs: storyMs - 1 }))).toEqual([
      'launch of mom.a.100 is dated 999999, now is 1000000',
    ]);
  });

  test('a node’s properties come from the attributes of its offers', () => {
    const policy = aPolicy({ propertyAttributes: ['rack', 'ssd', 'slow', 'os', 'text'] });
    const attributes = {
      rack: '7',
      ssd: 'true',
      slow: 'false',
      os: 'deb ian',
      text: 'x'.repeat(65),
      site: 'north',
    };
    const snapshot = aSnapshot({ jobs: [aJob(1)], offers: [anOffer('a', { attributes })] });
    const good = ['rack-7', 'ssd', 'deb_ian', 'x'.repeat(64)];
    expect(check(snapshot, intents({ properties: good }), policy)).toEqual([]);
    const bad = ['bigmem', 'north', 'slow', 'false', 'true', '7', 'deb ian', 'd_b_ian', 'rack', 'x'];
    expect(check(snapshot, intents({ properties: [...good, ...bad] }), policy)).toEqual(
      bad.map(
        (property) => `launch of mom.a.100 has property ${property}, which no attribute of its offers gives`,
      ),
    );
  });

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
