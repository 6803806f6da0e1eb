import { describe, expect, it } from 'vitest';
import { freshMemory } from './memory.ts';
import { createMind } from './mind.ts';
import type { DurableState } from './ports.ts';
import { noWishes } from '../core/wishes.ts';

const first: DurableState = { frameworkId: 'fw-1', nextSerial: 1, intents: [], wishes: noWishes };

/** A disk whose saves end as the story says: written or not, reported as done or not. */
function aDisk(ends: readonly { readonly isWritten: boolean; readonly isDone: boolean }[]) {
  const saves: number[] = [];
  let state = first;
  return {
    saves,
    state: () => state,
    port: {
      load: () => Promise.resolve(state),
      save(next: DurableState) {
        const { isWritten, isDone } = ends[saves.length] ?? { isWritten: true, isDone: true };
        saves.push(next.nextSerial);
        if (isWritten) state = next;
        return isDone ? Promise.resolve() : Promise.reject(new Error('disk full'));
      },
    },
  };
}

const serial = (nextSerial: number) => (durable: DurableState) => ({ ...durable, nextSerial });
const unchanged = (durable: DurableState): DurableState => durable;

describe('what is kept', () => {
  it('is remembered when it is on disk', async () => {
    const disk = aDisk([]);
    const mind = createMind(freshMemory(first), disk.port);

    await mind.keep(serial(2));

    expect([mind.memory().durable.nextSerial, disk.state().nextSerial]).toEqual([2, 2]);
  });

  it('is not remembered when the save failed', async () => {
    const disk = aDisk([{ isWritten: false, isDone: false }]);
    const mind = createMind(freshMemory(first), disk.port);

    const kept = await mind.keep(serial(2));

    expect(kept).toEqual({ ok: false, problem: { kind: 'refused', detail: 'saving the state: disk full' } });
    expect(mind.memory().durable).toBe(first);
  });

  it('is saved once, and not again without a change', async () => {
    const disk = aDisk([]);
    const mind = createMind(freshMemory(first), disk.port);

    await mind.keep(serial(2));
    await mind.keep(unchanged);

    expect(disk.saves).toEqual([2]);
  });

  it('is saved again after a failure, even unchanged: the failed save may have been written', async () => {
    const disk = aDisk([{ isWritten: true, isDone: false }]);
    const mind = createMind(freshMemory(first), disk.port);

    await mind.keep(serial(2));
    const meanwhile = disk.state().nextSerial;
    await mind.keep(unchanged);

    expect([meanwhile, disk.state().nextSerial]).toEqual([2, 1]);
  });

  it('builds on the save before it', async () => {
    const mind = createMind(freshMemory(first), aDisk([]).port);

    await Promise.all([1, 2, 3].map(() => mind.keep((durable) => serial(durable.nextSerial + 1)(durable))));

    expect(mind.memory().durable.nextSerial).toBe(4);
  });
});
