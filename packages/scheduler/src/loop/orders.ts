/**
 * What was ordered lately, and how it went: orders whose effect is not seen yet, failures of nodes'
 * acts and of launches, and the durable state after a save.
 */
import { unreachable } from '@mesos-torque/common/units.ts';
import type { NodeAct } from '../core/facts.ts';
import { evidenceMax } from '../core/quarantine.ts';
import { only, type Memory } from './memory.ts';
import type { DurableState, Problem } from './ports.ts';

/** Agents whose trouble is remembered; the one whose trouble is oldest is forgotten first. */
export const troubledAgentsMax = 10_000;

export function suppressTaken(memory: Memory): Memory {
  return { ...memory, mesos: { ...memory.mesos, suppressed: true } };
}

/** Whether or not Mesos takes it: revives are rationed, and suppression is certain no more. */
export function reviveSent(memory: Memory, nowMs: number): Memory {
  return { ...memory, mesos: { ...memory.mesos, suppressed: false, lastReviveMs: nowMs } };
}

/** Only a revive that Mesos took can be called unanswered; it undoes every decline. */
export function reviveTaken(memory: Memory): Memory {
  const revivesUnanswered = memory.mesos.revivesUnanswered + 1;
  return { ...memory, mesos: { ...memory.mesos, revivesUnanswered, declined: [] } };
}

export function startMomSent(memory: Memory, taskId: string, nowMs: number): Memory {
  const { recent } = memory;
  return { ...memory, recent: { ...recent, startMomMs: { ...recent.startMomMs, [taskId]: nowMs } } };
}

export function killSent(memory: Memory, taskId: string, nowMs: number): Memory {
  const { recent } = memory;
  return { ...memory, recent: { ...recent, killMs: { ...recent.killMs, [taskId]: nowMs } } };
}

export function kickSent(memory: Memory, nowMs: number): Memory {
  return { ...memory, recent: { ...memory.recent, kickMs: nowMs } };
}

export function nodeActEnded(
  memory: Memory,
  node: string,
  act: NodeAct['act'],
  problem: Problem | null,
  nowMs: number,
): Memory {
  const { recent } = memory;
  const last = recent.nodeActs[node];
  const before = last?.act === act ? last : { failures: 0, refusals: 0 };
  const ended: NodeAct = {
    act,
    endedAtMs: nowMs,
    problem: problem === null ? null : `${problem.kind}: ${problem.detail}`,
    failures: problem === null ? 0 : before.failures + 1,
    refusals: problem === null ? 0 : before.refusals + (isRefusal(problem) ? 1 : 0),
  };
  const next = { ...memory, recent: { ...recent, nodeActs: { ...recent.nodeActs, [node]: ended } } };
  return act === 'online' && problem === null ? idleAnew(next, node) : next;
}

/** An answer of no: asking again gives the same, unlike where nobody answered. */
function isRefusal({ kind }: Problem): boolean {
  switch (kind) {
    case 'refused':
    case 'not-found':
    case 'conflict':
    case 'theirs':
      return true;
    case 'unreachable':
    case 'timed-out':
    case 'garbled':
      return false;
    default:
      return unreachable(kind);
  }
}

/** A node that was taken back is idle from now, or it would be drained again at once. */
function idleAnew(memory: Memory, node: string): Memory {
  const idleSinceMs = new Map(memory.idleSinceMs);
  idleSinceMs.delete(node);
  return { ...memory, idleSinceMs };
}

export function launchFailed(memory: Memory, agentId: string, message: string, nowMs: number): Memory {
  const before = memory.trouble.get(agentId);
  const failures = (before?.failures ?? 0) + 1;
  const evidence = [...(before?.evidence ?? []), { atMs: nowMs, message }].slice(-evidenceMax);
  const trouble = new Map(memory.trouble);
  // Taken out and put in again, it is the youngest of the map.
  trouble.delete(agentId);
  trouble.set(agentId, { agentId, failures, lastMs: nowMs, lastMessage: message, evidence });
  const [oldest] = trouble.keys();
  if (trouble.size > troubledAgentsMax && oldest !== undefined) trouble.delete(oldest);
  return { ...memory, trouble };
}

export function launchSucceeded(memory: Memory, agentId: string): Memory {
  if (!memory.trouble.has(agentId)) return memory;
  const trouble = new Map(memory.trouble);
  trouble.delete(agentId);
  return { ...memory, trouble };
}

/** After a save. What is known of tasks that have neither intent nor life any more is dropped. */
export function saved(memory: Memory, durable: DurableState): Memory {
  const before = new Set(memory.durable.intents.map((intent) => intent.taskId));
  const now = new Set(durable.intents.map((intent) => intent.taskId));
  const dropped = new Set([...before].filter((taskId) => !now.has(taskId)));
  if (dropped.size === 0) return { ...memory, durable };
  const stays = (taskId: string): boolean => !dropped.has(taskId);
  return {
    ...memory,
    durable,
    tasks: new Map([...memory.tasks].filter(([taskId]) => stays(taskId))),
    recent: {
      ...memory.recent,
      startMomMs: only(memory.recent.startMomMs, stays),
      killMs: only(memory.recent.killMs, stays),
    },
  };
}
