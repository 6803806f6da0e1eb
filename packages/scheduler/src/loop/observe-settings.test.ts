import { describe, expect, it } from 'vitest';
import { aJob, openQueues } from '../core/testing/builders.ts';
import { freshMemory, queueRead, settingsAgeMsMax, toSnapshot } from './memory.ts';
import { createMind } from './mind.ts';
import { createSettingsObserver } from './observe-settings.ts';
import type { Outcome, TorquePort } from './ports.ts';
import { aStage, failed } from './testing/fake-ports.ts';

type Read = Awaited<ReturnType<TorquePort['readSettings']>>;

function observing(...answers: readonly (Outcome<never> | Read | 'silence')[]) {
  const stage = aStage();
  const mind = createMind(freshMemory(null), stage.state);
  let reads = 0;
  const readSettings: TorquePort['readSettings'] = () => {
    const answer = answers[Math.min(reads, answers.length - 1)] ?? failed('unreachable');
    reads += 1;
    return answer === 'silence' ? new Promise(() => undefined) : Promise.resolve(answer);
  };
  const observer = createSettingsObserver({ readSettings }, stage.clock, mind, () => undefined);
  const look = async (afterMs: number): Promise<number> => {
    await stage.pass(afterMs);
    observer.lookIfDue();
    await stage.pass(1);
    return reads;
  };
  const settings = () => toSnapshot(mind.memory(), stage.clock.nowMs()).settings;
  return { look, settings, mind };
}

const batch: Read = { ok: true, value: openQueues('batch') };

describe('the settings', () => {
  it('are read at once, and then once a minute', async () => {
    const { look, settings } = observing(batch);

    expect(settings().state).toBe('unknown');
    expect(await look(0)).toBe(1);
    expect(await look(30_000)).toBe(1);
    expect(await look(30_000)).toBe(2);
    expect(settings()).toMatchObject({ state: 'fresh', value: { kind: 'settings' } });
  });

  it('that cannot be read leave the last ones, no longer fresh, and are tried again sooner', async () => {
    const { look, settings } = observing(batch, failed('timed-out'), batch);

    await look(0);
    await look(60_000);
    expect(settings()).toMatchObject({ state: 'stale', value: { queues: [{ name: 'batch' }] } });
    expect(await look(5_000)).toBe(3);
    expect(settings().state).toBe('fresh');
  });

  it('that could never be read are unknown, which is not without limits', async () => {
    const { look, settings } = observing(failed('refused'));

    await look(0);
    expect(settings()).toMatchObject({ state: 'unknown', why: expect.stringContaining('refused') as string });
  });

  it('that are refused are unknown, whatever was read before: the right has gone', async () => {
    const { look, settings } = observing(batch, failed('refused'), batch);

    await look(0);
    await look(60_000);
    expect(settings()).toMatchObject({ state: 'unknown', why: expect.stringContaining('refused') as string });
    expect(await look(5_000)).toBe(3);
    expect(settings().state).toBe('fresh');
  });

  it('are read sooner for the sake of a queue that they do not show', async () => {
    const { look, mind } = observing(batch);

    await look(0);
    mind.update((memory) => queueRead(memory, 0, { jobs: [aJob(1, { queue: 'new' })] }));
    expect(await look(6_000)).toBe(2);
  });

  it('grow old when no answer comes', async () => {
    const { look, settings } = observing(batch, 'silence');

    await look(0);
    await look(60_000);
    expect(settings().state).toBe('fresh');
    expect(await look(settingsAgeMsMax)).toBe(2);
    expect(settings().state).toBe('stale');
  });
});
