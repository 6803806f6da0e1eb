/**
 * Strays: tasks and nodes of our framework without an intent, because the state was restored from an
 * old copy, or because Mesos called a task ended that came back. They are given an intent to drain, so
 * that the planner takes them down in order like any other node, or uses them again.
 */
import { add, scale, type ResourceVector } from '@mesos-torque/common/units.ts';
import type { Intent, TaskFacts, TorqueNode } from '../core/facts.ts';
import { nodeNameOf, ownerOf, serialOf } from '../core/names.ts';
import type { Policy } from '../core/policy.ts';
import { unrecordedWhy } from '../core/reasons-brake.ts';
import { standingOf } from '../core/task-states.ts';
import type { Memory } from './memory.ts';
import type { DurableState } from './ports.ts';
import { noAgent } from './task-words.ts';

/** Intents for the strays; none as long as either side is not known well enough to tell. */
export function strays(memory: Memory, policy: Policy, nowMs: number): readonly Intent[] {
  const { frameworkId, intents } = memory.durable;
  if (memory.accounting.kind !== 'accounted' || memory.nodes.state !== 'fresh') return [];
  const known = new Set(intents.map((intent) => intent.taskId));
  const tasks = [...memory.tasks.values()].filter(
    (task) => !known.has(task.id) && standingOf(task.state) !== 'ended',
  );
  const nodes = new Map<string, TorqueNode>();
  for (const node of memory.nodes.value) {
    const owner = ownerOf(policy.ownerMark, node.requestId);
    if (owner?.frameworkId !== frameworkId || known.has(owner.taskId)) continue;
    if (nodeNameOf(owner.taskId) === node.name) nodes.set(owner.taskId, node);
  }
  const taskIds = new Set([...tasks.map((task) => task.id), ...nodes.keys()]);
  const taskById = new Map(tasks.map((task) => [task.id, task]));
  return [...taskIds].flatMap((id) => intentFor(id, taskById.get(id), nodes.get(id), policy, nowMs) ?? []);
}

/** What was held is not known any more; what such a node would be given now is the best guess. */
function intentFor(
  taskId: string,
  task: TaskFacts | undefined,
  node: TorqueNode | undefined,
  policy: Policy,
  nowMs: number,
): Intent | null {
  const nodeName = nodeNameOf(taskId);
  if (nodeName === null) return null;
  const np = node?.np ?? 1;
  return {
    taskId,
    agentId: task?.agentId ?? noAgent,
    nodeName,
    np,
    gpus: node?.gpus ?? 0,
    properties: node?.properties ?? [],
    resources: resourcesOf(np, policy),
    ports:
      typeof node?.momServicePort === 'number' && typeof node.momManagerPort === 'number'
        ? { service: node.momServicePort, manager: node.momManagerPort }
        : null,
    launchedAtMs: nowMs,
    executorId: null,
    goal: { kind: 'drain', sinceMs: nowMs, why: unrecordedWhy },
  };
}

function resourcesOf(np: number, policy: Policy): ResourceVector {
  const slot = { cpuMilli: policy.cpuMilliPerSlot, memMib: policy.memMibPerSlot, diskMib: 0, gpus: 0 };
  return add(policy.executor, scale(slot, np));
}

/** The state with the strays' intents; later launches take later serial numbers. */
export function withStrays(durable: DurableState, found: readonly Intent[]): DurableState {
  if (found.length === 0) return durable;
  const serials = found.map((intent) => serialOf(intent.taskId) ?? 0);
  return {
    ...durable,
    nextSerial: Math.max(durable.nextSerial, ...serials.map((serial) => serial + 1)),
    intents: [...durable.intents, ...found],
  };
}
