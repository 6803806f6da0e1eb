/**
 * Whether a node that pbs_server calls free can be believed: its mom has to trust every host that jobs
 * may share with it. pbs_server sends that list 10 s after a node was created; a mom that ran before
 * turns free without it (6.1.3), and a job of two nodes then hangs in PRERUN for ever.
 */
import type { Snapshot, TaskFacts, TorqueNode } from './facts.ts';
import type { Reason } from './reasons.ts';
import { addressesDiffer, momDistrusts } from './reasons-trouble.ts';

/** Where moms listen for each other when their node says nothing else. */
const momManagerPort = 15_003;

const unreached = new Set(['down', 'offline', 'state-unknown', 'mom-list-not-sent', 'other']);

/**
 * Why its mom is not ready for jobs of several nodes: the first hosts that it does not trust. Null
 * when it trusts all that are known, or when the executor or the resolver has told nothing of it.
 */
export function distrust(node: TorqueNode, task: TaskFacts, { nodes }: Snapshot): Reason | null {
  if (task.trusted === null || nodes.state === 'unknown') return null;
  const trusted = new Set(task.trusted);
  const missing = nodes.value.filter((other) => {
    const counts = other.name === node.name || !other.states.some((state) => unreached.has(state));
    return counts && other.addresses.length > 0 && !socketsOf(other).some((one) => trusted.has(one));
  });
  const [first] = missing;
  if (first === undefined) return null;
  return momDistrusts(first.name, socketsOf(first).join(' or '), missing.length - 1);
}

function socketsOf({ addresses, momManagerPort: port }: TorqueNode): readonly string[] {
  return addresses.map((address) => `${address}:${String(port ?? momManagerPort)}`);
}

/**
 * The node's name as resolved here and the addresses of the agent's machine have nothing in common:
 * pbs_server would talk to another machine. Null when they agree, or when one side is not known.
 */
export function leadsElsewhere(node: TorqueNode, task: TaskFacts): Reason | null {
  if (node.addresses.length === 0 || task.addresses.length === 0) return null;
  if (node.addresses.some((address) => task.addresses.includes(address))) return null;
  return addressesDiffer(node.name, node.addresses, task.addresses);
}
