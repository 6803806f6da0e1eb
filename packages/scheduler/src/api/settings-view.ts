/** The policy in force, for people: each option with its value, and which of them SetPolicy can change. */
import type { Setting } from '@mesos-torque/proto/gen/control/v1/facts.ts';
import { amount, grouped } from '@mesos-torque/common/units.ts';
import type { Policy } from '../core/policy.ts';
import { counted, seconds } from '../core/reasons.ts';

type Row = readonly [name: string, value: (policy: Policy) => string, what: string];

const limited = (value: number | null, text: (n: number) => string): string =>
  value === null ? 'none' : text(value);

const rows: readonly Row[] = [
  ['policy.minSlotsHeld', (p) => counted(p.minSlotsHeld, 'node'), 'Nodes held even when nothing waits.'],
  ['policy.minComputeNode.np', (p) => counted(p.minComputeNode.np, 'slot'), 'The least slots of a node.'],
  [
    'policy.minComputeNode.mem',
    (p) => amount('memMib', p.minComputeNode.memMib),
    'The least memory of a node.',
  ],
  [
    'policy.safeAllocation.nodes',
    (p) => limited(p.safeAllocation.nodes, (n) => counted(n, 'node')),
    'Nodes held at the most.',
  ],
  [
    'policy.safeAllocation.cpus',
    (p) => limited(p.safeAllocation.cpuMilli, (n) => amount('cpuMilli', n)),
    'Processors held at the most.',
  ],
  [
    'policy.safeAllocation.mem',
    (p) => limited(p.safeAllocation.memMib, (n) => amount('memMib', n)),
    'Memory held at the most.',
  ],
  [
    'policy.safeAllocation.disk',
    (p) => limited(p.safeAllocation.diskMib, (n) => amount('diskMib', n)),
    'Disk held at the most.',
  ],
  [
    'policy.safeAllocation.gpus',
    (p) => limited(p.safeAllocation.gpus, (n) => amount('gpus', n)),
    'Gpus held at the most.',
  ],
  [
    'policy.nodeSize',
    (p) => p.nodeSize,
    'Whether a node gets the slots that jobs need, or all of its offer.',
  ],
  ['policy.npMax', (p) => counted(p.npMax, 'slot'), 'The most slots of a node.'],
  ['policy.cpusPerSlot', (p) => amount('cpuMilli', p.cpuMilliPerSlot), 'Processors for a slot.'],
  [
    'policy.memPerSlot',
    (p) => amount('memMib', p.memMibPerSlot),
    'Memory for a slot whose job asks for none.',
  ],
  ['policy.idleTime', (p) => seconds(p.idleMs), 'How long a node above the floor may be idle.'],
  [
    'policy.launchesInFlightMax',
    (p) => counted(p.launchesInFlightMax, 'node'),
    'Nodes being started at once, at the most.',
  ],
  [
    'policy.launchTimeout',
    (p) => seconds(p.launchTimeMsMax),
    'From a launch to the first word of its executor.',
  ],
  ['policy.registerTimeout', (p) => seconds(p.registerTimeMsMax), 'From then to a free node.'],
  ['policy.gangHold', (p) => seconds(p.gangHoldMs), 'How long offers are held for a job of several nodes.'],
  ['policy.agentBackoff', (p) => seconds(p.agentBackoffMs), 'Rest of an agent after a failed launch.'],
  ['policy.agentBackoffMax', (p) => seconds(p.agentBackoffMsMax), 'The longest such rest.'],
];

export function settingsOf(configured: Policy, inForce: Policy): Setting[] {
  const bounds = new Map([
    ['policy.minSlotsHeld', `0 to ${nodesText(inForce.safeAllocation.nodes)}`],
    [
      'policy.safeAllocation.nodes',
      `${grouped(inForce.minSlotsHeld)} to ${nodesText(configured.safeAllocation.nodes)}`,
    ],
  ]);
  return rows.map(([name, value, what]) => ({
    name,
    value: value(inForce),
    configured: value(configured),
    what,
    changeable: bounds.has(name),
    bounds: bounds.get(name) ?? '',
  }));
}

function nodesText(nodes: number | null): string {
  return nodes === null ? 'any number' : grouped(nodes);
}
