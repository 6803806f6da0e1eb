/** What a framework is told. */
import {
  type TaskState,
  type TaskStatus,
  type TaskStatus_Reason,
  TaskStatus as TaskStatusFunctions,
} from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import { Event } from '@mesos-torque/proto/gen/mesos/v1/scheduler/scheduler.ts';
import { stateFor } from '../task-states.ts';
import { type Framework, hasCapability, type Master } from './master.ts';

/** An event for a framework that is not connected is lost, as with the real master. */
export function sendEvent(framework: Framework, event: Event): void {
  if (framework.connection.kind === 'connected') framework.connection.stream.send(event);
}

export const heartbeatEvent = Event.fromPartial({ type: 'HEARTBEAT' });

export function errorEvent(message: string): Event {
  return Event.fromPartial({ type: 'ERROR', error: { message } });
}

export function sendRescind(framework: Framework, offerId: string): void {
  sendEvent(framework, Event.fromPartial({ type: 'RESCIND', rescind: { offerId: { value: offerId } } }));
}

export function sendUpdate(framework: Framework, status: TaskStatus): void {
  const aware = hasCapability(framework.info, 'PARTITION_AWARE');
  const state = status.state === undefined ? undefined : stateFor(status.state, aware);
  sendEvent(framework, { type: 'UPDATE', update: { status: { ...status, state } } });
}

/** An executor's end, or an agent's when there is no executor. */
export function sendFailure(
  framework: Framework,
  agentId: string,
  executor: { readonly id: string; readonly waitStatus: number } | null,
): void {
  const failure =
    executor === null
      ? { agentId: { value: agentId } }
      : { agentId: { value: agentId }, executorId: { value: executor.id }, status: executor.waitStatus };
  sendEvent(framework, Event.fromPartial({ type: 'FAILURE', failure }));
}

export interface MasterStatus {
  readonly taskId: string;
  readonly state: TaskState;
  readonly reason: TaskStatus_Reason;
  readonly message: string;
  readonly agentId: string | null;
  readonly executorId: string | null;
}

/** A status that the master makes itself: without a uuid, so it is not to be acknowledged. */
export function masterStatus(master: Master, status: MasterStatus): TaskStatus {
  const { taskId, state, reason, message, agentId, executorId } = status;
  return TaskStatusFunctions.fromPartial({
    taskId: { value: taskId },
    state,
    message,
    source: 'SOURCE_MASTER',
    reason,
    ...(agentId === null ? {} : { agentId: { value: agentId } }),
    ...(executorId === null ? {} : { executorId: { value: executorId } }),
    timestamp: master.clock.nowMs() / 1000,
  });
}
