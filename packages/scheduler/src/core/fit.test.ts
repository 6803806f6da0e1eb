import { describe, expect, test } from 'vitest';
import { fitsOffer, largestThat, nearest, nodeFor, noLoad, refusal } from './fit.ts';
import type { OfferFacts } from './facts.ts';
import { agentOffers, type AgentOffer } from './offers.ts';
import type { Policy } from './policy.ts';
import { wantOfSet, wantOfSlots, type Want } from './pool.ts';
import { whole } from './sliced.ts';
import { survey } from './survey.ts';
import { anOffer, aPolicy, aSnapshot, storyMs } from './testing/builders.ts';

/** One slot on any node, within an hour, unless said otherwise. */
function aWant(
  parts: Partial<Parameters<typeof wantOfSet>[0]> = {},
  walltimeMs: number | null = 3_600_000,
): Want {
  const set = { slots: 1, gpus: 0, memMib: 0, properties: [], host: null, exclusive: false, ...parts };
  return wantOfSet(set, walltimeMs);
}

function anAgent(parts: Parameters<typeof anOffer>[1] = {}, policy: Policy = aPolicy()): AgentOffer {
  const offers: OfferFacts[] = [anOffer('a', parts)];
  const [agent] = whole(agentOffers(survey(aSnapshot({ offers }), policy), () => undefined));
  return agent!;
}

const why = (want: Want, agent: AgentOffer, policy = aPolicy()): string | null =>
  refusal(want, agent, policy, storyMs)?.why().text ?? null;

describe('the size of a node', () => {
  test('is what its slots stand for, and the executor on top', () => {
    expect(nodeFor({ slots: 4, memMib: 0, gpus: 0 }, aPolicy())).toEqual({
      np: 4,
      resources: { cpuMilli: 4_100, memMib: 432, diskMib: 0, gpus: 0 },
    });
  });

  test('has the memory that jobs ask for where that is more than their slots’', () => {
    expect(nodeFor({ slots: 4, memMib: 900, gpus: 0 }, aPolicy()).resources.memMib).toBe(932);
    expect(nodeFor({ slots: 4, memMib: 399, gpus: 0 }, aPolicy()).resources.memMib).toBe(432);
  });

  test('is never below minComputeNode, in slots or in memory', () => {
    const policy = aPolicy({ minComputeNode: { np: 2, memMib: 500 } });
    expect(nodeFor(noLoad, policy)).toEqual({
      np: 2,
      resources: { cpuMilli: 2_100, memMib: 532, diskMib: 0, gpus: 0 },
    });
  });

  test('has the gpus that are asked for, and the executor’s disk', () => {
    const policy = aPolicy({ executor: { cpuMilli: 100, memMib: 32, diskMib: 64, gpus: 0 } });
    expect(nodeFor({ slots: 1, memMib: 0, gpus: 2 }, policy).resources).toMatchObject({
      diskMib: 64,
      gpus: 2,
    });
  });

  test('fits an offer to the last thousandth and not beyond', () => {
    const size = nodeFor({ slots: 3, memMib: 0, gpus: 0 }, aPolicy());
    expect(fitsOffer(size, anAgent({ resources: { cpuMilli: 3_100, memMib: 332 } }))).toBe(true);
    expect(fitsOffer(size, anAgent({ resources: { cpuMilli: 3_099, memMib: 332 } }))).toBe(false);
    expect(fitsOffer(size, anAgent({ resources: { cpuMilli: 3_100, memMib: 331 } }))).toBe(false);
  });
});

describe('why an offer does not do', () => {
  test('it does', () => {
    expect(why(aWant({ slots: 3, memMib: 3_000 }), anAgent())).toBeNull();
    expect(why(aWant({ properties: ['rack-7'] }), anAgent({ attributes: { rack: '7' } }, rack))).toBeNull();
  });

  const rack = aPolicy({ propertyAttributes: ['rack'] });

  test.each([
    ['slots', aWant({ slots: 4 }), {}, 'cpus: asked 4.1 cpus, offer had 4, short by 0.1, agent agent-of-a'],
    [
      'memory',
      aWant({ memMib: 4_000 }),
      {},
      'memory: asked 4,032 MiB, offer had 4,000, short by 32, agent agent-of-a',
    ],
    ['gpus', aWant({ gpus: 1 }), {}, 'gpus: asked 1 gpu, offer had 0, short by 1, agent agent-of-a'],
    ['host', aWant({ host: 'b' }), {}, 'host: asked b, offer is of a'],
    ['property', aWant({ properties: ['ssd'] }), {}, 'property ssd: agent agent-of-a does not have it'],
    ['npMax', aWant({ slots: 65 }), {}, 'slots: asked 65 on one node, npMax is 64, short by 1'],
    [
      'maintenance',
      aWant(),
      { unavailableFromMs: storyMs + 3_599_000 },
      'maintenance of agent agent-of-a begins in 3,599 s, the walltime is 3,600 s',
    ],
    [
      'maintenance, for a job of any length',
      aWant({}, null),
      { unavailableFromMs: storyMs + 9e9 },
      'maintenance of agent agent-of-a begins in 9,000,000 s, the walltime is not known',
    ],
    ['host name', aWant(), { host: 'a_b!' }, 'host name "a_b!" cannot name a node'],
  ])('%s', (_what, want, offer, text) => {
    expect(why(want, anAgent(offer))).toBe(text);
  });

  test('a job that ends as the maintenance begins fits', () => {
    expect(why(aWant(), anAgent({ unavailableFromMs: storyMs + 3_600_000 }))).toBeNull();
  });

  test('slots anywhere need room for one, with its memory', () => {
    expect(why(wantOfSlots(100, 0, null), anAgent())).toBeNull();
    expect(why(wantOfSlots(100, 4_000, null), anAgent())).toBe(
      'memory: asked 4,032 MiB, offer had 4,000, short by 32, agent agent-of-a',
    );
  });
});

describe('the nearest of several', () => {
  const small = anAgent({ id: 'small', resources: { cpuMilli: 1_000 } });
  const middle = anAgent({ id: 'middle', resources: { cpuMilli: 3_000 } });
  const refusals = (want: Want, ...agents: readonly AgentOffer[]): Parameters<typeof nearest>[0] =>
    agents.flatMap((agent) => refusal(want, agent, aPolicy(), storyMs) ?? []);

  test('is the one that lacks the smaller share, in any order', () => {
    const want = aWant({ slots: 4 });
    for (const agents of [
      [small, middle],
      [middle, small],
    ]) {
      expect(nearest(refusals(want, ...agents))?.why().text).toContain('offer had 3, short by 1.1');
    }
  });

  test('is one that is too small before one that is the wrong one altogether', () => {
    const wrong = anAgent({ host: 'b', agentId: 'b' });
    expect(nearest(refusals(aWant({ slots: 4, host: 'a' }), wrong, small))?.why().text).toContain('cpus');
  });

  test('is none where nothing was refused', () => {
    expect(nearest([])).toBeNull();
  });
});

describe('the largest amount that holds', () => {
  test.each([
    [1, 10, 7, 7],
    [1, 10, 10, 10],
    [1, 10, 99, 10],
    [3, 10, 3, 3],
    [1, 1_000_000, 123_456, 123_456],
  ])('from %i to %i, up to %i: %i', (least, most, limit, expected) => {
    expect(largestThat(least, most, (n) => n <= limit)).toBe(expected);
  });

  test('is none where not even the least does, or there is nothing to try', () => {
    expect(largestThat(3, 10, (n) => n <= 2)).toBeNull();
    expect(largestThat(3, 2, () => true)).toBeNull();
  });
});
