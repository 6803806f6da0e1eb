/** Waits for a line of the journal, of whichever scheduler writes it. */
import { setTimeout as delay } from 'node:timers/promises';
import type { FrameworkSide } from '../framework-side.ts';
import { countOf } from './journal.ts';
import type { Trigger } from './plan-round.ts';

const lookMs = 15;

/** False when `isOver` turned true before. */
export async function awaitTrigger(
  schedulers: readonly FrameworkSide[],
  sinceMs: number,
  trigger: Trigger,
  isOver: () => boolean,
): Promise<boolean> {
  while (!isOver()) {
    if ((await countOf(schedulers, sinceMs, trigger.event)) >= trigger.times) {
      await delay(trigger.thenMs);
      return true;
    }
    await delay(lookMs);
  }
  return false;
}
