/**
 * Each kind of decision as an act: which call it is, what it excludes while it is under way, and how
 * it reads in the journal.
 */
import { unreachable } from '@mesos-torque/common/units.ts';
import type { Decision } from '../core/decisions.ts';
import type { NodeAct } from '../core/facts.ts';
import type { JournalEntry, MesosPort, Outcome, TorquePort } from './ports.ts';

export interface ActPorts {
  readonly torque: TorquePort;
  readonly mesos: MesosPort;
}

/** The one call that a decision is. `forget` is none: its record is the act. */
export function perform(decision: Decision, { torque, mesos }: ActPorts): Promise<Outcome<null>> {
  switch (decision.kind) {
    case 'launch':
      return mesos.accept(decision);
    case 'create-node':
      return torque.createNode(decision);
    case 'start-mom':
      return mesos.startMom(decision.taskId, decision.agentId);
    case 'offline':
      return torque.setOffline(decision.node, decision.seenOffline);
    case 'online':
      return torque.clearOffline(decision.node);
    case 'delete-node':
      return torque.deleteNode(decision.node);
    case 'kill-task':
      return mesos.kill(decision.taskId, decision.agentId, decision.graceMs);
    case 'forget':
      return Promise.resolve({ ok: true, value: null });
    case 'decline':
      return mesos.decline(decision.offerIds, decision.refuseS);
    case 'suppress':
      return mesos.suppress();
    case 'revive':
      return mesos.revive();
    case 'kick-scheduler':
      return torque.kickScheduler();
    default:
      return unreachable(decision);
  }
}

/** Of acts with the same key only one is under way at a time; null: nothing is in its way. */
export function guardOf(decision: Decision): string | null {
  switch (decision.kind) {
    case 'launch':
      return decision.intent.taskId;
    case 'create-node':
    case 'start-mom':
    case 'offline':
    case 'online':
    case 'delete-node':
    case 'kill-task':
    case 'forget':
      return decision.taskId;
    case 'suppress':
    case 'revive':
      return 'flow of offers';
    case 'kick-scheduler':
      return 'scheduling cycle';
    case 'decline':
      return null;
    default:
      return unreachable(decision);
  }
}

/** What the act does to a TORQUE node, if it does something to one. */
export function nodeActOf(
  decision: Decision,
): { readonly node: string; readonly act: NodeAct['act'] } | null {
  switch (decision.kind) {
    case 'create-node':
      return { node: decision.node, act: 'create' };
    case 'offline':
    case 'online':
      return { node: decision.node, act: decision.kind };
    case 'delete-node':
      return { node: decision.node, act: 'delete' };
    case 'launch':
    case 'start-mom':
    case 'kill-task':
    case 'forget':
    case 'decline':
    case 'suppress':
    case 'revive':
    case 'kick-scheduler':
      return null;
    default:
      return unreachable(decision);
  }
}

/** Past-tense events: when it was done, and when it was not. */
const events: Readonly<Record<Decision['kind'], { readonly done: string; readonly failed: string }>> = {
  launch: { done: 'task launched', failed: 'launch failed' },
  'create-node': { done: 'node created', failed: 'node creation failed' },
  'start-mom': { done: 'mom start ordered', failed: 'mom start order failed' },
  offline: { done: 'node set offline', failed: 'setting node offline failed' },
  online: { done: 'node taken back', failed: 'taking node back failed' },
  'delete-node': { done: 'node deleted', failed: 'node deletion failed' },
  'kill-task': { done: 'task kill ordered', failed: 'task kill order failed' },
  forget: { done: 'node forgotten', failed: 'forgetting node failed' },
  decline: { done: 'offers declined', failed: 'declining offers failed' },
  suppress: { done: 'offers suppressed', failed: 'suppressing offers failed' },
  revive: { done: 'offers revived', failed: 'reviving offers failed' },
  'kick-scheduler': { done: 'scheduling cycle asked for', failed: 'asking for scheduling cycle failed' },
};

export function journalEntryOf(
  decision: Decision,
  outcome: Outcome<null>,
  beganMs: number,
  endedMs: number,
): JournalEntry {
  const { done, failed } = events[decision.kind];
  return {
    atMs: endedMs,
    event: outcome.ok ? done : failed,
    ...subjectOf(decision),
    why: decision.why.text,
    data: {
      code: decision.why.code,
      ms: endedMs - beganMs,
      ...(decision.kind === 'decline' ? { offers: decision.offerIds.length, refuseS: decision.refuseS } : {}),
      ...(outcome.ok ? {} : { problem: outcome.problem.kind, detail: outcome.problem.detail }),
    },
  };
}

function subjectOf(decision: Decision): Pick<JournalEntry, 'node' | 'taskId' | 'offerId'> {
  switch (decision.kind) {
    case 'launch':
      return {
        node: decision.intent.nodeName,
        taskId: decision.intent.taskId,
        offerId: decision.offerIds.join(' '),
      };
    case 'create-node':
    case 'start-mom':
    case 'offline':
    case 'online':
    case 'delete-node':
    case 'forget':
      return { node: decision.node, taskId: decision.taskId };
    case 'kill-task':
      return { taskId: decision.taskId };
    case 'decline':
      return decision.offerIds.length === 1 ? { offerId: decision.offerIds.join() } : {};
    case 'suppress':
    case 'revive':
    case 'kick-scheduler':
      return {};
    default:
      return unreachable(decision);
  }
}
