/**
 * Beside another framework that wants everything we do not use, counted in decisions: an hour of a small model of Mesos'
 * allocator, second by second. What is free is offered to us first, which is the worst case for the other one; what we decline or
 * do not want it takes for a minute.
 */
import { describe, expect, test } from 'vitest';
import type { JobFacts, OfferFacts, Snapshot } from './facts.ts';
import { plan } from './plan.ts';
import { apply } from './testing/apply.ts';
import { aJob, anOffer, anUpNode, aPolicy, aSnapshot, nodesOf, storyMs } from './testing/builders.ts';

const hourS = 3_600;
const theirTaskS = 60;
const agents = ['a', 'b'] as const;
/** While the other one has everything REVIVE is repeated a few times, and not again before something was offered. */
const revivesMax = (aPolicy().revivesUnansweredMax * hourS) / theirTaskS;

interface Hour {
  readonly offers: number;
  readonly declines: number;
  readonly launches: number;
  readonly suppresses: number;
  readonly revives: number;
  /** The longest that one offer was with us. Seconds. */
  readonly heldMostS: number;
  /** The part of the machines' time in which they were offered to us. */
  readonly heldShare: number;
}

function anHour(begin: Snapshot, policy = aPolicy()): Hour {
  let snapshot = begin;
  const theirsUntilS = new Map<string, number>();
  const filterUntilMs = new Map<string, number>();
  const count = { offers: 0, declines: 0, launches: 0, suppresses: 0, revives: 0 };
  let heldMostS = 0;
  let heldS = 0;
  for (let second = 0; second < hourS; second += 1) {
    const nowMs = storyMs + 1000 * second;
    const free = agents.filter(
      (agent) =>
        (theirsUntilS.get(agent) ?? 0) <= second && !snapshot.offers.some(({ host }) => host === agent),
    );
    const forUs = free.filter(
      (agent) => !snapshot.mesos.suppressed && (filterUntilMs.get(agent) ?? 0) <= nowMs,
    );
    for (const agent of free) if (!forUs.includes(agent)) theirsUntilS.set(agent, second + theirTaskS);
    const offers = forUs.map((agent): OfferFacts => ({
      ...anOffer(agent),
      id: `${agent}-${second}`,
      receivedAtMs: nowMs,
    }));
    count.offers += offers.length;
    snapshot = withOffers({ ...snapshot, nowMs }, offers);
    const made = plan(snapshot, policy);
    for (const decision of made.decisions) {
      if (decision.kind === 'decline') {
        count.declines += 1;
        for (const id of decision.offerIds)
          filterUntilMs.set(id.replace(/-.*/, ''), nowMs + 1000 * decision.refuseS);
      }
      if (decision.kind === 'launch') count.launches += 1;
      if (decision.kind === 'suppress') count.suppresses += 1;
      if (decision.kind === 'revive') {
        count.revives += 1;
        filterUntilMs.clear();
      }
    }
    snapshot = apply(snapshot, made);
    heldS += snapshot.offers.length;
    for (const { receivedAtMs } of snapshot.offers)
      heldMostS = Math.max(heldMostS, 1 + (nowMs - receivedAtMs) / 1000);
  }
  return { ...count, heldMostS, heldShare: heldS / (hourS * agents.length) };
}

/** REVIVE is answered by offers. */
function withOffers(snapshot: Snapshot, offers: readonly OfferFacts[]): Snapshot {
  if (offers.length === 0) return snapshot;
  const mesos = { ...snapshot.mesos, revivesUnanswered: 0 };
  return { ...snapshot, mesos, offers: [...snapshot.offers, ...offers] };
}

describe('in an hour beside a framework that wants everything', () => {
  test('an empty queue takes one offer of each machine, declines all at once, and says that it wants none', () => {
    expect(anHour(aSnapshot())).toEqual({
      offers: 2,
      declines: 1,
      launches: 0,
      suppresses: 1,
      revives: 0,
      heldMostS: 0,
      heldShare: 0,
    });
  });

  test('jobs that have what they need ask for nothing more', () => {
    const node = anUpNode('c', { node: { jobs: [{ jobId: '7.head', slots: 1 }] } });
    const running: JobFacts = aJob(7, { state: 'running', execNodes: ['c'] });

    expect(anHour(aSnapshot({ ...node, jobs: [running] }))).toMatchObject({
      declines: 1,
      suppresses: 1,
      revives: 0,
      heldMostS: 0,
    });
  });

  test('a job that no machine here fits holds nothing, and asks again rarely', () => {
    const hour = anHour(aSnapshot({ jobs: [aJob(1, { request: nodesOf({ ppn: 60 }) })] }));

    expect(hour).toMatchObject({ launches: 0, suppresses: 0, heldMostS: 0, heldShare: 0 });
    // Machines come back from the other one once a minute each.
    expect(hour.declines).toBeLessThanOrEqual((agents.length * hourS) / theirTaskS + agents.length);
    expect(hour.revives).toBeLessThanOrEqual(revivesMax);
  });

  test('a job of more nodes than there are machines holds them for its time and lets them go: the other one gets the most', () => {
    const policy = aPolicy();
    const hour = anHour(aSnapshot({ jobs: [aJob(1, { request: nodesOf({ count: 3, ppn: 2 }) })] }), policy);

    expect(hour).toMatchObject({ launches: 0, suppresses: 0 });
    expect(hour.heldMostS).toBeLessThanOrEqual(policy.gangHoldMs / 1000);
    expect(hour.heldShare).toBeLessThan(0.5);
    expect(hour.revives).toBeLessThanOrEqual(revivesMax);
  });
});
