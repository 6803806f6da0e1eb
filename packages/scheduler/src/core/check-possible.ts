/**
 * Whether a job can plainly never run: by the slots of one node, or by the nodes and processors of the
 * safe allocation. Counted in favour of the job, so that what is called impossible here certainly is.
 */
import { unreachable } from '@mesos-torque/common/units.ts';
import type { JobRequest, Snapshot, TorqueNode } from './facts.ts';
import { ownerOf } from './names.ts';
import type { Policy } from './policy.ts';

/** What a job needs of us at the least, beside the administrator's nodes. */
interface Least {
  readonly nodes: number;
  readonly slots: number;
  readonly slotsOnOneNode: number;
}

export function plainlyImpossible(request: JobRequest, snapshot: Snapshot, policy: Policy): boolean {
  return impossibleRequests(snapshot, policy)(request);
}

/** The same for many requests; each is looked at once, for most jobs of a long queue share theirs. */
export function impossibleRequests({ nodes }: Snapshot, policy: Policy): (request: JobRequest) => boolean {
  if (nodes.state !== 'fresh') return () => false;
  const theirs = nodes.value.filter(
    ({ name, requestId }) =>
      ownerOf(policy.ownerMark, requestId) === null && !policy.placeholderNodes.includes(name),
  );
  const known = new Map<JobRequest, boolean>();
  return (request) => {
    const answer = known.get(request) ?? isTooLarge(request, theirs, policy);
    known.set(request, answer);
    return answer;
  };
}

function isTooLarge(request: JobRequest, theirs: readonly TorqueNode[], policy: Policy): boolean {
  const least = leastOf(request, theirs, policy);
  const { nodes: nodesMax, cpuMilli: cpuMax } = policy.safeAllocation;
  const cpuMilli = least.slots * policy.cpuMilliPerSlot + least.nodes * policy.executor.cpuMilli;
  return (
    least.slotsOnOneNode > policy.npMax ||
    (nodesMax !== null && least.nodes > nodesMax) ||
    (cpuMax !== null && cpuMilli > cpuMax)
  );
}

function leastOf(request: JobRequest, theirs: readonly TorqueNode[], { npMax }: Policy): Least {
  switch (request.kind) {
    case 'nodes': {
      // Every part may count the same node of theirs, and that node as if it were empty.
      const parts = request.parts.map(({ count, ppn }) => {
        const slots = Math.max(1, ppn);
        const missing = Math.max(0, count - theirs.filter((node) => node.np >= slots).length);
        return { nodes: missing, slots: missing * slots, slotsOnOneNode: missing > 0 ? slots : 0 };
      });
      return {
        nodes: parts.reduce((sum, part) => sum + part.nodes, 0),
        slots: parts.reduce((sum, part) => sum + part.slots, 0),
        slotsOnOneNode: Math.max(0, ...parts.map((part) => part.slotsOnOneNode)),
      };
    }
    case 'procs': {
      const ready = theirs.reduce((sum, node) => sum + node.np, 0);
      const slots = Math.max(0, request.slots - ready);
      return { nodes: Math.ceil(slots / npMax), slots, slotsOnOneNode: 0 };
    }
    case 'not-understood':
      return { nodes: 0, slots: 0, slotsOnOneNode: 0 };
    default:
      return unreachable(request);
  }
}
