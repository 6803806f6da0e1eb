/**
 * The loop's one mutable cell: the memory, and the only way in which its durable part changes.
 */
import { messageOf } from '@mesos-torque/common/text.ts';
import type { Memory } from './memory.ts';
import { saved } from './orders.ts';
import type { DurableState, Outcome, StatePort } from './ports.ts';

export type Kept = 'saved' | 'unchanged';

export interface Mind {
  memory(): Memory;
  update(change: (memory: Memory) => Memory): void;
  /**
   * Saves the changed durable state and only then remembers it. Saves follow one another; a change
   * that gives the same object back needs none, unless the last save failed: it may have been written
   * all the same, so what is on disk is not known. Never rejects.
   */
  keep(change: (durable: DurableState) => DurableState): Promise<Outcome<Kept>>;
  /** Why the last save failed; null when it did not. */
  saveProblem(): string | null;
}

export function createMind(first: Memory, state: StatePort): Mind {
  let memory = first;
  let lastSave: Promise<unknown> = Promise.resolve();
  let isOnDisk = true;
  let saveProblem: string | null = null;

  const save = async (change: (durable: DurableState) => DurableState): Promise<Outcome<Kept>> => {
    const next = change(memory.durable);
    if (isOnDisk && next === memory.durable) return { ok: true, value: 'unchanged' };
    isOnDisk = false;
    try {
      await state.save(next);
      isOnDisk = true;
      saveProblem = null;
    } catch (error) {
      const detail = `saving the state: ${messageOf(error)}`;
      saveProblem = detail;
      return { ok: false, problem: { kind: 'refused', detail } };
    }
    memory = saved(memory, next);
    return { ok: true, value: 'saved' };
  };

  return {
    memory: () => memory,
    saveProblem: () => saveProblem,
    update(change) {
      memory = change(memory);
    },
    keep(change) {
      const done = lastSave.then(() => save(change));
      lastSave = done;
      return done;
    },
  };
}
