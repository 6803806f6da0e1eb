import { describe, expect, it } from 'vitest';
import { aJob, aNode, anIntent, anOffer, aRunningJob, storyMs } from '../core/testing/builders.ts';
import {
  freshMemory,
  nodesNotRead,
  nodesRead,
  queueNotRead,
  queueRead,
  readingAgeMsMax,
  toSnapshot,
} from './memory.ts';
import { answerBegun, answerFailed, offersGone, offersMax, offersSeen } from './offers-in-hand.ts';
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
    expect(nodeActEnded(seen(), 'n1', 'online', 'refused', storyMs).idleSinceMs.has('n1')).toBe(true);
  });
});

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
    const once = nodeActEnded(nothingKnown, 'n1', 'delete', 'refused', storyMs);
    const twice = nodeActEnded(once, 'n1', 'delete', 'refused', storyMs);

    expect(twice.recent.nodeActs['n1']?.failures).toBe(2);
    expect(nodeActEnded(twice, 'n1', 'offline', 'refused', storyMs).recent.nodeActs['n1']?.failures).toBe(1);
    expect(nodeActEnded(twice, 'n1', 'delete', null, storyMs).recent.nodeActs['n1']?.failures).toBe(0);
  });

  it('failed launches are held against the agent until one succeeds', () => {
    const twice = launchFailed(launchFailed(nothingKnown, 'a1', 'no image', 1), 'a1', 'no disk', 2);

    expect(twice.trouble.get('a1')).toEqual({
      agentId: 'a1',
      failures: 2,
      lastMs: 2,
      lastMessage: 'no disk',
    });
    expect(launchSucceeded(twice, 'a1').trouble.size).toBe(0);
  });

  it('what was ordered about a task is forgotten with its intent', () => {
    const intent = anIntent('n1');
    const held = saved(nothingKnown, { frameworkId: 'f', nextSerial: 2, intents: [intent] });
    const ordered = startMomSent(held, intent.taskId, storyMs);

    const forgotten = saved(ordered, { frameworkId: 'f', nextSerial: 2, intents: [] });

    expect(ordered.recent.startMomMs).toEqual({ [intent.taskId]: storyMs });
    expect(forgotten.recent.startMomMs).toEqual({});
  });
});
