/** The life of an executor on its agent: launching → registering → running → shutting down → gone. */
import { randomUUID } from 'node:crypto';
import { Event, type Event as EventMessage } from '@mesos-torque/proto/gen/mesos/v1/executor/executor.ts';
import {
  type ContainerStatus,
  type ExecutorInfo,
  type FrameworkInfo,
  type KillPolicy,
  type TaskInfo,
} from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import { type EventStream } from '../wire/event-stream.ts';
import { type Agent, type Executor, keyOf, tasksOf, treeOf } from './agent.ts';
import { commandExecutor } from './command-executor.ts';
import { gone, terminated } from './end-executor.ts';
import { graceMs } from './environment.ts';
import { launch } from './launch.ts';
import { endTask, endTasksOf } from './own-updates.ts';
import { sandboxDirectory } from './sandbox.ts';
import { forgetUpdates } from './status-updates.ts';

/** Gives a task to its executor, which is started when it does not run yet. */
export function runTask(agent: Agent, framework: FrameworkInfo, info: TaskInfo): void {
  const frameworkId = framework.id?.value ?? '';
  agent.frameworks.set(frameworkId, framework);
  const executorInfo = info.executor ?? commandExecutor(frameworkId, info);
  const executorId = executorInfo.executorId?.value ?? '';
  const taskId = info.taskId?.value ?? '';
  const task = { frameworkId, executorId, id: taskId, info, state: 'TASK_STAGING' as const, status: null };
  agent.tasks.set(keyOf(frameworkId, taskId), task);

  const known = agent.executors.get(keyOf(frameworkId, executorId));
  if (known === undefined && agent.executors.size >= agent.options.executorsMax) {
    const message = `The agent runs ${agent.options.executorsMax} executors already`;
    endTask(agent, task, { state: 'TASK_FAILED', reason: 'REASON_CONTAINER_LAUNCH_FAILED', message });
    return;
  }
  const executor = known ?? create(agent, frameworkId, executorInfo);
  agent.save();
  deliver(agent, executor, info);
}

function create(agent: Agent, frameworkId: string, info: ExecutorInfo): Executor {
  const id = info.executorId?.value ?? '';
  const containerId = randomUUID();
  const { workDir } = agent.options;
  const place = { workDir, agentId: agent.id ?? '', frameworkId, executorId: id, containerId };
  const directory = sandboxDirectory(place);
  const executor: Executor = {
    frameworkId,
    id,
    info,
    containerId,
    directory,
    phase: { kind: 'launching' },
    queued: [],
  };
  agent.executors.set(keyOf(frameworkId, id), executor);
  void launch(agent, executor, place);
  return executor;
}

function deliver(agent: Agent, executor: Executor, task: TaskInfo): void {
  const { phase } = executor;
  switch (phase.kind) {
    case 'launching':
    case 'registering':
      executor.queued.push(task);
      return;
    case 'running':
      if (phase.stream === null) executor.queued.push(task);
      else phase.stream.send(Event.fromPartial({ type: 'LAUNCH', launch: { task } }));
      return;
    case 'shutting-down':
    case 'gone':
      endTasksOf(agent, executor, {
        state: 'TASK_DROPPED',
        reason: 'REASON_EXECUTOR_TERMINATED',
        message: 'Executor is terminating',
      });
      return;
  }
}

/** An executor has subscribed: it gets what waits for it. */
export function subscribed(agent: Agent, executor: Executor, stream: EventStream<EventMessage>): void {
  const { phase } = executor;
  const tree = treeOf(executor);
  if (tree === null) return;
  if (phase.kind === 'registering') phase.cancelTimeout();
  if (phase.kind === 'running') phase.stream?.breakOff();
  if (phase.kind === 'shutting-down') {
    stream.send(Event.fromPartial({ type: 'SHUTDOWN' }));
    return;
  }
  executor.phase = { kind: 'running', tree, stream };
  stream.send(subscribedEvent(agent, executor));
  const { queued } = executor;
  executor.queued = [];
  for (const task of queued) stream.send(Event.fromPartial({ type: 'LAUNCH', launch: { task } }));
}

