/** What becomes of offers: accepted, declined for a short or a long time, or held; and what Mesos is told then. */
import { describe, expect, test } from 'vitest';
import type { DeclinedOffer, MesosFacts, Snapshot } from './facts.ts';
import { plan } from './plan.ts';
import type { Policy } from './policy.ts';
import {
  aJob,
  anIntent,
  anOffer,
  aTask,
  anUpNode,
  aPolicy,
  aSnapshot,
  nodesOf,
  stale,
  storyMs,
} from './testing/builders.ts';

const big = aJob(1, { request: nodesOf({ ppn: 9 }) });
const pair = aJob(1, { request: nodesOf({ count: 2, ppn: 3 }) });

/** What is done with offers, each as one word and what it is about. */
function settled(snapshot: Snapshot, policy: Policy = aPolicy()): readonly string[] {
  const { decisions, report } = plan(snapshot, policy);
  const held = report.offers.flatMap((offer) =>
    offer.kind === 'held' ? [`hold ${offer.host} for ${(offer.untilMs - storyMs) / 1000} s`] : [],
  );
  const said = decisions.flatMap((decision) => {
    if (decision.kind === 'decline') {
      return [`decline ${decision.offerIds.length} for ${decision.refuseS} s`];
    }
    if (decision.kind === 'launch') return [`launch ${decision.host}`];
    return decision.kind === 'suppress' || decision.kind === 'revive' ? [decision.kind] : [];
  });
  return [...said, ...held];
}

describe('offers', () => {
  const offers = [anOffer('a'), anOffer('b')];

  test('without use are declined for long, and no more are asked for', () => {
    expect(settled(aSnapshot({ offers }))).toEqual(['decline 2 for 600 s', 'suppress']);
  });

  test('that are too small for what waits are declined for a short time: a larger one may come', () => {
    expect(settled(aSnapshot({ jobs: [big], offers }))).toEqual(['decline 2 for 5 s']);
  });

  test('of an agent in back-off come again when that is over, not later', () => {
    const patient = aPolicy({ declineUnfitS: 60, agentBackoffMs: 30_000 });
    const trouble = [
      {
        agentId: 'agent-of-a',
        failures: 1,
        lastMs: storyMs - 10_000,
        lastMessage: 'fetch failed',
        evidence: [],
      },
    ];
    const snapshot = aSnapshot({
      jobs: [aJob(1)],
      offers: [anOffer('a', { agentId: 'agent-of-a' })],
      trouble,
    });
    expect(settled(snapshot, patient)).toContain('decline 1 for 20 s');
  });

  test('of an agent whose node is about to be forgotten come again soon', () => {
    const patient = aPolicy({ declineUnfitS: 60, repeatMs: 5_000 });
    const gone = anIntent('a', { agentId: 'agent-of-a' });
    const snapshot = aSnapshot({
      jobs: [aJob(1)],
      offers: [anOffer('a', { agentId: 'agent-of-a' })],
      intents: [gone],
      tasks: [aTask(gone, { state: 'TASK_FAILED' })],
    });
    expect(settled(snapshot, patient)).toContain('decline 1 for 5 s');
  });

  test('that others serve better go back for long once nothing else waits', () => {
    expect(settled(aSnapshot({ jobs: [aJob(1)], offers }))).toEqual([
      'launch a',
      'decline 1 for 600 s',
      'suppress',
    ]);
  });

  test('that were held for a job of several nodes are let go together, to come back together', () => {
    const three = aJob(1, { request: nodesOf({ count: 3, ppn: 3 }) });
    const late = [anOffer('a', { receivedAtMs: storyMs - 30_000 }), anOffer('b', { receivedAtMs: storyMs })];
    expect(settled(aSnapshot({ jobs: [three], offers: late }))).toEqual(['decline 2 for 5 s']);
  });

  test('that are a part of what a job of several nodes needs are held, counted from their receipt', () => {
    const old = [anOffer('a', { receivedAtMs: storyMs - 20_000 })];
    expect(settled(aSnapshot({ jobs: [pair], offers: old }))).toEqual(['hold a for 10 s']);
  });

  test('that were held long enough are let go', () => {
    const older = [anOffer('a', { receivedAtMs: storyMs - 30_000 })];
    expect(settled(aSnapshot({ jobs: [pair], offers: older }))).toEqual(['decline 1 for 5 s']);
  });

  test('are held while a reading is missing, and not for ever', () => {
    const blind = { queue: stale({ jobs: [] }) };
    expect(settled(aSnapshot({ ...blind, offers: [anOffer('a')] }))).toEqual(['hold a for 30 s']);
    const old = [anOffer('a', { receivedAtMs: storyMs - 30_000 })];
    expect(settled(aSnapshot({ ...blind, offers: old }))).toEqual(['decline 1 for 5 s']);
  });

  test('are neither used nor declined while Mesos does not hear us', () => {
    const snapshot = aSnapshot({ jobs: [aJob(1)], offers, mesos: { connected: false } });
    expect(settled(snapshot)).toEqual(['hold a for 2 s', 'hold b for 2 s']);
  });

  test('of an agent that has a mom are not used for another', () => {
    const jobs = [aJob(1, { request: nodesOf({ ppn: 3 }) })];
    expect(settled(aSnapshot({ ...anUpNode('a'), jobs, offers: [anOffer('a')] }))).toEqual([
      'decline 1 for 5 s',
    ]);
  });

  test('are taken together where one agent made several', () => {
    const half = { resources: { cpuMilli: 2_000, memMib: 1_000 } };
    const two = [anOffer('a', { ...half, id: 'a1' }), anOffer('a', { ...half, id: 'a2' })];
    const jobs = [aJob(1, { request: nodesOf({ ppn: 3 }) })];
    const { decisions } = plan(aSnapshot({ jobs, offers: two }), aPolicy());
    expect(decisions[0]).toMatchObject({ kind: 'launch', offerIds: ['a1', 'a2'] });
  });
});

