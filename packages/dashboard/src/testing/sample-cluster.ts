/** Clusters made up for the fake API: any size, the same for the same size, in the messages of the real one. */
import { Entry, Job, Node, Offer, type Amounts } from '@mesos-torque/proto/gen/control/v1/facts.ts';
import {
  GetHistoryResponse,
  GetStatusResponse,
  type GetSettingsResponse,
  RepairResponse,
} from '@mesos-torque/proto/gen/control/v1/messages.ts';
import { sampleHistory, sampleSettings, tally, type SampleSize } from './sample-history.ts';

export interface SampleCluster {
  readonly status: GetStatusResponse;
  readonly jobs: readonly Job[];
  readonly nodes: readonly Node[];
  readonly offers: readonly Offer[];
  /** Oldest first. */
  readonly entries: readonly Entry[];
  readonly history: GetHistoryResponse;
  readonly settings: GetSettingsResponse;
  readonly repair: RepairResponse;
}

const domain = 'hpc.example.org';
const frameworkId = '8f7a1c52-6d3e-4b0e-9a51-3f2f6f1f9f10-0000';
const second = 1_000;
const minute = 60 * second;

export function sampleCluster(size: SampleSize): SampleCluster {
  const nodes = Array.from({ length: size.nodes }, (_, index) => sampleNode(index, size));
  const jobs = Array.from({ length: size.jobs }, (_, index) => sampleJob(index, size));
  const offers = Array.from({ length: size.offers }, (_, index) => sampleOffer(index, size));
  const entries = Array.from({ length: size.entries }, (_, index) => sampleEntry(index, size));
  return {
    jobs,
    nodes,
    offers,
    entries,
    status: sampleStatus(size, jobs, nodes, offers),
    history: sampleHistory(size, jobs, nodes),
    settings: sampleSettings(),
    repair: RepairResponse.fromPartial({}),
  };
}

/** Nothing waits, nothing runs, nothing was decided yet. */
export function emptyCluster(nowMs: number): SampleCluster {
  const cluster = sampleCluster({ nodes: 0, jobs: 0, offers: 0, entries: 0, nowMs });
  return { ...cluster, history: GetHistoryResponse.fromPartial({}) };
}

export function nodeName(index: number): string {
  return `node${String(index + 1)}.${domain}`;
}

export function jobId(index: number): string {
  return `${String(index + 1)}.head.${domain}`;
}

function agentId(index: number): string {
  return `${frameworkId.slice(0, 36)}-S${String(index)}`;
}

/** Of every twenty nodes: fifteen up, and one of each that is rarer. */
const phases = [
  'up',
  'up',
  'up',
  'draining',
  'up',
  'up',
  'registering',
  'up',
  'up',
  'up',
  'starting',
  'up',
  'up',
  'launching',
  'up',
  'up',
  'suspect',
  'up',
  'up',
  'leaving',
];
const nodeWhy: Readonly<Record<string, readonly [string, string]>> = {
  up: ['busy', 'runs 2 jobs'],
  draining: ['jobs-remain', 'waits for 17.head.hpc.example.org to end'],
  registering: ['waits-for-mom', 'the mom was told to start; waits until the node is free'],
  starting: ['waits-for-host-list', 'created; waits until pbs_server has sent its host list'],
  launching: ['waits-for-executor', 'launched; waits for the executor to speak'],
  suspect: [
    'unhealthy',
    'the executor finds the mom unhealthy: "momctl -d 0: no answer within 10 s"; so for 95 s, 120 s are allowed',
  ],
  leaving: ['kill-sent', 'the task was told to end; waits for its last word'],
};

function sampleNode(index: number, { nowMs, jobs }: SampleSize): Node {
  const phase = phases[index % phases.length] ?? 'up';
  const [whyCode, why] = nodeWhy[phase] ?? ['', ''];
  const isUp = phase === 'up' || phase === 'draining' || phase === 'suspect';
  const isBusy = isUp && jobs > 0;
  return Node.fromPartial({
    name: nodeName(index),
    taskId: `mt-${String(1000 + index)}-${String(index % 7)}`,
    phase,
    np: 8,
    jobs: isBusy ? [jobId((index * 2) % jobs), jobId((index * 2 + 1) % jobs)] : [],
    why,
    whyCode,
    agentId: agentId(index),
    states:
      phase === 'launching' ? [] : isUp ? [isBusy ? 'job-exclusive' : 'free'] : ['down', 'mom-list-not-sent'],
    properties: index % 3 === 0 ? ['bigmem', 'rack1'] : ['rack2'],
    slotsUsed: isBusy ? 8 : 0,
    resources: amounts(1, 8_200, 33_792, 10_240),
    launchedAtMs: BigInt(nowMs - (index % 50) * 7 * minute - 3 * minute),
    phaseSinceMs: BigInt(nowMs - (index % 40) * 40 * second - 12 * second),
    idleSinceMs: isUp && !isBusy ? BigInt(nowMs - 80 * second) : 0n,
    taskState: phase === 'launching' ? 'TASK_STAGING' : 'TASK_RUNNING',
    momHealth: phase === 'suspect' ? 'unhealthy' : isUp ? 'healthy' : '',
    momStage: phase === 'launching' ? 'unknown' : isUp ? 'answering' : 'prepared',
    goal: phase === 'draining' ? 'drain' : phase === 'leaving' ? 'leave' : 'hold',
  });
}

