/**
 * What decisions write into the durable state before they are carried out, so that a scheduler that
 * starts anew knows what was begun.
 */
import { unreachable } from '@mesos-torque/common/units.ts';
import type { Decision, OfflineDecision } from '../core/decisions.ts';
import type { Goal, Intent } from '../core/facts.ts';
import { serialOf } from '../core/names.ts';
import type { DurableState } from './ports.ts';

/** The state that announces the decisions; the same object when they announce nothing. */
export function announced(
  durable: DurableState,
  decisions: readonly Decision[],
  nowMs: number,
): DurableState {
  return decisions.reduce((state, decision) => withDecision(state, decision, nowMs), durable);
}

function withDecision(state: DurableState, decision: Decision, nowMs: number): DurableState {
  switch (decision.kind) {
    case 'launch':
      return {
        ...state,
        nextSerial: Math.max(state.nextSerial, serialOf(decision.intent.taskId) ?? 0) + 1,
        intents: [...state.intents, decision.intent],
      };
    case 'offline':
      return withGoal(state, decision.taskId, { kind: 'drain', sinceMs: nowMs, why: decision.why.text });
    case 'delete-node':
      return withGoal(state, decision.taskId, { kind: 'leave', sinceMs: nowMs, why: decision.why.text });
    case 'forget':
      return {
        ...state,
        intents: state.intents.filter((intent) => intent.taskId !== decision.taskId),
      };
    // Its goal is recorded when the mark is gone, see `achieved`.
    case 'online':
    case 'create-node':
    case 'start-mom':
    case 'kill-task':
    case 'decline':
    case 'suppress':
    case 'revive':
    case 'kick-scheduler':
      return state;
    default:
      return unreachable(decision);
  }
}

/**
 * The state after an offline that somebody else's mark forestalled. A goal that this decision itself
 * announced is taken back: the mark is theirs, and the node is left alone.
 */
export function forestalled(durable: DurableState, { taskId }: OfflineDecision): DurableState {
  return withGoal(durable, taskId, { kind: 'hold' });
}

/**
 * The state after a success of the decision. A node that is taken back is to drain until its mark is
 * gone: were it otherwise, a crash in between would leave a mark that looks like an administrator's.
 */
export function achieved(durable: DurableState, decision: Decision): DurableState {
  return decision.kind === 'online' ? withGoal(durable, decision.taskId, { kind: 'hold' }) : durable;
}

/**
 * A goal that stands already keeps its beginning: a repetition is no new resolution, nor is going back to draining
 * because somebody cleared the mark (nodes that came meanwhile are unknown to its mom). A node whose intent
 * was lost has none to change; its `requestid` tells whose it is.
 */
function withGoal(state: DurableState, taskId: string, goal: Goal): DurableState {
  const changes = (intent: Intent): boolean => intent.taskId === taskId && intent.goal.kind !== goal.kind;
  if (!state.intents.some(changes)) return state;
  return {
    ...state,
    intents: state.intents.map((intent) =>
      changes(intent) ? { ...intent, goal: goalAfter(intent.goal, goal) } : intent,
    ),
  };
}

function goalAfter(before: Goal, goal: Goal): Goal {
  const isStepBack = before.kind === 'leave' && goal.kind === 'drain';
  return isStepBack ? { ...goal, sinceMs: before.sinceMs } : goal;
}
