/** A cluster, a policy and a load, chosen by the dice: small, so that a run is short and a trace readable. */
import type { JobRequest, NodeRequest } from '../core/facts.ts';
import type { Policy } from '../core/policy.ts';
import { nothing } from '@mesos-torque/common/units.ts';
import type { SimAgent } from './mesos-model.ts';
import type { Dice } from './random.ts';

export interface Scenario {
  readonly agents: readonly SimAgent[];
  readonly statics: readonly { readonly name: string; readonly np: number }[];
  readonly policy: Policy;
  readonly jobs: readonly PlannedJob[];
  /** How long faults last. Milliseconds. */
  readonly faultsMs: number;
  /** How often calls go wrong meanwhile. */
  readonly trouble: number;
  readonly crashes: number;
  readonly operators: SimOperators;
}

/** What the operators of the Mesos cluster do; in some seeds nothing. */
export interface SimOperators {
  readonly setQuotas: boolean;
  readonly takeMachines: boolean;
}

export interface PlannedJob {
  readonly id: string;
  readonly atMs: number;
  readonly request: JobRequest;
  readonly runMs: number;
  readonly walltimeS: number | null;
  readonly isPossible: boolean;
}

const slotsMax = 4;
/** Jobs of the rush for each node that there may be: they last longer than a quota needs to be met. */
const rushPerNode = 8;
export const memMibOfAgent = 16_384;
const executor = { cpuMilli: 100, memMib: 64, diskMib: 64, gpus: 0 };

export const noOperators: SimOperators = { setQuotas: false, takeMachines: false };

/** `doing`: by the dice where it is not given. */
export function createScenario(dice: Dice, doing?: SimOperators): Scenario {
  const agents = Array.from({ length: dice.between(2, 6) }, (_, index) => agentOf(dice, index));
  const statics = Array.from({ length: dice.between(0, 2) }, (_, index) => ({
    name: `static${index}.example.org`,
    np: dice.between(1, 2),
  }));
  const faultsMs = dice.between(120_000, 300_000);
  const nodesMax = dice.between(2, agents.length);
  const operators = doing ?? operatorsOf(dice.fork('operators'));
  return {
    agents,
    statics,
    policy: policyOf(dice, nodesMax),
    jobs: [
      ...withWalltimes(jobsOf(dice, nodesMax, faultsMs), operators, dice.fork('walltimes')),
      ...rushOf(dice.fork('rush'), operators, nodesMax, faultsMs),
    ],
    faultsMs,
    trouble: dice.pick([0, 0.03, 0.1, 0.2]),
    crashes: dice.between(0, 5),
    operators,
  };
}

/** From dice of their own, so that the seeds in which they do nothing are as they were without them. */
function operatorsOf(dice: Dice): SimOperators {
  return { setQuotas: dice.chance(0.7), takeMachines: dice.chance(0.25) };
}

/**
 * Where operators set quotas, so many jobs come when the faults end that whoever minds no quota goes on with all that
 * it holds: where nothing waits, what is held leaves in any case, and nobody could tell the two apart.
 */
function rushOf(
  dice: Dice,
  { setQuotas }: SimOperators,
  nodesMax: number,
  faultsMs: number,
): readonly PlannedJob[] {
  if (!setQuotas) return [];
  return Array.from({ length: rushPerNode * nodesMax }, (_, index) => ({
    id: `${2000 + index}.head.example.org`,
    atMs: faultsMs + dice.between(0, 20_000),
    request: perNode([partOf(1, dice.between(slotsMax / 2, slotsMax))]),
    runMs: dice.between(30_000, 60_000),
    walltimeS: null,
    isPossible: true,
  }));
}

/** Where machines are taken away it matters how long jobs say that they run; none runs longer. */
function withWalltimes(
  jobs: readonly PlannedJob[],
  { takeMachines }: SimOperators,
  dice: Dice,
): readonly PlannedJob[] {
  if (!takeMachines) return jobs;
  return jobs.map((job) =>
    dice.chance(0.7) ? { ...job, walltimeS: Math.ceil(job.runMs / 1000) + dice.between(0, 30) } : job,
  );
}