const waitingWhy: readonly (readonly [string, string])[] = [
  [
    'short-memory',
    'none of 14 offers fits; the closest: memory: asked 65,536 MiB, offer had 48,000, short by 17,536, agent S7',
  ],
  [
    'safe-allocation-cpus',
    'cpus: holding 16 and launching 8 more would make 24, the safe allocation is 20, short by 4',
  ],
  ['no-offers', 'no free slots fit it, and Mesos offers nothing at this moment'],
  ['gang-incomplete', '3 of 4 nodes found, 1 missing: property infiniband: agent S3 does not have it'],
  ['no-property', 'none of 14 offers fits; the closest: property gpu-a100: agent S2 does not have it'],
  [
    'agent-backs-off',
    'agent S9 backs off for 240 s after 3 failed launches: TASK_FAILED: "pbs_mom exited 3"',
  ],
];
const owners = ['alice', 'bob', 'carol', 'dmitri', 'eve'];
const names = ['relax-cell', 'blast-nr', 'STDIN', 'train-unet-large', 'md-water-310K'];

function sampleJob(index: number, { nowMs, nodes }: SampleSize): Job {
  const running = index < nodes * 2;
  const kind = running
    ? 'running'
    : ([
        'waiting',
        'waiting',
        'served',
        'waiting',
        'held',
        'waiting',
        'waiting',
        'impossible',
        'waiting',
        'waiting',
      ][index % 10] ?? 'waiting');
  const [whyCode, why] = jobWhy(kind, index);
  return Job.fromPartial({
    id: jobId(index),
    verdict: kind === 'running' || kind === 'held' ? 'not-demand' : kind,
    nodes: kind === 'served' && nodes > 0 ? [nodeName(index % nodes)] : [],
    why,
    whyCode,
    name: names[index % names.length] ?? 'STDIN',
    owner: owners[index % owners.length] ?? 'alice',
    queue: index % 4 === 0 ? 'long' : 'batch',
    state: kind === 'running' ? 'running' : kind === 'held' ? 'held' : 'queued',
    request: index % 3 === 0 ? '4 nodes with 8 slots each, bigmem' : '1 node with 4 slots, 64 GiB memory',
    queuedAtMs: BigInt(nowMs - (index % 300) * 17 * second - 20 * second),
    execNodes: kind === 'running' ? [nodeName(index % Math.max(1, nodes))] : [],
    comment: kind === 'waiting' ? 'Not Running: Not enough of the right type of nodes are available' : '',
    walltimeS: 3_600 * (1 + (index % 48)),
  });
}

function jobWhy(kind: string, index: number): readonly [string, string] {
  switch (kind) {
    case 'running':
      return ['job-running', 'is running'];
    case 'held':
      return ['job-held', 'is held by its user'];
    case 'served':
      return ['nodes-on-their-way', 'will run on node7.hpc.example.org, once all are up'];
    case 'impossible':
      return ['impossible', 'asks 128 slots on one node, npMax allows 64: 64 too many'];
    default:
      return waitingWhy[(index * 7) % waitingWhy.length] ?? ['', ''];
  }
}

function sampleOffer(index: number, { nowMs }: SampleSize): Offer {
  const kind = ['declined', 'accepted', 'declined', 'declined', 'held'][index % 5] ?? 'declined';
  const why: Readonly<Record<string, readonly [string, string]>> = {
    accepted: ['launch-for-jobs', 'a node of 8 slots for 17.head.hpc.example.org'],
    held: ['held-for-gang', 'held for 23.head.hpc.example.org: 3 of 4 nodes found'],
    declined:
      index % 2 === 0
        ? ['short-memory', 'memory: asked 65,536 MiB, offer had 48,000, short by 17,536, agent S7']
        : ['no-demand', 'nothing waits for nodes'],
  };
  const [whyCode, text] = why[kind] ?? ['', ''];
  return Offer.fromPartial({
    id: `${frameworkId.slice(0, 36)}-O${String(4000 + index)}`,
    host: nodeName(400 + index),
    verdict: kind,
    why: text,
    whyCode,
    agentId: agentId(400 + index),
    resources: amounts(0, 16_000, 48_000, 102_400),
    attributes: { rack: 'rack2' },
    receivedAtMs: BigInt(nowMs - (index % 20) * second),
    refuseS: kind === 'declined' ? 120n : 0n,
    heldUntilMs: kind === 'held' ? BigInt(nowMs + 20 * second) : 0n,
  });
}

