/** Status updates in the planner's words. */
import { MomReport } from '@mesos-torque/proto/gen/torque/v1/orders.ts';
import type { TaskStatus } from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import type { MomStage } from '../core/facts.ts';
import type { AckToken, StatusFacts } from '../loop/ports.ts';
import { readHost, readId } from './read-id.ts';

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
}

/** The executor's own words. Only it writes them; data that cannot be read says nothing. */
function reportIn({ source, data }: TaskStatus): ReportFacts {
  if (source !== 'SOURCE_EXECUTOR' || data === undefined || data.length === 0) {
    return { stage: 'unknown', momName: null };
  }
  try {
    const report = MomReport.decode(data);
    return { stage: stageOf(report), momName: readHost(report.nodeName) };
  } catch {
    return { stage: 'unknown', momName: null };
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