function agentOf(dice: Dice, index: number): SimAgent {
  // Every agent is large enough for the largest node part, so that what is possible is known beforehand.
  const cpuMilli = 1000 * dice.between(slotsMax, 2 * slotsMax) + executor.cpuMilli;
  return {
    id: `agent-${index}`,
    host: `host${index}.example.org`,
    total: { cpuMilli, memMib: memMibOfAgent, diskMib: 10_000, gpus: 0 },
    attributes: {},
    others: nothing,
    inSight: true,
  };
}

function policyOf(dice: Dice, nodesMax: number): Policy {
  const minSlotsHeld = dice.between(0, Math.min(2, nodesMax));
  return {
    minSlotsHeld,
    minComputeNode: { np: dice.between(1, 2), memMib: 512 },
    safeAllocation: {
      cpuMilli: dice.chance(0.5) ? nodesMax * (slotsMax * 1000 + executor.cpuMilli) : null,
      memMib: null,
      diskMib: null,
      gpus: null,
      nodes: nodesMax,
    },
    limitedBy: {},
    nodeSize: dice.pick(['fit', 'whole']),
    npMax: slotsMax,
    cpuMilliPerSlot: 1000,
    memMibPerSlot: 256,
    executor,
    portsFromOffer: false,
    propertyAttributes: [],
    constraints: [],
    idleMs: dice.between(5, 30) * 1000,
    launchesInFlightMax: dice.between(1, 6),
    launchTimeMsMax: 60_000,
    registerTimeMsMax: 90_000,
    declineIdleS: 120,
    declineUnfitS: 20,
    gangHoldMs: 30_000,
    reviveIntervalMs: 5000,
    revivesUnansweredMax: 3,
    repeatMs: 5000,
    killGraceMs: 5000,
    agentBackoffMs: 5000,
    agentBackoffMsMax: 60_000,
    maintenanceLeadMs: 30_000,
    quarantineFailures: 4,
    quarantineMs: 90_000,
    nodeActsMax: dice.between(2, 10),
    brakeShare: 0.5,
    brakeNodesMin: 1,
    executorId: null,
    upgradesAtOnceMax: 1,
    ownerMark: 'mesos-torque',
    placeholderNodes: ['head.example.org'],
  };
}

function jobsOf(dice: Dice, nodesMax: number, faultsMs: number): readonly PlannedJob[] {
  const jobs = Array.from({ length: dice.between(3, 15) }, (_, index): PlannedJob => {
    return {
      id: `${index}.head.example.org`,
      atMs: dice.between(0, faultsMs),
      request: requestOf(dice, nodesMax),
      runMs: dice.between(1000, 60_000),
      walltimeS: null,
      isPossible: true,
    };
  });
  if (!dice.chance(0.3)) return jobs;
  const request = perNode([partOf(1, 16 * slotsMax)]);
  return [
    ...jobs,
    { id: '999.head.example.org', atMs: 0, request, runMs: 1000, walltimeS: null, isPossible: false },
  ];
}

function requestOf(dice: Dice, nodesMax: number): JobRequest {
  if (dice.chance(0.15)) return { kind: 'procs', slots: dice.between(1, slotsMax), memMibPerSlot: 0 };
  const count = dice.chance(0.6) ? 1 : dice.between(2, nodesMax);
  const parts = [partOf(count, dice.between(1, slotsMax))];
  if (count < nodesMax && dice.chance(0.15)) parts.push(partOf(1, dice.between(1, slotsMax)));
  return perNode(parts);
}

function perNode(parts: readonly NodeRequest[]): JobRequest {
  return { kind: 'nodes', parts, memMibPerNode: 0, memMibPerSlot: 0, exclusive: false };
}

function partOf(count: number, ppn: number): NodeRequest {
  return { count, ppn, gpus: 0, properties: [], host: null };
}
