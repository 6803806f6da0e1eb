/**
 * A trace on a cluster: jobs in the form in which TORQUE queues and places them, and what of the trace
 * cannot run there.
 */
import { unreachable } from '@mesos-torque/common/units.ts';
import { quote } from '@mesos-torque/common/text.ts';
import type { JobRequest, NodeRequest } from '../core/facts.ts';
import type { Agent } from './cluster.ts';
import { Placer } from './model/placer.ts';
import type { Trace, TraceJob } from './trace/trace.ts';

export interface ReplayJob {
  readonly id: string;
  readonly submitMs: number;
  readonly runMs: number;
  readonly walltimeMs: number | null;
  /** What schedulers believe that it takes; the true time where the user said nothing. */
  readonly estimateMs: number;
  readonly request: PlacedRequest;
  /** Slots in all. */
  readonly slots: number;
  /** Nodes as TORQUE counts them (`nodect`). */
  readonly nodect: number;
}

export type PlacedRequest = Exclude<JobRequest, { kind: 'not-understood' }>;

export interface Workload {
  readonly cluster: readonly Agent[];
  /** In the order of submission. */
  readonly jobs: readonly ReplayJob[];
  readonly notUnderstood: number;
  /** What was not understood, by reason, with the number of jobs. */
  readonly reasons: ReadonlyMap<string, number>;
  /** Jobs that the whole cluster, empty, could not run. */
  readonly impossible: number;
  /** Properties that jobs ask for and the cluster's description does not have, with the number of jobs. */
  readonly assumed: ReadonlyMap<string, number>;
}

/** `jobsMax`: only so many of the first jobs. */
export function workloadOf(trace: Trace, cluster: readonly Agent[], jobsMax: number): Workload {
  const reasons = new Map<string, number>();
  const assumed = new Map<string, number>();
  const placer = new Placer(cluster);
  const known = new Set(cluster.flatMap((agent) => agent.properties));
  const slotsPerNode = Math.min(...cluster.map((agent) => agent.slots));
  const jobs: ReplayJob[] = [];
  let notUnderstood = 0;
  let impossible = 0;
  for (const job of trace.jobs.slice(0, jobsMax)) {
    const asked = requestOf(job, slotsPerNode);
    if (asked.kind === 'not-understood') {
      notUnderstood += 1;
      count(reasons, `${quote(asked.text)} ${asked.why}`);
      continue;
    }
    const request = onCluster(asked, cluster, known, assumed);
    const replayed = replayJobOf(job, jobs.length + 1, request);
    if (placer.fitsEmpty(replayed)) jobs.push(replayed);
    else impossible += 1;
  }
  return { cluster, jobs, notUnderstood, reasons, impossible, assumed };
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/**
 * Processors become whole nodes of the smallest size that there is, and one node with the rest: 5 processors on nodes of
 * 2 are `nodes=2:ppn=2+1:ppn=1`.
 */
function requestOf({ asked }: TraceJob, slotsPerNode: number): JobRequest {
  switch (asked.kind) {
    case 'request':
      return asked.request;
    case 'processors': {
      const part = (nodes: number, ppn: number): NodeRequest[] =>
        nodes === 0 || ppn === 0 ? [] : [{ count: nodes, ppn, gpus: 0, properties: [], host: null }];
      const rest = asked.count % slotsPerNode;
      const parts = [...part((asked.count - rest) / slotsPerNode, slotsPerNode), ...part(1, rest)];
      const ppnMax = Math.max(...parts.map(({ ppn }) => ppn));
      return {
        kind: 'nodes',
        parts,
        memMibPerNode: asked.memMibPerProcessor * ppnMax,
        memMibPerSlot: 0,
        exclusive: false,
      };
    }
    default:
      return unreachable(asked);
  }
}

/**
 * The job ran on the machine that the trace is of, so a property that the description leaves out is one
 * that its nodes had; only names of kinds (`cl_…`) are complete. A host is known by the first label of its name.
 */
function onCluster(
  request: PlacedRequest,
  cluster: readonly Agent[],
  known: ReadonlySet<string>,
  assumed: Map<string, number>,
): PlacedRequest {
  if (request.kind === 'procs') return request;
  const isDescribed = (property: string): boolean => known.has(property) || property.startsWith('cl_');
  const unknown = new Set(
    request.parts.flatMap((part) => part.properties.filter((property) => !isDescribed(property))),
  );
  for (const property of unknown) count(assumed, property);
  const parts = request.parts.map((part) => ({
    ...part,
    properties: part.properties.filter(isDescribed),
    host: part.host === null ? null : hostOn(cluster, part.host),
  }));
  return { ...request, parts };
}

function hostOn(cluster: readonly Agent[], host: string): string {
  const label = host.split('.')[0] ?? host;
  return cluster.some((agent) => agent.host === label) ? label : host;
}

function replayJobOf(job: TraceJob, serial: number, request: PlacedRequest): ReplayJob {
  const { submitMs, runMs, walltimeMs } = job;
  const sizes =
    request.kind === 'procs'
      ? { slots: request.slots, nodect: 1 }
      : {
          slots: request.parts.reduce((sum, part) => sum + part.count * part.ppn, 0),
          nodect: request.parts.reduce((sum, part) => sum + part.count, 0),
        };
  return {
    id: `${serial}.replay`,
    submitMs,
    runMs,
    walltimeMs,
    estimateMs: walltimeMs ?? runMs,
    request,
    ...sizes,
  };
}
