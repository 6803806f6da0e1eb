import { describe, expect, it } from 'vitest';
import { sleep } from '@mesos-torque/common/clock.ts';
import { aNode, storyMs } from '../core/testing/builders.ts';
import { freshMemory } from './memory.ts';
import { createMind } from './mind.ts';
import { createObserver, observe } from './observe.ts';
import { aStage, surroundings, type Stage } from './testing/fake-ports.ts';
import type { TorquePort } from './ports.ts';

function aMind(stage: Stage) {
  return createMind(freshMemory(null), stage.state);
}

/** Readings of the nodes take that long; the times at which they began are noted. */
function slowNodes(stage: Stage, ms: number): { readonly torque: TorquePort; readonly begunMs: number[] } {
  const begunMs: number[] = [];
  const readNodes: TorquePort['readNodes'] = async () => {
    begunMs.push(stage.clock.nowMs() - storyMs);
    await sleep(stage.clock, ms);
    return { ok: true, value: [aNode('n1')] };
  };
  return { torque: { ...stage.torque, readNodes }, begunMs };
}

describe('observing', () => {
  it('stamps a reading with its beginning and idleness with its end', async () => {
    const stage = aStage();
    const mind = aMind(stage);
    const { torque } = slowNodes(stage, 300);

    void observe(torque, stage.clock, mind);
    await stage.pass(1000);

    expect(mind.memory().nodes).toMatchObject({ state: 'fresh', atMs: storyMs });
    expect(mind.memory().idleSinceMs.get('n1')).toBe(storyMs + 300);
  });

  it('does not make one reading wait for the other', async () => {
    const stage = aStage();
    const mind = aMind(stage);

    void observe(slowNodes(stage, 300).torque, stage.clock, mind);
    await stage.pass(1);

    expect([mind.memory().queue.state, mind.memory().nodes.state]).toEqual(['fresh', 'unknown']);
  });

  it('takes a port that throws for a failed reading', async () => {
    const stage = aStage({ torque: { readQueue: () => Promise.reject(new Error('a bug')) } });
    const mind = aMind(stage);

    await observe(stage.torque, stage.clock, mind);

    expect(mind.memory().queue).toMatchObject({ state: 'unknown', why: /a bug/ });
  });
});

describe('the observer', () => {
  const { readFastMs, readSlowMs, readEagerMs } = surroundings.options;

  function watching(readingMs: number) {
    const stage = aStage();
    const pace = { isFast: false, isEager: false };
    const { torque, begunMs } = slowNodes(stage, readingMs);
    const parts = { ...stage, ...surroundings, torque, mind: aMind(stage) };
    const observer = createObserver({
      ...parts,
      isFast: () => pace.isFast,
      isEager: () => pace.isEager,
      onRead: () => undefined,
    });
    return { stage, pace, observer, begunMs };
  }

  it('reads slowly when nothing is expected, and at once faster when something is', async () => {
    const { stage, pace, observer, begunMs } = watching(200);

    observer.start();
    await stage.pass(300);
    pace.isFast = true;
    observer.paceChanged();
    await stage.pass(1000);
    pace.isFast = false;
    await stage.pass(4000);

    expect(begunMs.slice(0, 3)).toEqual([0, readFastMs, 2 * readFastMs]);
    // A quarter of the time, and readSlowMs at the most.
    expect(begunMs[4]).toBe((begunMs[3] ?? 0) + 4 * 200);
    expect(4 * 200).toBeLessThan(readSlowMs);
  });

  it('reads a short list as often when nothing is expected, as a new job would wait for the next reading', async () => {
    const { stage, observer, begunMs } = watching(10);

    observer.start();
    await stage.pass(3 * readFastMs - 1);

    expect(begunMs).toEqual([0, readFastMs, 2 * readFastMs]);
  });

  it('looks at the nodes alone, and often, while one is about to change', async () => {
    const { stage, pace, observer, begunMs } = watching(10);
    pace.isFast = true;

    observer.start();
    await stage.pass(50);
    pace.isEager = true;
    observer.paceChanged();
    await stage.pass(360);
    pace.isEager = false;
    await stage.pass(200);

    expect(begunMs).toEqual([
      0,
      50,
      50 + readEagerMs,
      50 + 2 * readEagerMs,
      50 + 3 * readEagerMs,
      readFastMs,
    ]);
  });

  it('leaves the server as much time as it took', async () => {
    const { stage, pace, observer, begunMs } = watching(3000);
    pace.isFast = true;

    observer.start();
    await stage.pass(13_000);

    expect(begunMs).toEqual([0, 6000, 12_000]);
  });

  it('looks soon after an act, also when a reading that began before it is under way', async () => {
    const { stage, observer, begunMs } = watching(300);

    observer.start();
    await stage.pass(200);
    observer.lookSoon();
    await stage.pass(1000);

    // As long a rest as the first reading took, and then at once.
    expect(begunMs).toEqual([0, 600]);
  });

  it('stops', async () => {
    const { stage, observer, begunMs } = watching(10);
    observer.start();
    await stage.pass(100);

    observer.stop();
    await stage.pass(60_000);

    expect(begunMs).toEqual([0]);
  });
});
