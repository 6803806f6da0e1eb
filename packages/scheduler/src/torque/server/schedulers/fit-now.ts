/** Whether a job's nodes are up and free at this moment, first come, first served. */
import type { JobFacts, NodeRequest, TorqueNode } from '../../../core/facts.ts';
import { unreachable } from '@mesos-torque/common/units.ts';

interface Room {
  readonly node: TorqueNode;
  readonly slots: number;
}

const notUsable = new Set([
  'down',
  'offline',
  'state-unknown',
  'mom-list-not-sent',
  'job-exclusive',
  'reserve',
]);

/** The jobs, of those given and in their order, whose nodes are free, each taking what it needs. */
export function jobsThatFit(jobs: readonly JobFacts[], nodes: readonly TorqueNode[]): readonly JobFacts[] {
  let rooms = nodes
    .filter((node) => !node.states.some((state) => notUsable.has(state)))
    .map((node) => ({ node, slots: node.np - node.jobs.reduce((sum, job) => sum + job.slots, 0) }));
  return jobs.filter((job) => {
    const left = without(rooms, job);
    if (left === null) return false;
    rooms = left;
    return true;
  });
}

/** What is left once the job has taken its slots; null where it does not fit. */
function without(rooms: Room[], { request }: JobFacts): Room[] | null {
  switch (request.kind) {
    case 'nodes':
      return withoutNodes(rooms, request.parts);
    case 'procs':
      return withoutSlots(rooms, request.slots);
    case 'not-understood':
      return null;
    default:
      return unreachable(request);
  }
}

function withoutNodes(rooms: Room[], parts: readonly NodeRequest[]): Room[] | null {
  const taken = new Map<string, number>();
  for (const part of parts) {
    const chosen = rooms
      .filter((room) => !taken.has(room.node.name) && suits(room, part))
      .slice(0, part.count);
    if (chosen.length < part.count) return null;
    for (const { node } of chosen) taken.set(node.name, part.ppn);
  }
  return rooms.map((room) => ({ ...room, slots: room.slots - (taken.get(room.node.name) ?? 0) }));
}

function suits({ node, slots }: Room, part: NodeRequest): boolean {
  if (part.host !== null && part.host !== node.name) return false;
  if (part.gpus > node.gpus || part.ppn > slots) return false;
  // TORQUE takes a node's name for one of its properties.
  return part.properties.every((property) => property === node.name || node.properties.includes(property));
}

function withoutSlots(rooms: Room[], wanted: number): Room[] | null {
  let missing = wanted;
  const left = rooms.map((room) => {
    const takes = Math.min(room.slots, missing);
    missing -= takes;
    return { ...room, slots: room.slots - takes };
  });
  return missing > 0 ? null : left;
}
