/** Updates that the agent makes itself: with the executor's id, without a container status. */
import {
  TaskStatus,
  type TaskState,
  type TaskStatus_Reason,
} from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import { isTerminal } from '../task-states.ts';
import { randomUuidBytes } from '../wire/uuid.ts';
import { type Agent, type Executor, type Task, tasksOf } from './agent.ts';
import { takeUpdate } from './status-updates.ts';

export interface OwnUpdate {
  readonly state: TaskState;
  readonly reason: TaskStatus_Reason;
  readonly message: string;
}

export function endTask(agent: Agent, task: Task, update: OwnUpdate): void {
  const status = TaskStatus.fromPartial({
    taskId: { value: task.id },
    state: update.state,
    message: update.message,
    source: 'SOURCE_AGENT',
    reason: update.reason,
    agentId: { value: agent.id ?? '' },
    executorId: { value: task.executorId },
    timestamp: agent.clock.nowMs() / 1000,
    uuid: randomUuidBytes(),
  });
  takeUpdate(agent, task.frameworkId, status);
}

export function endTasksOf(agent: Agent, executor: Executor, update: OwnUpdate): void {
  for (const task of tasksOf(agent, executor)) {
    if (!isTerminal(task.state)) endTask(agent, task, update);
  }
}
