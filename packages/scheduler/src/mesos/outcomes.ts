/** Answers to calls in the loop's words. */
import type { CallResult } from '@mesos-torque/common/mesos-call.ts';
import type { Outcome, Problem } from '../loop/ports.ts';

/** `doing` is what was called for, as the beginning of a sentence about its failure. */
export function outcomeOf(doing: string, result: CallResult): Outcome<null> {
  switch (result.kind) {
    case 'taken':
      return { ok: true, value: null };
    case 'refused':
      return problem('refused', `${doing}: ${result.why}`);
    case 'unavailable':
    case 'not-subscribed':
      return problem('unreachable', `${doing}: ${result.why}`);
    case 'no-answer':
      return problem('timed-out', `${doing}: ${result.why}`);
  }
}

export function notSubscribed(doing: string): Outcome<null> {
  return unsubscribed(doing);
}

/** The same for calls that give something. */
export function unsubscribed(doing: string): Outcome<never> {
  return { ok: false, problem: { kind: 'unreachable', detail: `${doing}: there is no subscription` } };
}

export function problem(kind: Problem['kind'], detail: string): Outcome<never> {
  return { ok: false, problem: { kind, detail } };
}
