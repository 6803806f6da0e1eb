/**
 * What a running scheduler would remember of its nodes, as far as saved outputs tell: a node with our
 * mark counts as held, its task as running. Whether an offline mark is ours is not in the outputs, so
 * it counts as the administrator's, which is never touched.
 */
import { add, scale, type ResourceVector } from '@mesos-torque/common/units.ts';
import type { Intent, OfferFacts, TaskFacts, TorqueNode } from '../core/facts.ts';
import { nodeNameOf, ownerOf } from '../core/names.ts';
import type { Policy } from '../core/policy.ts';

export interface Remembered {
  readonly intents: readonly Intent[];
  readonly tasks: readonly TaskFacts[];
}

export function rememberedNodes(
  nodes: readonly TorqueNode[],
  offers: readonly OfferFacts[],
  frameworkId: string,
  policy: Policy,
  nowMs: number,
): Remembered {
  const agentIds = new Map(offers.map(({ host, agentId }) => [host.toLowerCase(), agentId]));
  const held = nodes.flatMap((node) => {
    const owner = ownerOf(policy.ownerMark, node.requestId);
    const isOurs = owner?.frameworkId === frameworkId && nodeNameOf(owner.taskId) === node.name;
    if (!isOurs) return [];
    // Agents are known by their offers alone; any other id keeps agents apart.
    const agentId = agentIds.get(node.name) ?? `agent of ${node.name}`;
    return [{ node, taskId: owner.taskId, agentId }];
  });
  return {
    intents: held.map(({ node, taskId, agentId }) => intentOf(node, taskId, agentId, policy)),
    tasks: held.map(({ node, taskId, agentId }) => taskOf(node, taskId, agentId, nowMs)),
  };
}

/** The framework that the outputs are of: as offers say, or the marks of nodes; else one of our making. */
export function frameworkOf(offered: string | null, nodes: readonly TorqueNode[], policy: Policy): string {
  const marked = nodes.flatMap((node) => ownerOf(policy.ownerMark, node.requestId)?.frameworkId ?? []);
  return offered ?? marked[0] ?? 'offline';
}

function intentOf(node: TorqueNode, taskId: string, agentId: string, policy: Policy): Intent {
  const { momServicePort, momManagerPort } = node;
  const hasPorts = policy.portsFromOffer && momServicePort !== null && momManagerPort !== null;
  return {
    taskId,
    agentId,
    nodeName: node.name,
    np: node.np,
    gpus: node.gpus,
    properties: node.properties,
    resources: resourcesOf(node, policy),
    ports: hasPorts ? { service: momServicePort, manager: momManagerPort } : null,
    launchedAtMs: 0,
    executorId: null,
    goal: { kind: 'hold' },
  };
}

/** What a launch of that many slots takes; what it really took is not in the outputs. */
function resourcesOf(node: TorqueNode, policy: Policy): ResourceVector {
  const perSlot = { cpuMilli: policy.cpuMilliPerSlot, memMib: policy.memMibPerSlot, diskMib: 0, gpus: 0 };
  const slots = add(scale(perSlot, node.np), { cpuMilli: 0, memMib: 0, diskMib: 0, gpus: node.gpus });
  const memMib = Math.max(slots.memMib, policy.minComputeNode.memMib);
  return add({ ...slots, memMib }, policy.executor);
}

function taskOf(node: TorqueNode, taskId: string, agentId: string, nowMs: number): TaskFacts {
  return {
    id: taskId,
    agentId,
    state: 'TASK_RUNNING',
    healthy: null,
    stage: 'answering',
    momName: node.name,
    message: '',
    sinceMs: nowMs,
    aliveSinceMs: nowMs,
    trusted: null,
    addresses: [],
  };
}
