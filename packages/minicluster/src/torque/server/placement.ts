/**
 * Which nodes a request gets, as 6.1.3 decides it: nodes in the order of their creation, the first
 * that fits; "never" is not the same as "not now".
 */
import type { Job, Node, Slots } from './model.ts';
import { holdsSlots } from './model.ts';
import type { RequestPart } from './node-request.ts';
import { nodesOf } from './node-request.ts';

export type Placement =
  | { readonly kind: 'placed'; readonly slots: readonly Slots[] }
  | { readonly kind: 'not-now'; readonly why: string }
  /** pbs_sched deletes a job that gets this answer, qsub refuses it. */
  | { readonly kind: 'never'; readonly why: string };

/** Slot numbers in use on a node. */
export function slotsInUse(node: string, jobs: Iterable<Job>): Set<number> {
  const used = new Set<number>();
  for (const job of jobs) {
    if (!holdsSlots(job)) continue;
    for (const part of job.exec) if (part.node === node) for (const slot of part.slots) used.add(slot);
  }
  return used;
}

/**
 * `nodect` is the server's resources_available.nodect as far as the server remembers it: with it, a
 * request of at most so many nodes is never "never" for want of nodes that suit it.
 */
export function place(
  parts: readonly RequestPart[],
  nodes: readonly Node[],
  jobs: readonly Job[],
  nodect: number,
): Placement {
  const wanted = nodesOf(parts);
  const allSlots = nodes.reduce((sum, node) => sum + node.np, 0);
  if (wanted > allSlots) {
    return {
      kind: 'never',
      why: `job allocation request exceeds available cluster nodes, ${wanted} requested, ${allSlots} available`,
    };
  }
  const found = pick(parts, nodes, jobs);
  if (found.eligible < wanted && nodect < wanted) return { kind: 'never', why: '' };
  if (found.slots.length < wanted) {
    const why = `job allocation request exceeds currently available cluster nodes, ${wanted} requested, ${found.slots.length} available`;
    return { kind: 'not-now', why };
  }
  return { kind: 'placed', slots: [...found.slots].reverse() };
}

/** One pass over the nodes; each node goes to the first part that still needs one and fits. */
function pick(
  parts: readonly RequestPart[],
  nodes: readonly Node[],
  jobs: readonly Job[],
): { slots: Slots[]; eligible: number } {
  const missing = parts.map((part) => part.count);
  const slots: Slots[] = [];
  let eligible = 0;
  for (const node of nodes) {
    const free = freeSlots(node, jobs);
    for (const [i, part] of parts.entries()) {
      if ((missing[i] ?? 0) === 0 || !suits(node, part)) continue;
      eligible++;
      if (!isUsable(node) || free.length < part.ppn) continue;
      slots.push({ node: node.name, slots: free.slice(0, part.ppn) });
      missing[i] = (missing[i] ?? 0) - 1;
      break;
    }
    if (missing.every((n) => n === 0)) break;
  }
  return { slots, eligible };
}

function suits(node: Node, part: RequestPart): boolean {
  const has = (property: string): boolean => property === node.name || node.properties.includes(property);
  return part.gpus === 0 && node.np >= part.ppn && part.properties.every(has);
}

/** Neither down nor offline nor waiting for the list of hosts nor busy. */
function isUsable(node: Node): boolean {
  return !node.down && !node.offline && node.listSent && !node.busy;
}

function freeSlots(node: Node, jobs: readonly Job[]): number[] {
  const used = slotsInUse(node.name, jobs);
  const free: number[] = [];
  for (let slot = 0; slot < node.np; slot++) if (!used.has(slot)) free.push(slot);
  return free;
}
