/** What the states of a task mean. */
import { type TaskState } from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';

const terminal: ReadonlySet<TaskState> = new Set<TaskState>([
  'TASK_FINISHED',
  'TASK_FAILED',
  'TASK_KILLED',
  'TASK_ERROR',
  'TASK_LOST',
  'TASK_DROPPED',
  'TASK_GONE',
  'TASK_GONE_BY_OPERATOR',
]);

export function isTerminal(state: TaskState): boolean {
  return terminal.has(state);
}

const partitionStates: ReadonlySet<TaskState> = new Set<TaskState>([
  'TASK_DROPPED',
  'TASK_UNREACHABLE',
  'TASK_GONE',
  'TASK_GONE_BY_OPERATOR',
  'TASK_UNKNOWN',
]);

/** Frameworks that are not PARTITION_AWARE hear TASK_LOST in place of the newer states. */
export function stateFor(state: TaskState, partitionAware: boolean): TaskState {
  return !partitionAware && partitionStates.has(state) ? 'TASK_LOST' : state;
}