function subscribedEvent(agent: Agent, executor: Executor): EventMessage {
  return Event.fromPartial({
    type: 'SUBSCRIBED',
    subscribed: {
      executorInfo: executor.info,
      frameworkInfo: agent.frameworks.get(executor.frameworkId) ?? {},
      agentInfo: {
        hostname: agent.options.hostname,
        port: agent.port,
        resources: [...agent.resources],
        attributes: [...agent.attributes],
        id: { value: agent.id ?? '' },
      },
      containerId: { value: executor.containerId },
    },
  });
}

/** The executor's stream is over, but the executor may live and come back. */
export function unsubscribed(executor: Executor, stream: EventStream<EventMessage>): void {
  const { phase } = executor;
  if (phase.kind === 'running' && phase.stream === stream) executor.phase = { ...phase, stream: null };
}

/** What the agent adds to the updates of an executor. */
export function containerStatus(agent: Agent, executor: Executor): ContainerStatus {
  const pid = treeOf(executor)?.root.pid;
  return {
    containerId: { value: executor.containerId },
    networkInfos: [{ ipAddresses: [{ ipAddress: agent.options.host }], groups: [] }],
    ...(pid === undefined ? {} : { executorPid: pid }),
  };
}

/** KILL: a task that has not reached its executor yet is ended here. */
export function killTask(
  agent: Agent,
  frameworkId: string,
  taskId: string,
  killPolicy: KillPolicy | null,
): void {
  const task = agent.tasks.get(keyOf(frameworkId, taskId));
  const executor = task === undefined ? undefined : agent.executors.get(keyOf(frameworkId, task.executorId));
  if (task === undefined || executor === undefined) return;
  const waits = executor.queued.some((queued) => queued.taskId?.value === taskId);
  if (waits) {
    executor.queued = executor.queued.filter((queued) => queued.taskId?.value !== taskId);
    const message = 'Task killed before delivery to executor';
    endTask(agent, task, { state: 'TASK_KILLED', reason: 'REASON_TASK_KILLED_DURING_LAUNCH', message });
    if (tasksOf(agent, executor).every((each) => each.state === 'TASK_KILLED')) shutDown(agent, executor);
    return;
  }
  const kill = { taskId: { value: taskId }, ...(killPolicy === null ? {} : { killPolicy }) };
  if (executor.phase.kind === 'running')
    executor.phase.stream?.send(Event.fromPartial({ type: 'KILL', kill }));
}

/** SHUTDOWN, and after the grace period the end of everything in the container. */
export function shutDown(agent: Agent, executor: Executor): void {
  const { phase } = executor;
  if (phase.kind === 'shutting-down' || phase.kind === 'gone') return;
  if (phase.kind === 'registering') phase.cancelTimeout();
  const tree = treeOf(executor);
  if (tree === null) {
    gone(agent, executor, 9, terminated);
    return;
  }
  if (phase.kind === 'running') phase.stream?.send(Event.fromPartial({ type: 'SHUTDOWN' }));
  const cancelKill = agent.clock.after(graceMs(agent, executor.info), () => {
    void tree.kill();
  });
  executor.phase = { kind: 'shutting-down', tree, cancelKill };
}

/** The framework is gone: its executors are ended, and nothing more is reported of them. */
export function shutDownFramework(agent: Agent, frameworkId: string): void {
  agent.frameworks.delete(frameworkId);
  forgetUpdates(agent, frameworkId);
  for (const [key, task] of agent.tasks) if (task.frameworkId === frameworkId) agent.tasks.delete(key);
  for (const executor of agent.executors.values()) {
    if (executor.frameworkId === frameworkId) shutDown(agent, executor);
  }
  agent.save();
}
