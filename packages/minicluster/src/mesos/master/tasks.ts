/** The master's table of tasks and executors. */
import {
  type Resource,
  type TaskInfo,
  type TaskState,
  type TaskStatus,
} from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import { sum, unallocated } from '../resources/quantities.ts';
import { isTerminal } from '../task-states.ts';
import { executorKey, type Framework, type Master, type Task } from './master.ts';

/** Statuses that are remembered of one task. */
const statusesMax = 100;

export function addTask(framework: Framework, info: TaskInfo, agentId: string, state: TaskState): Task {
  const task: Task = {
    id: info.taskId?.value ?? '',
    frameworkId: framework.id,
    agentId,
    executorId: info.executor?.executorId?.value ?? null,
    info,
    state,
    forwardedState: state,
    forwardedUuid: null,
    statuses: [],
  };
  framework.tasks.set(task.id, task);
  return task;
}

/** Takes down what an update says. Labels and data are not kept: reconciliation never gives them back. */
export function recordStatus(task: Task, status: TaskStatus, latestState: TaskState): void {
  task.state = latestState;
  if (status.state !== undefined) task.forwardedState = status.state;
  task.forwardedUuid = status.uuid ?? null;
  task.statuses.push(status);
  if (task.statuses.length > statusesMax) task.statuses.shift();
}

/** The task is over and its end is acknowledged, or it is lost for good. */
export function completeTask(master: Master, framework: Framework, task: Task): void {
  framework.tasks.delete(task.id);
  framework.completedTasks.push(task);
  if (framework.completedTasks.length > master.options.completedTasksMax) framework.completedTasks.shift();
}

export function removeExecutor(framework: Framework, agentId: string, executorId: string): void {
  framework.executors.delete(executorKey(agentId, executorId));
}

export function tasksOnAgent(framework: Framework, agentId: string): Task[] {
  return [...framework.tasks.values()].filter((task) => task.agentId === agentId);
}

/** What the tasks and executors on an agent hold; a task that has ended holds nothing. */
export function usedOnAgent(master: Master, agentId: string): Resource[] {
  return sum([...master.frameworks.values()].map((framework) => unallocated(usedBy(framework, agentId))));
}

/** What a framework holds, allocated to its roles; on one agent, or on all when `agentId` is null. */
export function usedBy(framework: Framework, agentId: string | null): Resource[] {
  const here = (thing: { readonly agentId: string }): boolean =>
    agentId === null || thing.agentId === agentId;
  const tasks = [...framework.tasks.values()].filter((task) => here(task) && !isTerminal(task.state));
  const executors = [...framework.executors.values()].filter(here);
  return sum([
    ...tasks.map((task) => task.info.resources),
    ...executors.map((executor) => executor.info.resources),
  ]);
}
