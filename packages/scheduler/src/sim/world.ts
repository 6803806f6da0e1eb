/**
 * What the parts of a simulated world share: time, dice, the trace, the faults' switch and the book
 * of broken rules.
 */
import type { Outcome, Problem } from '../loop/ports.ts';
import type { Dice } from './random.ts';
import { createDice } from './random.ts';
import { createVirtualClock, type VirtualClock } from '../loop/testing/virtual-clock.ts';

export interface World {
  readonly clock: VirtualClock;
  readonly dice: Dice;
  /** Whether faults may happen now. */
  faulty: boolean;
  /** One line of what happened; the same seed gives the same lines. */
  trace(who: string, what: string): void;
  readonly lines: readonly string[];
  /** A rule was broken: the run is over. */
  broken(rule: string): void;
  readonly violations: readonly string[];
}

/** An hour of no importance, in whole seconds. */
export const startMs = 1_700_000_000_000;

export function createWorld(seed: number): World {
  const clock = createVirtualClock(startMs);
  const lines: string[] = [];
  const violations: string[] = [];
  const trace = (who: string, what: string): void => {
    lines.push(`${((clock.nowMs() - startMs) / 1000).toFixed(3).padStart(9)} ${who.padEnd(7)} ${what}`);
  };
  return {
    clock,
    dice: createDice(seed),
    faulty: true,
    trace,
    lines,
    broken(rule) {
      violations.push(rule);
      trace('BROKEN', rule);
    },
    violations,
  };
}

/** How a call to the outside goes. */
export type CallFate =
  | { readonly kind: 'served' }
  | { readonly kind: 'failed'; readonly problem: Problem['kind'] }
  /** No answer in time; `effectAfterMs` null: it never took effect. */
  | { readonly kind: 'timed-out'; readonly effectAfterMs: number | null };

export const served: CallFate = { kind: 'served' };

/** Callers give up after this time. Milliseconds. */
export const patienceMs = 5000;

export function callFate(world: World, trouble: number): CallFate {
  if (!world.faulty || !world.dice.chance(trouble)) return served;
  const { dice } = world;
  switch (dice.between(0, 4)) {
    case 0:
      return { kind: 'failed', problem: 'unreachable' };
    case 1:
      return { kind: 'failed', problem: 'refused' };
    case 2:
      return { kind: 'timed-out', effectAfterMs: null };
    case 3:
      return { kind: 'timed-out', effectAfterMs: dice.between(0, patienceMs) };
    default:
      return { kind: 'timed-out', effectAfterMs: patienceMs + dice.between(0, 4000) };
  }
}

/**
 * Plays a call: `effect` happens at its time, the answer comes at its own. An effect after the
 * answer is what a caller that gave up never hears of.
 */
export function playCall<T>(
  world: World,
  fate: CallFate,
  latency: { readonly thereMs: number; readonly backMs: number },
  effect: () => Outcome<T>,
): Promise<Outcome<T>> {
  const { clock } = world;
  return new Promise((resolve) => {
    const answer = (afterMs: number, outcome: Outcome<T>): void => {
      clock.after(afterMs, () => {
        resolve(outcome);
      });
    };
    switch (fate.kind) {
      case 'served':
        clock.after(latency.thereMs, () => {
          answer(latency.backMs, effect());
        });
        return;
      case 'failed':
        answer(latency.thereMs + latency.backMs, failure(fate.problem, 'by a fault'));
        return;
      case 'timed-out':
        if (fate.effectAfterMs !== null) clock.after(fate.effectAfterMs, effect);
        answer(patienceMs, failure('timed-out', `no answer in ${patienceMs} ms`));
    }
  });
}

export function failure(kind: Problem['kind'], detail: string): Outcome<never> {
  return { ok: false, problem: { kind, detail } };
}

export const done: Outcome<null> = { ok: true, value: null };