describe('what Mesos is told', () => {
  const waiting = (mesos: Partial<MesosFacts>, queuedForS = 10): readonly string[] =>
    settled(aSnapshot({ jobs: [aJob(1, { queuedAtMs: storyMs - 1000 * queuedForS })], mesos }));

  test('nothing, where it is quiet already', () => {
    expect(settled(aSnapshot({ mesos: { suppressed: true } }))).toEqual([]);
  });

  test('to offer again, as soon as something waits', () => {
    expect(waiting({ suppressed: true }, 0)).toEqual(['revive']);
  });

  test('at once, however short a time ago it was asked before', () => {
    expect(waiting({ suppressed: true, lastReviveMs: storyMs - 1 }, 0)).toEqual(['revive']);
  });

  test('again only after the interval, where it was not suppressed since', () => {
    expect(waiting({ lastReviveMs: storyMs - 4_999, revivesUnanswered: 1 })).toEqual([]);
    expect(waiting({ lastReviveMs: storyMs - 5_000, revivesUnanswered: 1 })).toEqual(['revive']);
  });

  test('again while no offers come, three times at the most', () => {
    const unanswered = (revivesUnanswered: number): readonly string[] =>
      waiting({ lastReviveMs: storyMs - 5_000, revivesUnanswered });
    expect([1, 2, 3, 4].map(unanswered)).toEqual([['revive'], ['revive'], [], []]);
  });

  test('nothing to begin with: offers come by themselves', () => {
    expect(waiting({}, 49)).toEqual([]);
    expect(waiting({}, 50)).toEqual(['revive']);
  });

  test('nothing about a need that only the end of a launch would help', () => {
    const intents = [anIntent('z', { launchedAtMs: storyMs })];
    const jobs = [aJob(1, { request: nodesOf({ ppn: 3 }) })];
    const snapshot = aSnapshot({ jobs, intents, offers: [anOffer('a')], mesos: { suppressed: true } });
    expect(settled(snapshot, aPolicy({ launchesInFlightMax: 1 }))).toEqual(['decline 1 for 5 s']);
  });

  test('to be quiet about a need that the safe allocation does not allow', () => {
    const safeAllocation = { ...aPolicy().safeAllocation, nodes: 1 };
    const intents = [anIntent('z', { launchedAtMs: storyMs })];
    const jobs = [aJob(1, { request: nodesOf({ ppn: 3 }) })];
    const snapshot = aSnapshot({ jobs, intents, offers: [anOffer('a')] });
    expect(settled(snapshot, aPolicy({ safeAllocation }))).toEqual(['decline 1 for 600 s', 'suppress']);
  });

  test('nothing, as long as a reading is missing', () => {
    expect(settled(aSnapshot({ queue: stale({ jobs: [] }) }))).toEqual([]);
  });
});

