/** Status updates in the planner's words. */
import { MomReport } from '@mesos-torque/proto/gen/torque/v1/orders.ts';
import type { TaskStatus } from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import { isIP } from 'node:net';
import type { MomStage } from '../core/facts.ts';
import type { AckToken, StatusFacts } from '../loop/ports.ts';
import { readHost, readId } from './read-id.ts';
import { unpackTrusted } from './trusted-hosts.ts';

const addressesMax = 32;

export type StatusReading =
  { readonly ok: true; readonly status: StatusFacts } | { readonly ok: false; readonly why: string };

/** Reads an update. */
export function readStatus(status: TaskStatus): StatusReading {
  const taskId = readId(status.taskId);
  if (taskId === null) return { ok: false, why: 'status without a readable task id' };
  if (status.state === undefined) return { ok: false, why: `status of task ${taskId} without a state` };
  const agentId = readId(status.agentId);
  const uuid = status.uuid?.toString('hex') ?? '';
  if (uuid !== '' && agentId === null) {
    return { ok: false, why: `status of task ${taskId} is to be acknowledged and names no agent` };
  }
  const ackToken: AckToken | null = uuid === '' || agentId === null ? null : { taskId, agentId, uuid };
  const report = reportIn(status);
  return {
    ok: true,
    status: {
      taskId,
      agentId,
      state: status.state,
      reason: status.reason?.replace(/^REASON_/, '') ?? null,
      source: sourceOf(status),
      message: status.message ?? '',
      healthy: status.healthy ?? null,
      stage: report.stage,
      momName: report.momName,
      trusted: report.trusted,
      addresses: report.addresses,
      ackToken,
    },
  };
}

function sourceOf({ source }: TaskStatus): StatusFacts['source'] {
  switch (source) {
    case 'SOURCE_MASTER':
      return 'master';
    case 'SOURCE_AGENT':
      return 'agent';
    case 'SOURCE_EXECUTOR':
      return 'executor';
    case 'UNRECOGNIZED':
    case undefined:
      return 'unknown';
  }
}

interface ReportFacts {
  readonly stage: MomStage;
  readonly momName: string | null;
  readonly trusted: readonly string[] | null;
  readonly addresses: readonly string[];
}

const nothingReported: ReportFacts = { stage: 'unknown', momName: null, trusted: null, addresses: [] };

/** The executor's own words. Only it writes them; data that cannot be read says nothing. */
function reportIn({ source, data }: TaskStatus): ReportFacts {
  if (source !== 'SOURCE_EXECUTOR' || data === undefined || data.length === 0) return nothingReported;
  try {
    const report = MomReport.decode(data);
    return {
      stage: stageOf(report),
      momName: readHost(report.nodeName),
      trusted: report.trustedTold ? unpackTrusted(report.trustedHosts) : null,
      addresses: report.addresses.slice(0, addressesMax).filter((address) => isIP(address) !== 0),
    };
  } catch {
    return nothingReported;
  }
}

/**
 * What the executor that sent this was built from, "" where it does not say; null where no executor sent it.
 */
export function executorBuildIn({ source, data }: TaskStatus): string | null {
  if (source !== 'SOURCE_EXECUTOR' || data === undefined || data.length === 0) return null;
  try {
    return MomReport.decode(data).executor?.build ?? '';
  } catch {
    return null;
  }
}

function stageOf({ stage }: MomReport): MomStage {
  switch (stage) {
    case 'MOM_STAGE_PREPARED':
      return 'prepared';
    case 'MOM_STAGE_STARTED':
      return 'started';
    case 'MOM_STAGE_ANSWERING':
      return 'answering';
    case 'MOM_STAGE_STOPPED':
      return 'stopped';
    case 'MOM_STAGE_UNSPECIFIED':
    case 'UNRECOGNIZED':
      return 'unknown';
  }
}
