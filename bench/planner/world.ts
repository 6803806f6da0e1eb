/**
 * The cluster around a benchmark's queue: nodes of which half are ours and nine in ten run a job, the
 * tasks and intents behind ours, and as many offers of other agents as there are nodes.
 */
import { freshMemory, type Memory } from '../../packages/scheduler/src/loop/memory.ts';
import type { Intent, OfferFacts, TaskFacts, TorqueNode } from '../../packages/scheduler/src/core/facts.ts';
import { requestIdOf, taskIdOf } from '../../packages/scheduler/src/core/names.ts';
import type { Policy } from '../../packages/scheduler/src/core/policy.ts';
import { nothingLimited } from '../../packages/scheduler/src/core/settings.ts';
import { noWishes } from '../../packages/scheduler/src/core/wishes.ts';
import { benchNowS } from './jobs.ts';
import { fullId, type BenchNode } from './torque-text.ts';

export const benchNowMs = benchNowS * 1000;
const frameworkId = '0a1b2c3d-0000-4000-8000-000000000000-0001';
const ownerMark = 'mesos-torque';
const slots = 16;
const gib = 1024;

export const benchPolicy: Policy = {
  minSlotsHeld: 2,
  minComputeNode: { np: 1, memMib: 512 },
  safeAllocation: { cpuMilli: null, memMib: null, diskMib: null, gpus: null, nodes: 15_000 },
  limitedBy: {},
  nodeSize: 'fit',
  npMax: 64,
  cpuMilliPerSlot: 1000,
  memMibPerSlot: 512,
  executor: { cpuMilli: 100, memMib: 64, diskMib: 0, gpus: 0 },
  portsFromOffer: false,
  propertyAttributes: ['kind', 'rack'],
  idleMs: 300_000,
  launchesInFlightMax: 32,
  launchTimeMsMax: 120_000,
  registerTimeMsMax: 180_000,
  declineIdleS: 3600,
  declineUnfitS: 5,
  gangHoldMs: 30_000,
  reviveIntervalMs: 5_000,
  revivesUnansweredMax: 3,
  repeatMs: 5_000,
  killGraceMs: 20_000,
  agentBackoffMs: 30_000,
  agentBackoffMsMax: 600_000,
  maintenanceLeadMs: 3_600_000,
  constraints: [],
  quarantineFailures: 5,
  quarantineMs: 3_600_000,
  nodeActsMax: 10,
  brakeShare: 0.5,
  brakeNodesMin: 5,
  executorId: null,
  upgradesAtOnceMax: 1,
  ownerMark,
  placeholderNodes: ['head.example.org'],
};

/** Names of the nodes that run a job each: nine in ten, of which no more than half of the jobs. */
export function busyHosts(jobs: number, nodes: number): string[] {
  const most = Math.floor(jobs / 2);
  const busy: string[] = [];
  for (let n = 0; n < nodes && busy.length < most; n += 1) if (n % 10 !== 9) busy.push(nameOf(n));
  return busy;
}

export function* benchNodes(nodes: number, busy: readonly string[]): Generator<BenchNode> {
  const jobOn = new Map(busy.map((name, job) => [name, job]));
  for (let n = 0; n < nodes; n += 1) {
    const name = nameOf(n);
    const job = jobOn.get(name);
    yield {
      name,
      np: slots,
      properties: propertiesOf(n),
      requestId: isOurs(n) ? requestIdOf(ownerMark, { frameworkId, taskId: taskIdOf(name, n) }) : null,
      state: n % 100 === 99 ? 'down,offline' : 'free',
      jobs: job === undefined ? '' : `0-3/${fullId(String(job))}`,
    };
  }
}

/** What the loop remembers beside the readings: tasks and intents of our nodes, and offers. */
export function surroundings(nodes: readonly TorqueNode[], offers: number): Memory {
  const ours = nodes.filter((node) => node.requestId !== null);
  return {
    ...freshMemory({ frameworkId, nextSerial: 1_000_000, intents: ours.map(intentOf), wishes: noWishes }),
    settings: { state: 'fresh', atMs: benchNowMs, value: nothingLimited },
    tasks: new Map(ours.map(taskOf).map((task) => [task.id, task])),
    accounting: { kind: 'accounted', lastMs: benchNowMs },
    offers: new Map(Array.from({ length: offers }, (_, n) => offerOf(n)).map((offer) => [offer.id, offer])),
    mesos: {
      connected: true,
      suppressed: false,
      lastReviveMs: benchNowMs - 60_000,
      revivesUnanswered: 0,
      declined: [],
    },
  };
}

function nameOf(n: number): string {
  return `node${String(n).padStart(5, '0')}.example.org`;
}

function isOurs(n: number): boolean {
  return n % 2 === 1;
}

function propertiesOf(n: number): string[] {
  return [...(n % 8 === 0 ? ['bigmem'] : []), ...(n % 5 === 0 ? ['fast'] : []), `rack-${n % 20}`];
}

function taskIdOfNode({ requestId }: TorqueNode): string {
  return (requestId ?? '').slice(`${ownerMark}.${frameworkId}.`.length);
}

function taskOf(node: TorqueNode): TaskFacts {
  return {
    id: taskIdOfNode(node),
    agentId: `agent-of-${node.name}`,
    state: 'TASK_RUNNING',
    healthy: true,
    stage: 'answering',
    momName: node.name,
    message: '',
    sinceMs: benchNowMs - 86_400_000,
    aliveSinceMs: benchNowMs - 86_400_000,
    trusted: null,
    addresses: [],
  };
}

function intentOf(node: TorqueNode): Intent {
  return {
    taskId: taskIdOfNode(node),
    agentId: `agent-of-${node.name}`,
    nodeName: node.name,
    np: node.np,
    gpus: 0,
    properties: node.properties,
    resources: { cpuMilli: node.np * 1000 + 100, memMib: node.np * 512 + 64, diskMib: 0, gpus: 0 },
    ports: null,
    launchedAtMs: benchNowMs - 86_400_000,
    executorId: null,
    goal: { kind: 'hold' },
  };
}

function offerOf(n: number): OfferFacts {
  return {
    id: `offer-${String(n).padStart(6, '0')}`,
    agentId: `agent-${String(n).padStart(6, '0')}`,
    host: `agent${String(n).padStart(5, '0')}.example.org`,
    resources: { cpuMilli: 1000 * (2 + (n % 15)), memMib: gib * (2 + (n % 62)), diskMib: 100 * gib, gpus: 0 },
    ports: [{ begin: 31_000, end: 32_000 }],
    attributes: { rack: String(n % 20), kind: n % 9 === 0 ? 'bigmem' : 'plain' },
    receivedAtMs: benchNowMs - (n % 5000),
    unavailableFromMs: null,
  };
}