describe('what was declined', () => {
  const refused = anOffer('a', { resources: { cpuMilli: 8_000 } });
  const declined = (parts: Partial<DeclinedOffer> = {}): Partial<MesosFacts> => ({
    lastReviveMs: storyMs - 10_000,
    declined: [{ offer: refused, untilMs: storyMs + 50_000, inVainFor: new Set(), ...parts }],
  });
  const patient = aPolicy({ declineUnfitS: 60, reviveIntervalMs: 5_000 });
  const small = aJob(2);
  const asked = (mesos: Partial<MesosFacts>, jobs = [small]): readonly string[] =>
    settled(aSnapshot({ jobs, mesos }), patient);

  test('comes back for a job that came later and fits', () => {
    const { decisions } = plan(aSnapshot({ jobs: [big, small], mesos: declined() }), patient);
    expect(decisions).toMatchObject([
      {
        kind: 'revive',
        why: {
          text: '2.head fits on agent agent-of-a, which was declined for others and would come back in 50 s: Mesos is asked for offers anew',
        },
      },
    ]);
  });

  test('does not for one that it would not serve', () => {
    expect(asked(declined(), [big])).toEqual([]);
  });

  test('nor for what it was in vain for already: it would be declined again', () => {
    const given = aSnapshot({ jobs: [small], offers: [], mesos: declined() });
    const first = plan(given, patient).decisions.filter(({ kind }) => kind === 'revive');
    expect(first).toHaveLength(1);

    // The same job waited when a gang's hold let the agent go.
    const pairWaits = aSnapshot({ jobs: [pair], offers: [anOffer('a', { receivedAtMs: storyMs - 30_000 })] });
    const [decline] = plan(pairWaits, patient).decisions;
    if (decline?.kind !== 'decline') throw new Error('it was not declined');
    expect(decline.inVainFor).toHaveLength(1);
    expect(asked(declined({ inVainFor: new Set(decline.inVainFor) }), [pair])).toEqual([]);
    expect(asked(declined({ inVainFor: new Set(decline.inVainFor) }), [pair, small])).toEqual(['revive']);
  });

  test('not sooner than REVIVE may be repeated, and then', () => {
    const early = aSnapshot({ jobs: [small], mesos: { ...declined(), lastReviveMs: storyMs - 2_000 } });
    const { decisions, report } = plan(early, patient);
    expect(decisions).toEqual([]);
    expect(report.wakeAtMs).toBe(storyMs + 3_000);
  });

  test('comes by itself once its time is over', () => {
    expect(asked(declined({ untilMs: storyMs }))).toEqual([]);
  });

  test('tells a job that waits while nothing is offered how near the nearest of it came', () => {
    const whyBigWaits = (mesos: Partial<MesosFacts>): string | undefined =>
      plan(aSnapshot({ jobs: [big], mesos }), patient).report.jobs[0]?.why.text;
    const nothingNow = 'no free slots fit it, and Mesos offers nothing at this moment';
    expect(whyBigWaits(declined())).toMatch(
      new RegExp(
        `^${nothingNow}; of 1 agent that offered lately, the nearest: cpus: asked .*, agent agent-of-a$`,
      ),
    );
    expect(whyBigWaits(declined({ untilMs: storyMs }))).toBe(nothingNow);
  });

  test('is not asked for again and again while no offers come', () => {
    expect(asked({ ...declined(), revivesUnanswered: 3 })).toEqual([]);
  });

  test('of an agent that has a node of ours is not asked for', () => {
    const held = anUpNode('a');
    const jobs = [aJob(2, { request: nodesOf({ ppn: 3 }) })];
    expect(settled(aSnapshot({ ...held, jobs, mesos: declined() }), patient)).toEqual([]);
  });
});
