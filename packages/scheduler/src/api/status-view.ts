/**
 * The scheduler's state in the words of the control API: the latest plan and the snapshot that it was
 * made from, nothing of its own.
 */
import type {
  Amounts,
  GetStatusResponse,
  Reading as ReadingMessage,
} from '@mesos-torque/proto/gen/control/v1/control.ts';
import type { JobVerdict, Plan, Report } from '../core/decisions.ts';
import type { Reading, Snapshot } from '../core/facts.ts';
import type { Policy } from '../core/policy.ts';
import { sentence } from '../core/reasons.ts';

export interface Planned {
  readonly snapshot: Snapshot;
  readonly plan: Plan;
}

/** `latest` is null before the first plan was made: everything is then unknown, nothing is empty. */
export function statusOf(latest: Planned | null, policy: Policy): GetStatusResponse {
  const notPlanned = { state: 'unknown', why: 'no plan has been made yet' } as const;
  const snapshot = latest?.snapshot;
  const report = latest?.plan.report;
  return {
    plannedAtMs: BigInt(snapshot?.nowMs ?? 0),
    frameworkId: snapshot?.mesos.frameworkId ?? '',
    mesosConnected: snapshot?.mesos.connected ?? false,
    suppressed: snapshot?.mesos.suppressed ?? false,
    queueReading: readingMessage(snapshot?.queue ?? notPlanned),
    nodesReading: readingMessage(snapshot?.nodes ?? notPlanned),
    tasksReading: readingMessage(snapshot?.tasks ?? notPlanned),
    jobs: (report?.jobs ?? []).map((job) => ({
      id: job.jobId,
      verdict: job.kind,
      nodes: [...servingNodes(job)],
      why: sentence(job.why),
    })),
    nodes: (report?.nodes ?? []).map((node) => ({
      name: node.node,
      taskId: node.taskId ?? '',
      phase: node.phase,
      np: node.np,
      jobs: [...node.jobs],
      why: sentence(node.why),
    })),
    offers: (report?.offers ?? []).map((offer) => ({
      id: offer.offerId,
      host: offer.host,
      verdict: offer.kind,
      why: sentence(offer.why),
    })),
    held: amountsMessage(report?.held),
    heldAfter: amountsMessage(report?.heldAfter),
    floorNodes: policy.minSlotsHeld,
    notices: (report?.notices ?? []).map(sentence),
  };
}

function servingNodes(job: JobVerdict): readonly string[] {
  return job.kind === 'served' ? job.nodes : [];
}

function readingMessage(reading: Reading<unknown>): ReadingMessage {
  return {
    state: reading.state,
    atMs: BigInt(reading.state === 'unknown' ? 0 : reading.atMs),
    why: reading.state === 'fresh' ? '' : reading.why,
  };
}

function amountsMessage(amounts: Report['held'] | undefined): Amounts | undefined {
  if (amounts === undefined) return undefined;
  return {
    nodes: amounts.nodes,
    cpuMilli: BigInt(amounts.cpuMilli),
    memMib: BigInt(amounts.memMib),
    diskMib: BigInt(amounts.diskMib),
    gpus: BigInt(amounts.gpus),
  };
}
