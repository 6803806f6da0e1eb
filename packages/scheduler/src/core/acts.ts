/**
 * The acts that take a node away, each with the check that it waits its turn: an order whose effect is
 * not seen is given again only after `repeatMs`.
 */
import { isOffline } from './derive.ts';
import type { Intent, Reading, Snapshot, TorqueNode } from './facts.ts';
import type { ElasticNode } from './nodes.ts';
import type { Pass } from './pass.ts';
import * as because from './reasons-life.ts';
import type { Reason } from './reasons.ts';
import { braked } from './reasons-brake.ts';
import { notYetSeenTwice } from './reasons-trouble.ts';
import { notConnected } from './reasons-trust.ts';
import { act, nodeAct, wait, type Step } from './steps.ts';
import type { Survey } from './survey.ts';
import { momStarted } from './task-states.ts';

/** Nodes with something in pbsnodes that can be set offline, cleared or deleted. */
type InTorque = Extract<ElasticNode, { node: TorqueNode | null }>;

export function offline(node: InTorque, why: Reason, survey: Survey, pass: Pass): Step {
  return onNode('offline', node, why, survey, pass);
}

export function deleteNode(node: InTorque, why: Reason, survey: Survey, pass: Pass): Step {
  return onNode('delete-node', node, why, survey, pass);
}

export function online(node: InTorque, why: Reason, survey: Survey, pass: Pass): Step {
  return onNode('online', node, why, survey, pass);
}

function onNode(
  kind: 'offline' | 'online' | 'delete-node',
  { intent, node }: InTorque,
  why: Reason,
  survey: Survey,
  pass: Pass,
): Step {
  const { snapshot, policy } = survey;
  const held = kind === 'online' ? null : heldBack(intent.taskId, why, survey);
  if (held !== null) return held;
  const last = snapshot.recent.nodeActs[intent.nodeName];
  const name = kind === 'delete-node' ? 'delete' : kind;
  if (last?.act === name) {
    if (last.problem === null && !begunAfter(snapshot.nodes, last.endedAtMs))
      return wait(because.waitsToBeSeen(name));
    if (!pass.due(last.endedAtMs, policy.repeatMs)) return wait(because.waitsToRepeat(last));
  }
  const about = { taskId: intent.taskId, node: intent.nodeName, why };
  if (kind !== 'offline') return nodeAct(pass, policy, { kind, ...about });
  return nodeAct(pass, policy, { kind, ...about, seenOffline: node !== null && isOffline(node) });
}

/**
 * KILL for a node that pbsnodes does not show, repeated until Mesos tells the task's end. A job that
 * qstat still shows there is waited for, unless the name is that of somebody else's node.
 */
export function killTask({ intent, task }: ElasticNode, why: Reason, survey: Survey, pass: Pass): Step {
  const held = heldBack(intent.taskId, why, survey);
  const jobs = survey.jobsOnNode.get(intent.nodeName) ?? [];
  const isTheirs = survey.namesKnown.has(intent.nodeName);
  if (isTheirs) return kill(intent, why, survey, pass);
  if (jobs.length > 0) return wait(because.jobsRemain(jobs));
  const mayHaveMom = task !== null && momStarted(task);
  if (mayHaveMom && !isSurelyAbsent(intent, survey, pass)) return wait(notYetSeenTwice(intent.nodeName));
  if (held !== null) return held;
  return kill(intent, why, survey, pass);
}

/** What the brake says of it: nothing is begun that it holds back. */
export function heldBack(taskId: string, why: Reason, { brake, braked: stopped }: Survey): Step | null {
  return brake !== null && stopped.has(taskId) ? wait(braked(brake.id, why)) : null;
}

/**
 * One answer of pbs_server without the node is not enough to end a mom that may have jobs: a second
 * one, begun `repeatMs` later, has to say the same, unless we deleted the node ourselves.
 */
function isSurelyAbsent(intent: Intent, { snapshot, policy }: Survey, pass: Pass): boolean {
  const last = snapshot.recent.nodeActs[intent.nodeName];
  if (last?.act === 'delete' && last.problem === null) return true;
  const sinceMs = snapshot.history[intent.taskId]?.absentSinceMs;
  if (sinceMs === undefined) return true;
  if (sinceMs === null) return false;
  return pass.due(sinceMs, policy.repeatMs) && begunAfter(snapshot.nodes, sinceMs + policy.repeatMs);
}

export function kill(
  { taskId, agentId }: { readonly taskId: string; readonly agentId: string },
  why: Reason,
  { snapshot, policy }: Survey,
  pass: Pass,
): Step {
  if (!snapshot.mesos.connected) return wait(notConnected());
  if (!pass.due(snapshot.recent.killMs[taskId], policy.repeatMs)) return wait(because.killSent());
  return act({ kind: 'kill-task', taskId, agentId, graceMs: policy.killGraceMs, why });
}

/** Whether a fresh reading was begun at `ms` or later: what was ordered until then shows in it. */
export function begunAfter(reading: Reading<unknown>, ms: number): boolean {
  return reading.state === 'fresh' && reading.atMs >= ms;
}

/**
 * Whether queue and nodes were both read after the last act on a node ended and after its goal was
 * set. After a restart of ours no act is remembered; the goal was recorded before it.
 */
export function seenSince({ intent }: ElasticNode, snapshot: Snapshot): boolean {
  const actEndedMs = snapshot.recent.nodeActs[intent.nodeName]?.endedAtMs ?? 0;
  const goalMs = intent.goal.kind === 'hold' ? 0 : intent.goal.sinceMs;
  const sinceMs = Math.max(actEndedMs, goalMs);
  return begunAfter(snapshot.nodes, sinceMs) && begunAfter(snapshot.queue, sinceMs);
}
