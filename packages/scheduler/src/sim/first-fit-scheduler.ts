/** Which nodes pbs_sched gives to a job: the first that fit, each part on nodes of its own. */
import { unreachable } from '@mesos-torque/common/units.ts';
import type { JobRequest, NodeRequest } from '../core/facts.ts';
import { usedSlots, type SimNode } from './sim-node.ts';

/** Slots by node, or null when the job does not fit now. */
export function chooseNodes(
  request: JobRequest,
  usable: readonly SimNode[],
): ReadonlyMap<string, number> | null {
  switch (request.kind) {
    case 'nodes':
      return choosePerNode(request.parts, usable);
    case 'procs':
      return chooseSlots(request.slots, usable);
    case 'not-understood':
      return null;
    default:
      return unreachable(request);
  }
}

function choosePerNode(
  parts: readonly NodeRequest[],
  usable: readonly SimNode[],
): ReadonlyMap<string, number> | null {
  const chosen = new Map<string, number>();
  // pbs_server looks back when an early choice stands in the way of a later part; the largest part
  // first comes to the same.
  for (const part of parts.toSorted((a, b) => b.ppn - a.ppn)) {
    for (let index = 0; index < part.count; index++) {
      const node = usable.find((each) => !chosen.has(each.name) && suits(each, part));
      if (node === undefined) return null;
      chosen.set(node.name, part.ppn);
    }
  }
  return chosen;
}

function suits(node: SimNode, part: NodeRequest): boolean {
  const hasProperties = part.properties.every((property) => node.properties.includes(property));
  return hasProperties && node.np - usedSlots(node) >= part.ppn;
}

function chooseSlots(slots: number, usable: readonly SimNode[]): ReadonlyMap<string, number> | null {
  const chosen = new Map<string, number>();
  let left = slots;
  for (const node of usable) {
    const count = Math.min(left, node.np - usedSlots(node));
    if (count > 0) chosen.set(node.name, count);
    left -= Math.max(0, count);
  }
  return left === 0 ? chosen : null;
}
