/**
 * A model of carrying out: the snapshot as it is right after a plan was carried out and before
 * anything was read again. Everything succeeds; one millisecond passes.
 */
import { unreachable } from '@mesos-torque/common/units.ts';
import type { Decision, DeclineDecision, Plan } from '../decisions.ts';
import type { Goal, NodeAct, Snapshot } from '../facts.ts';
import { sentence } from '../reasons.ts';

export function apply(snapshot: Snapshot, plan: Plan): Snapshot {
  const later = { ...snapshot, nowMs: snapshot.nowMs + 1 };
  return plan.decisions.reduce(applyOne, later);
}

function applyOne(snapshot: Snapshot, decision: Decision): Snapshot {
  const { nowMs } = snapshot;
  const why = sentence(decision.why);
  switch (decision.kind) {
    case 'launch':
      return {
        ...withoutOffers(snapshot, decision.offerIds),
        intents: [...snapshot.intents, decision.intent],
        nextSerial: snapshot.nextSerial + 1,
      };
    case 'create-node':
      return withAct(snapshot, decision.node, 'create');
    case 'start-mom':
      return withRecent(snapshot, {
        startMomMs: { ...snapshot.recent.startMomMs, [decision.taskId]: nowMs },
      });
    case 'offline':
      return withAct(
        withGoal(snapshot, decision.taskId, { kind: 'drain', sinceMs: nowMs, why }),
        decision.node,
        'offline',
      );
    case 'online':
      return withGoal(withAct(snapshot, decision.node, 'online'), decision.taskId, { kind: 'hold' });
    case 'delete-node':
      return withAct(
        withGoal(snapshot, decision.taskId, { kind: 'leave', sinceMs: nowMs, why }),
        decision.node,
        'delete',
      );
    case 'kill-task':
      return withRecent(snapshot, { killMs: { ...snapshot.recent.killMs, [decision.taskId]: nowMs } });
    case 'forget':
      return {
        ...snapshot,
        intents: snapshot.intents.filter((intent) => intent.taskId !== decision.taskId),
      };
    case 'decline':
      return withDeclined(snapshot, decision);
    case 'suppress':
      return { ...snapshot, mesos: { ...snapshot.mesos, suppressed: true } };
    case 'revive':
      return {
        ...snapshot,
        mesos: {
          ...snapshot.mesos,
          suppressed: false,
          lastReviveMs: nowMs,
          revivesUnanswered: snapshot.mesos.revivesUnanswered + 1,
          declined: [],
        },
      };
    case 'kick-scheduler':
      return withRecent(snapshot, { kickMs: nowMs });
    default:
      return unreachable(decision);
  }
}

function withDeclined(snapshot: Snapshot, { offerIds, refuseS, inVainFor }: DeclineDecision): Snapshot {
  const untilMs = snapshot.nowMs + refuseS * 1000;
  const vain = new Set(inVainFor);
  const added = snapshot.offers
    .filter(({ id }) => offerIds.includes(id))
    .map((offer) => ({ offer, untilMs, inVainFor: vain }));
  const declined = [...snapshot.mesos.declined, ...added];
  return withoutOffers({ ...snapshot, mesos: { ...snapshot.mesos, declined } }, offerIds);
}

function withoutOffers(snapshot: Snapshot, offerIds: readonly string[]): Snapshot {
  return { ...snapshot, offers: snapshot.offers.filter((offer) => !offerIds.includes(offer.id)) };
}

function withRecent(snapshot: Snapshot, recent: Partial<Snapshot['recent']>): Snapshot {
  return { ...snapshot, recent: { ...snapshot.recent, ...recent } };
}

function withAct(snapshot: Snapshot, node: string, act: NodeAct['act']): Snapshot {
  const done: NodeAct = { act, endedAtMs: snapshot.nowMs, problem: null, failures: 0, refusals: 0 };
  return withRecent(snapshot, { nodeActs: { ...snapshot.recent.nodeActs, [node]: done } });
}

/** A goal that stands already keeps its beginning, and one that goes back from `leave` does: see `loop/record-intents`. */
function withGoal(snapshot: Snapshot, taskId: string, goal: Goal): Snapshot {
  const intents = snapshot.intents.map((intent) =>
    intent.taskId === taskId && intent.goal.kind !== goal.kind
      ? { ...intent, goal: goalAfter(intent.goal, goal) }
      : intent,
  );
  return { ...snapshot, intents };
}

function goalAfter(before: Goal, goal: Goal): Goal {
  const isStepBack = before.kind === 'leave' && goal.kind === 'drain';
  return isStepBack ? { ...goal, sinceMs: before.sinceMs } : goal;
}
