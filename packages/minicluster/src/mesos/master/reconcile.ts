/** RECONCILE and KILL: what the master says of tasks that it is asked about. */
import { type TaskState, type TaskStatus } from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import { type Call_Kill, type Call_Reconcile } from '@mesos-torque/proto/gen/mesos/v1/scheduler/scheduler.ts';
import { packedKillPolicy } from '../link.ts';
import { isTerminal } from '../task-states.ts';
import { order } from './agents.ts';
import { masterStatus, sendUpdate } from './events.ts';
import { type Framework, type Master, type Task } from './master.ts';

/** An empty list asks for every task that has not ended; there is no end mark. */
export function reconcile(master: Master, framework: Framework, call: Call_Reconcile): void {
  if (call.tasks.length === 0) {
    for (const task of framework.tasks.values()) {
      if (!isTerminal(task.forwardedState)) sendUpdate(framework, known(master, task));
    }
    return;
  }
  for (const { taskId, agentId } of call.tasks) {
    sendUpdate(framework, answer(master, framework, taskId?.value ?? '', agentId?.value ?? null));
  }
}

/** A known task is known whatever agent is named; unreachable ones only by their agent. */
function answer(master: Master, framework: Framework, taskId: string, agentId: string | null): TaskStatus {
  const task = framework.tasks.get(taskId);
  if (task !== undefined) return known(master, task);
  const say = (state: TaskState, message: string): TaskStatus =>
    unknown(master, taskId, agentId, state, message);
  if (agentId === null) return say('TASK_UNKNOWN', 'Task is unknown');
  if (master.agents.has(agentId)) return say('TASK_GONE', 'Task is unknown to the agent');
  const unreachableSince = master.unreachableAgents.get(agentId);
  if (unreachableSince !== undefined) {
    return {
      ...say('TASK_UNREACHABLE', 'Task is unreachable'),
      unreachableTime: { nanoseconds: unreachableSince },
    };
  }
  if (master.goneAgents.has(agentId)) return say('TASK_GONE_BY_OPERATOR', 'Task is gone');
  return say('TASK_UNKNOWN', 'Task is unknown');
}

/** The state of the last update, with its health and container, but without its labels, data and uuid. */
function known(master: Master, task: Task): TaskStatus {
  const last = task.statuses.at(-1);
  const status = masterStatus(master, {
    taskId: task.id,
    agentId: task.agentId,
    executorId: task.executorId,
    state: task.forwardedState,
    reason: 'REASON_RECONCILIATION',
    message: 'Reconciliation: Latest task state',
  });
  return { ...status, healthy: last?.healthy, containerStatus: last?.containerStatus };
}

function unknown(
  master: Master,
  taskId: string,
  agentId: string | null,
  state: TaskState,
  message: string,
): TaskStatus {
  const reason = 'REASON_RECONCILIATION';
  const text = `Reconciliation: ${message}`;
  return masterStatus(master, { taskId, agentId, executorId: null, state, reason, message: text });
}

/** A task that is not known is answered as if it had been asked about; for one whose agent is away, the kill is lost. */
export function kill(master: Master, framework: Framework, call: Call_Kill): void {
  const taskId = call.taskId?.value ?? '';
  const task = framework.tasks.get(taskId);
  if (task === undefined) {
    sendUpdate(framework, answer(master, framework, taskId, call.agentId?.value ?? null));
    return;
  }
  const killPolicy = call.killPolicy === undefined ? null : packedKillPolicy.pack(call.killPolicy);
  order(master.agents.get(task.agentId), {
    type: 'kill-task',
    frameworkId: framework.id,
    taskId,
    killPolicy,
  });
}
