import { describe, expect, it } from 'vitest';
import { aJob, aNode, anIntent, anOffer, aRunningJob, ourNode, storyMs } from '../core/testing/builders.ts';
import {
  freshMemory,
  nodesNotRead,
  nodesRead,
  nodesUp,
  queueNotRead,
  queueRead,
  readingAgeMsMax,
  toSnapshot,
  type Memory,
} from './memory.ts';
import {
  answerBegun,
  answerFailed,
  declinedMax,
  offersDeclined,
  offersGone,
  offersMax,
  offersOfAgentGone,
  offersSeen,
} from './offers-in-hand.ts';
import {
  launchFailed,
  launchSucceeded,
  nodeActEnded,
  reviveSent,
  reviveTaken,
  saved,
  suppressTaken,
  startMomSent,
} from './orders.ts';
import { disconnected } from './task-words.ts';
import { noWishes } from '../core/wishes.ts';

const timedOut = { kind: 'timed-out', detail: 'qstat took longer than 30 s' } as const;
const nothingKnown = freshMemory(null);

describe('readings', () => {
  it('are unknown before the first one, and say why', () => {
    const { queue, nodes, tasks } = toSnapshot(nothingKnown, storyMs);

    expect([queue.state, nodes.state, tasks.state]).toEqual(['unknown', 'unknown', 'unknown']);
  });

  it('keep what was known when a later one fails, no longer fresh', () => {
    const read = queueRead(nothingKnown, storyMs, { jobs: [aJob(1)] });

    const { queue } = toSnapshot(queueNotRead(read, timedOut), storyMs);

    expect(queue).toEqual({
      state: 'stale',
      atMs: storyMs,
      value: { jobs: [aJob(1)] },
      why: 'timed-out: qstat took longer than 30 s',
    });
  });

  it('stay unknown when the first one fails', () => {
    expect(nodesNotRead(nothingKnown, timedOut).nodes.state).toBe('unknown');
  });

  it('grow stale by age alone', () => {
    const read = nodesRead(nothingKnown, [], storyMs, storyMs);

    expect(toSnapshot(read, storyMs + readingAgeMsMax).nodes.state).toBe('fresh');
    expect(toSnapshot(read, storyMs + readingAgeMsMax + 1).nodes.state).toBe('stale');
  });
});

describe('idleness', () => {
  const seen = (memory = nothingKnown, node = aNode('n1'), atMs = storyMs): typeof nothingKnown =>
    nodesRead(memory, [node], atMs, atMs + 10);

  it('begins when a reading without jobs ends, and lasts while no job is seen', () => {
    const later = seen(seen(), aNode('n1'), storyMs + 5000);

    expect(later.idleSinceMs.get('n1')).toBe(storyMs + 10);
  });

  it('ends with a job', () => {
    const busy = seen(seen(), aNode('n1', { jobs: [{ jobId: '1.head', slots: 1 }] }));

    expect(busy.idleSinceMs.has('n1')).toBe(false);
  });

  it('ends with trouble: a node that was down begins anew', () => {
    const down = seen(seen(), aNode('n1', { states: ['down'] }));
    const back = seen(down, aNode('n1'), storyMs + 5000);

    expect(down.idleSinceMs.has('n1')).toBe(false);
    expect(back.idleSinceMs.get('n1')).toBe(storyMs + 5010);
  });

  it('ends with a job that only the queue shows', () => {
    const memory = queueRead(seen(), storyMs, { jobs: [aRunningJob(1, 'n1')] });

    expect(memory.idleSinceMs.has('n1')).toBe(false);
  });

  it('begins anew when a node is taken back', () => {
    expect(nodeActEnded(seen(), 'n1', 'online', null, storyMs).idleSinceMs.has('n1')).toBe(false);
    expect(nodeActEnded(seen(), 'n1', 'online', refused, storyMs).idleSinceMs.has('n1')).toBe(true);
  });
});

const refused = { kind: 'refused', detail: 'no' } as const;

describe('offers', () => {
  const offered = offersSeen(nothingKnown, [anOffer('a'), anOffer('b')]).memory;
  const inSight = (memory: typeof nothingKnown): string[] =>
    toSnapshot(memory, storyMs).offers.map((offer) => offer.host);

  it('are out of sight while their answer is under way, and back when it failed', () => {
    const answering = answerBegun(offered, ['offer-of-a']);

    expect(inSight(answering)).toEqual(['b']);
    expect(inSight(answerFailed(answering, ['offer-of-a']))).toEqual(['a', 'b']);
    expect(inSight(offersGone(answering, ['offer-of-a']))).toEqual(['b']);
  });

  it('end the count of unanswered revives', () => {
    const revived = reviveTaken(reviveSent(nothingKnown, storyMs));

    expect(revived.mesos).toMatchObject({ revivesUnanswered: 1, lastReviveMs: storyMs });
    expect(offersSeen(revived, []).memory.mesos.revivesUnanswered).toBe(0);
  });

  it('that were declined are remembered with what they were in vain for, until they are offered again', () => {
    const why = { code: 'story', text: 'as the story says' };
    const decline = { kind: 'decline', offerIds: ['offer-of-a', 'offer-of-b'], refuseS: 60, why } as const;
    const declined = offersDeclined(offered, { ...decline, inVainFor: ['wide'] }, storyMs);
    const keptFrom = (memory: typeof nothingKnown): string[] =>
      toSnapshot(memory, storyMs).mesos.declined.map(({ offer }) => offer.host);

    expect(declined.offers.size).toBe(0);
    expect(declined.mesos.declined[0]).toMatchObject({
      untilMs: storyMs + 60_000,
      inVainFor: new Set(['wide']),
    });
    expect(keptFrom(declined)).toEqual(['a', 'b']);
    expect(keptFrom(offersSeen(declined, [anOffer('a')]).memory)).toEqual(['b']);
    expect(keptFrom(offersOfAgentGone(declined, anOffer('b').agentId))).toEqual(['a']);
    // REVIVE undoes every decline, and a new subscription knows of none.
    expect(keptFrom(reviveTaken(declined))).toEqual([]);
    expect(keptFrom(disconnected(declined, 'reset'))).toEqual([]);
  });

  it('that were declined are remembered up to a limit, the last ones', () => {
    const crowd = Array.from({ length: declinedMax + 1 }, (_, index) => anOffer(`h${index}`));
    const { memory } = offersSeen(nothingKnown, crowd);
    const why = { code: 'story', text: 'as the story says' };
    const offerIds = crowd.map(({ id }) => id);
    const { mesos } = offersDeclined(
      memory,
      { kind: 'decline', offerIds, refuseS: 60, inVainFor: [], why },
      storyMs,
    );

    expect(mesos.declined).toHaveLength(declinedMax);
    expect(mesos.declined[0]?.offer.host).toBe('h1');
  });

  it('say that we are not suppressed, whatever we thought', () => {
    expect(offersSeen(suppressTaken(nothingKnown), [anOffer('a')]).memory.mesos.suppressed).toBe(false);
  });

  it('are remembered up to a limit; the rest is named', () => {
    const crowd = Array.from({ length: offersMax + 1 }, (_, index) => anOffer(`h${index}`));

    const { memory, left } = offersSeen(nothingKnown, crowd);

    expect(memory.offers.size).toBe(offersMax);
    expect(left).toEqual([`offer-of-h${offersMax}`]);
  });
});

