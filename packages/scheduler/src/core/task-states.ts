/** What the states of Mesos tasks mean to us. */
import { unreachable } from '@mesos-torque/common/units.ts';
import type { TaskFacts, TaskStateName } from './facts.ts';

/**
 * - `waiting`: not running yet. `alive`: the executor speaks. `ending`: being killed.
 * - `lost-sight`: TASK_UNREACHABLE, which can come back. `ended`: over, as far as Mesos knows.
 * - `strange`: a state of a later Mesos.
 */
export type TaskStanding = 'waiting' | 'alive' | 'ending' | 'lost-sight' | 'ended' | 'strange';

export function standingOf(state: TaskStateName): TaskStanding {
  switch (state) {
    case 'TASK_STAGING':
      return 'waiting';
    case 'TASK_STARTING':
    case 'TASK_RUNNING':
      return 'alive';
    case 'TASK_KILLING':
      return 'ending';
    case 'TASK_UNREACHABLE':
      return 'lost-sight';
    case 'TASK_FINISHED':
    case 'TASK_FAILED':
    case 'TASK_KILLED':
    case 'TASK_ERROR':
    case 'TASK_LOST':
    case 'TASK_DROPPED':
    case 'TASK_GONE':
    case 'TASK_GONE_BY_OPERATOR':
    case 'TASK_UNKNOWN':
      return 'ended';
    case 'UNRECOGNIZED':
      return 'strange';
    default:
      return unreachable(state);
  }
}

/** Ends that Mesos does not take back: nothing is held for such a task any more. */
export function holdsNothing(state: TaskStateName): boolean {
  return (
    state === 'TASK_FINISHED' || state === 'TASK_FAILED' || state === 'TASK_KILLED' || state === 'TASK_ERROR'
  );
}

/**
 * Whether the mom was started. After a restart of ours Mesos tells the state without the executor's
 * report (answers to RECONCILE carry no data): the stage is unknown then, and a running task has a mom.
 */
export function momStarted(task: TaskFacts): boolean {
  switch (task.stage) {
    case 'started':
    case 'answering':
    case 'stopped':
      return true;
    case 'prepared':
      return false;
    case 'unknown':
      return task.state === 'TASK_RUNNING';
    default:
      return unreachable(task.stage);
  }
}
