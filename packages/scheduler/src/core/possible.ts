/** Whether a job could ever run under the policy, whatever Mesos offers and however long it waits. */
import type { ResourceKind } from '@mesos-torque/common/units.ts';
import type { TorqueNode } from './facts.ts';
import { nodeFor } from './fit.ts';
import type { Policy } from './policy.ts';
import { firstMissing } from './pool.ts';
import type { Reason } from './reasons.ts';
import { tooBig, tooMuch } from './reasons-demand.ts';
import type { Ask, SlotSet } from './shapes.ts';

const limitedKinds = ['cpuMilli', 'memMib', 'diskMib', 'gpus'] as const satisfies readonly ResourceKind[];

/**
 * Null when the ask is possible. The administrator's own nodes count as if they were empty and up;
 * several parts of a job may count the same one, so what is called impossible certainly is.
 */
export function impossible(ask: Ask, statics: readonly TorqueNode[], policy: Policy): Reason | null {
  return ask.kind === 'sets' ? impossibleSets(ask, statics, policy) : impossibleSlots(ask, statics, policy);
}

function impossibleSets(
  ask: Extract<Ask, { kind: 'sets' }>,
  statics: readonly TorqueNode[],
  policy: Policy,
): Reason | null {
  const { safeAllocation: safe, npMax } = policy;
  let nodes = 0;
  const sum = { cpuMilli: 0, memMib: 0, diskMib: 0, gpus: 0 };
  for (const { count, set } of ask.parts) {
    const missing = Math.max(0, count - statics.filter((node) => couldTake(node, set)).length);
    if (missing > 0 && set.slots > npMax) return tooBig('slots on one node', set.slots, npMax, 'npMax');
    const { resources } = nodeFor({ slots: set.slots, memMib: set.memMib, gpus: set.gpus }, policy);
    nodes += missing;
    for (const kind of limitedKinds) sum[kind] += missing * resources[kind];
  }
  if (safe.nodes !== null && nodes > safe.nodes) {
    return tooBig(nodes === 1 ? 'node' : 'nodes', nodes, safe.nodes, 'safeAllocation.nodes');
  }
  for (const kind of limitedKinds) {
    const allowed = safe[kind];
    if (allowed !== null && sum[kind] > allowed) {
      return tooMuch(kind, sum[kind], allowed, policy.limitedBy[kind] ?? null);
    }
  }
  return null;
}

function couldTake(node: TorqueNode, set: SlotSet): boolean {
  return (
    node.np >= set.slots &&
    node.gpus >= set.gpus &&
    (node.memMib === null || node.memMib >= set.memMib) &&
    (set.host === null || set.host === node.name) &&
    firstMissing(set.properties, node.properties) === null
  );
}

function impossibleSlots(
  ask: Extract<Ask, { kind: 'slots' }>,
  statics: readonly TorqueNode[],
  policy: Policy,
): Reason | null {
  const ready = statics.reduce((sum, node) => sum + node.np, 0);
  const allowed = ready + elasticSlotsMax(policy, ask.memMibPerSlot);
  if (ask.slots <= allowed) return null;
  return tooBig('slots', ask.slots, allowed, 'safeAllocation (with the slots of the static nodes)');
}

/** The most slots that nodes of ours can have together: as large nodes as allowed waste the least. */
function elasticSlotsMax(policy: Policy, memMibPerSlot: number): number {
  const { safeAllocation: safe, executor, npMax } = policy;
  const memPerSlot = Math.max(policy.memMibPerSlot, memMibPerSlot);
  const byNodes = safe.nodes === null ? Infinity : safe.nodes * npMax;
  const byCpu = slotsWithin(safe.cpuMilli, policy.cpuMilliPerSlot, executor.cpuMilli, npMax);
  const byMemory = slotsWithin(safe.memMib, memPerSlot, executor.memMib, npMax);
  return Math.min(byNodes, byCpu, byMemory);
}

function slotsWithin(allowed: number | null, perSlot: number, perNode: number, npMax: number): number {
  if (allowed === null || perSlot === 0) return Infinity;
  const wholeNode = npMax * perSlot + perNode;
  const wholeNodes = Math.floor(allowed / wholeNode);
  const left = allowed - wholeNodes * wholeNode;
  return wholeNodes * npMax + Math.max(0, Math.floor((left - perNode) / perSlot));
}