const lifeSteps: readonly (readonly [event: string, to: string, why: string])[] = [
  ['node launched', '', 'a node of 8 slots for 17.head.hpc.example.org'],
  ['node phase changed', 'launching', 'launched; waits for the executor to speak'],
  ['node created', '', 'pbs_server needs up to 10 s to announce it, and its executor is on its way'],
  ['node phase changed', 'starting', 'created; waits until pbs_server has sent its host list'],
  ['node phase changed', 'registering', 'the mom was told to start; waits until the node is free'],
  ['node phase changed', 'up', 'runs 2 jobs'],
  ['offers declined', '', 'memory: asked 65,536 MiB, offer had 48,000, short by 17,536, agent S7'],
  ['node set offline', '', 'idle for 312 s, 300 s are allowed'],
  ['node phase changed', 'draining', 'idle for 312 s, 300 s are allowed'],
];

/** Eight nodes at a time live through the steps, the last of them now. */
function sampleEntry(index: number, { nowMs, nodes, entries }: SampleSize): Entry {
  const [event, to, why] = lifeSteps[index % lifeSteps.length] ?? ['node created', '', ''];
  const life = Math.floor(index / lifeSteps.length) % Math.max(1, nodes);
  const step = index % lifeSteps.length;
  const round = Math.floor(index / lifeSteps.length / Math.max(1, nodes));
  const from = lifeSteps.slice(0, step).findLast(([, phase]) => phase !== '')?.[1] ?? 'null';
  const isDecline = event === 'offers declined';
  return Entry.fromPartial({
    sequence: BigInt(index + 1),
    atMs: BigInt(nowMs - (entries - index) * 4 * second),
    event,
    node: isDecline ? '' : nodeName(life),
    taskId: isDecline ? '' : `mt-${String(1000 + life)}-${String(round)}`,
    why,
    data:
      to === ''
        ? isDecline
          ? { offers: '14', refuseS: '120' }
          : { ms: String(30 + step * 11) }
        : { from, to, ms: String(4_000) },
  });
}

function amounts(nodes: number, cpuMilli: number, memMib: number, diskMib: number): Amounts {
  return { nodes, cpuMilli: BigInt(cpuMilli), memMib: BigInt(memMib), diskMib: BigInt(diskMib), gpus: 0n };
}

function sampleStatus(
  size: SampleSize,
  jobs: readonly Job[],
  nodes: readonly Node[],
  offers: readonly Offer[],
): GetStatusResponse {
  const reading = { state: 'fresh', atMs: BigInt(size.nowMs - 900), why: '' };
  const held = amounts(size.nodes, size.nodes * 8_200, size.nodes * 33_792, size.nodes * 10_240);
  const safeNodes = Math.ceil((size.nodes * 1.25 + 5) / 10) * 10;
  return GetStatusResponse.fromPartial({
    plannedAtMs: BigInt(size.nowMs - 400),
    frameworkId,
    mesosConnected: true,
    suppressed: size.jobs === 0,
    queueReading: reading,
    nodesReading: reading,
    tasksReading: reading,
    settingsReading: reading,
    held,
    heldAfter: {
      ...held,
      nodes: held.nodes + 2,
      cpuMilli: held.cpuMilli + 16_400n,
      memMib: held.memMib + 67_584n,
    },
    floorNodes: 4,
    jobsByVerdict: tally(jobs.map(({ verdict }) => verdict)),
    jobsByState: tally(jobs.map(({ state }) => state)),
    jobsByReason: tally(jobs.filter(({ verdict }) => verdict === 'waiting').map(({ whyCode }) => whyCode)),
    nodesByPhase: tally(nodes.map(({ phase }) => phase)),
    offersByVerdict: tally(offers.map(({ verdict }) => verdict)),
    safeAllocation: {
      nodes: safeNodes,
      cpuMilli: BigInt(safeNodes * 8_200),
      memMib: BigInt(safeNodes * 33_792),
    },
    version: '0.1.0',
    startedAtMs: BigInt(size.nowMs - 7 * 3_600 * second),
    role: 'leading',
    ready: true,
  });
}