describe('orders', () => {
  it('a revive that Mesos did not take is rationed, but not unanswered', () => {
    expect(reviveSent(nothingKnown, storyMs).mesos).toMatchObject({
      revivesUnanswered: 0,
      lastReviveMs: storyMs,
    });
  });

  it('failures of one act in a row are counted, and a success ends the row', () => {
    const once = nodeActEnded(nothingKnown, 'n1', 'delete', refused, storyMs);
    const twice = nodeActEnded(once, 'n1', 'delete', refused, storyMs);

    expect(twice.recent.nodeActs['n1']?.failures).toBe(2);
    expect(nodeActEnded(twice, 'n1', 'offline', refused, storyMs).recent.nodeActs['n1']?.failures).toBe(1);
    expect(nodeActEnded(twice, 'n1', 'delete', null, storyMs).recent.nodeActs['n1']?.failures).toBe(0);
  });

  it('failed launches are held against the agent until one succeeds', () => {
    const twice = launchFailed(launchFailed(nothingKnown, 'a1', 'no image', 1), 'a1', 'no disk', 2);

    expect(twice.trouble.get('a1')).toEqual({
      agentId: 'a1',
      failures: 2,
      lastMs: 2,
      lastMessage: 'no disk',
      evidence: [
        { atMs: 1, message: 'no image' },
        { atMs: 2, message: 'no disk' },
      ],
    });
    expect(launchSucceeded(twice, 'a1').trouble.size).toBe(0);
  });

  it('what was ordered about a task is forgotten with its intent', () => {
    const intent = anIntent('n1');
    const held = saved(nothingKnown, {
      frameworkId: 'f',
      nextSerial: 2,
      intents: [intent],
      wishes: noWishes,
    });
    const ordered = startMomSent(held, intent.taskId, storyMs);

    const forgotten = saved(ordered, { frameworkId: 'f', nextSerial: 2, intents: [], wishes: noWishes });

    expect(ordered.recent.startMomMs).toEqual({ [intent.taskId]: storyMs });
    expect(forgotten.recent.startMomMs).toEqual({});
  });
});

describe('what was seen of our nodes', () => {
  const intent = anIntent('n1');
  const ours: Memory = {
    ...nothingKnown,
    durable: { frameworkId: 'f', nextSerial: 2, intents: [intent], wishes: noWishes },
  };
  const pastOf = (memory: Memory) => memory.history.get(intent.taskId);

  it('a node that is missing is so since the first reading that did not show it', () => {
    const once = nodesRead(ours, [], 1000, 1100);
    const twice = nodesRead(once, [], 3000, 3100);

    expect(pastOf(twice)?.absentSinceMs).toBe(1000);
    expect(pastOf(nodesRead(twice, [ourNode(intent)], 5000, 5100))?.absentSinceMs).toBeNull();
  });

  it('it is unwell while pbs_server does not reach it, and it was up once it was', () => {
    const up = nodesUp(nodesRead(ours, [ourNode(intent)], 1000, 1100), [intent.taskId], 1200);
    const down = nodesRead(up, [ourNode(intent, { states: ['down'] })], 2000, 2100);
    const still = nodesRead(down, [ourNode(intent, { states: ['down'] })], 3000, 3100);

    expect(pastOf(still)).toEqual({ absentSinceMs: null, upAtMs: 1200, unwellSinceMs: 2000 });
  });

  it('a reading that was overtaken by a later one changes nothing', () => {
    const later = nodesRead(ours, [ourNode(intent)], 2000, 2100);

    expect(nodesRead(later, [], 1000, 2200)).toBe(later);
  });

  it('answers of no are counted apart from no answers', () => {
    const problem = (kind: 'timed-out' | 'not-found') => ({ kind, detail: '' }) as const;
    const acts = (['timed-out', 'not-found', 'timed-out', 'not-found'] as const).reduce(
      (memory, kind) => nodeActEnded(memory, 'n1', 'create', problem(kind), storyMs),
      ours,
    );

    expect(acts.recent.nodeActs['n1']).toMatchObject({ failures: 4, refusals: 2 });
  });
});
