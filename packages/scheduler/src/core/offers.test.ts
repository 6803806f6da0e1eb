import { describe, expect, test } from 'vitest';
import { agentOffers, propertyOf, type AgentOffer } from './offers.ts';
import { whole } from './sliced.ts';
import { survey } from './survey.ts';
import { anIntent, anOffer, aNode, aPolicy, aSnapshot, storyMs } from './testing/builders.ts';

function offersOf(snapshot: ReturnType<typeof aSnapshot>, policy = aPolicy()): readonly AgentOffer[] {
  return whole(agentOffers(survey(snapshot, policy), () => undefined));
}

describe('an attribute as a property', () => {
  test.each([
    ['rack', 'r7', 'r7'],
    ['rack', '7', 'rack-7'],
    ['ssd', 'true', 'ssd'],
    ['ssd', 'false', null],
    ['zone', 'eu west/1', 'eu_west_1'],
    ['7up', '3', null],
    ['rack', '', null],
  ])('%s:%s is %s', (name, value, expected) => {
    expect(propertyOf(name, value)).toBe(expected);
  });
});

test('several offers of one agent are one', () => {
  const first = anOffer('a', { id: 'x', receivedAtMs: storyMs - 2 });
  const second = anOffer('a', { id: 'y', unavailableFromMs: storyMs + 5 });
  const [agent, ...others] = offersOf(aSnapshot({ offers: [second, first] }));
  expect(others).toEqual([]);
  expect(agent).toMatchObject({
    resources: { cpuMilli: 8_000, memMib: 8_000 },
    receivedAtMs: storyMs - 2,
    unavailableFromMs: storyMs + 5,
  });
  expect(agent?.offers.map(({ id }) => id)).toEqual(['x', 'y']);
});

test('smaller agents come first, gpus and properties last', () => {
  const snapshot = aSnapshot({
    offers: [
      anOffer('gpu', { resources: { cpuMilli: 1_000, gpus: 1 } }),
      anOffer('special', { resources: { cpuMilli: 1_000 }, attributes: { ssd: 'true' } }),
      anOffer('big', { resources: { cpuMilli: 9_000 } }),
      anOffer('small'),
    ],
  });
  const names = offersOf(snapshot, aPolicy({ propertyAttributes: ['ssd'] })).map(({ nodeName }) => nodeName);
  expect(names).toEqual(['small', 'big', 'special', 'gpu']);
});

describe('nothing is launched', () => {
  test('where a mom of ours is, or is leaving', () => {
    const leaving = anIntent('a', { goal: { kind: 'leave', sinceMs: 0, why: 'idle' } });
    const [agent] = offersOf(aSnapshot({ intents: [leaving], offers: [anOffer('a')] }));
    expect(agent?.refused?.code).toBe('one-mom-per-agent');
  });

  test('where pbs_server has a node of that name', () => {
    const [agent] = offersOf(aSnapshot({ nodes: [aNode('a')], offers: [anOffer('A')] }));
    expect(agent?.refused?.text).toBe('pbs_server already has a node a; it is not touched');
  });

  test('on a host whose name cannot be a node', () => {
    const [agent] = offersOf(aSnapshot({ offers: [anOffer('bad;host')] }));
    expect(agent?.refused?.code).toBe('host-name');
  });

  test('while the agent backs off, twice as long after each failure', () => {
    const backOff = (failures: number): number | null => {
      const trouble = [
        { agentId: 'agent-of-a', failures, lastMs: storyMs, lastMessage: 'exit 3', evidence: [] },
      ];
      let ends: number | null = null;
      const snapshot = aSnapshot({ trouble, offers: [anOffer('a')] });
      const found = agentOffers(survey(snapshot, aPolicy()), (atMs) => {
        ends = atMs - storyMs;
      });
      whole(found);
      return ends;
    };
    expect([1, 2, 3, 99].map(backOff)).toEqual([10_000, 20_000, 40_000, 600_000]);
  });

  test('without two free ports, where moms take theirs from the offer', () => {
    const policy = aPolicy({ portsFromOffer: true });
    const one = anOffer('a', { ports: [{ begin: 31_000, end: 31_000 }] });
    const two = anOffer('b', {
      ports: [
        { begin: 31_005, end: 31_005 },
        { begin: 31_000, end: 31_000 },
      ],
    });
    const agents = offersOf(aSnapshot({ offers: [one, two] }), policy);
    expect(agents.map(({ ports }) => ports)).toEqual([null, { service: 31_000, manager: 31_005 }]);
    expect(agents[0]?.refused?.code).toBe('no-ports');
  });
});
