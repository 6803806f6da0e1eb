/** The life of an executor on its agent: launching → registering → running → shutting down → gone. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Event, type Event as EventMessage } from '@mesos-torque/proto/gen/mesos/v1/executor/executor.ts';
import {
  type ContainerStatus,
  type ExecutorInfo,
  type FrameworkInfo,
  type KillPolicy,
  type TaskInfo,
} from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import { type EventStream } from '../wire/event-stream.ts';
import { durationOfMs } from '../wire/durations.ts';
import { type Agent, type Executor, keyOf, tasksOf, treeOf } from './agent.ts';
import { commandExecutor } from './command-executor.ts';
import { startContainer } from './container.ts';
import { executorEnvironment, graceMs } from './environment.ts';
import { fetchAll } from './fetcher.ts';
import { endTask, endTasksOf, type OwnUpdate } from './own-updates.ts';
import { processTree, type ProcessTree } from './process-tree.ts';
import { createSandbox, lookUpUser, sandboxDirectory, type SandboxPlace, type UserIds } from './sandbox.ts';
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
  const place = placeOf(agent, frameworkId, id, containerId);
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

function placeOf(agent: Agent, frameworkId: string, executorId: string, containerId: string): SandboxPlace {
  return { workDir: agent.options.workDir, agentId: agent.id ?? '', frameworkId, executorId, containerId };
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

async function launch(agent: Agent, executor: Executor, place: SandboxPlace): Promise<void> {
  const framework = agent.frameworks.get(executor.frameworkId);
  const { command } = executor.info;
  if (framework === undefined || command === undefined)
    throw new Error('an executor without framework or command passed the master');
  const user = await prepare(executor, place, command.user ?? framework.user ?? '');
  if (user.kind === 'failed') {
    gone(agent, executor, -1, {
      state: 'TASK_DROPPED',
      reason: 'REASON_EXECUTOR_TERMINATED',
      message: user.error,
    });
    return;
  }
  const fetched = await fetchAll({
    uris: command.uris,
    sandbox: executor.directory,
    cacheDirectory: join(agent.options.workDir, 'fetch'),
    limits: { stallTimeoutMs: agent.options.fetchStallTimeoutMs, bytesMax: agent.options.fetchBytesMax },
  });
  if (executor.phase.kind !== 'launching' || agent.closed) return;
  if (fetched.kind === 'failed') {
    const problem = `Failed to fetch all URIs for container '${executor.containerId}': exited with status 1`;
    gone(agent, executor, 256, launchFailed(problem));
    return;
  }
  await start(agent, executor, framework, user.ids);
}

function launchFailed(problem: string): OwnUpdate {
  const message = `Failed to launch container: ${problem}`;
  return { state: 'TASK_FAILED', reason: 'REASON_CONTAINER_LAUNCH_FAILED', message };
}

type Prepared =
  | { readonly kind: 'ready'; readonly ids: UserIds | null }
  | { readonly kind: 'failed'; readonly error: string };

/** Only root can run executors as somebody else; an ordinary user's agent runs them as itself. */
async function prepare(executor: Executor, place: SandboxPlace, user: string): Promise<Prepared> {
  const problem = `Failed to create executor directory '${executor.directory}'`;
  const found = await lookUpUser(user);
  if (found.kind === 'no-such-user') {
    return {
      kind: 'failed',
      error: `${problem}: Failed to chown directory to '${user}': No such user '${user}'`,
    };
  }
  const ids = process.getuid?.() === 0 ? found.ids : null;
  try {
    createSandbox(place, ids);
  } catch (error) {
    return { kind: 'failed', error: `${problem}: ${error instanceof Error ? error.message : String(error)}` };
  }
  return { kind: 'ready', ids };
}

async function start(
  agent: Agent,
  executor: Executor,
  framework: FrameworkInfo,
  user: UserIds | null,
): Promise<void> {
  const environment = executorEnvironment(agent, framework, executor);
  const { command } = executor.info;
  const started = await startContainer({
    command: command ?? { uris: [], arguments: [] },
    sandbox: executor.directory,
    environment,
    user,
  });
  if (started.kind === 'failed') {
    gone(agent, executor, 256, launchFailed(started.error));
    return;
  }
  const tree = processTree(started.root, executor.directory, agent.clock);
  await tree.look();
  void started.ended.then((waitStatus) => ended(agent, executor, tree, waitStatus));
  if (executor.phase.kind !== 'launching') {
    // The framework was removed, or the executor shut down, while its files were fetched.
    await tree.kill();
    return;
  }
  const { executorRegistrationTimeoutMs: timeoutMs } = agent.options;
  const cancelTimeout = agent.clock.after(timeoutMs, () => {
    const message = `Executor did not register within ${durationOfMs(timeoutMs)}`;
    endTasksOf(agent, executor, {
      state: 'TASK_FAILED',
      reason: 'REASON_EXECUTOR_REGISTRATION_TIMEOUT',
      message,
    });
    void tree.kill();
  });
  executor.phase = { kind: 'registering', tree, cancelTimeout };
  agent.save();
  agent.log.info('executor started', {
    executor: executor.id,
    pid: started.root.pid,
    sandbox: executor.directory,
  });
}

/** The executor's process is over: what it left behind is killed, then the master is told. */
export async function ended(
  agent: Agent,
  executor: Executor,
  tree: ProcessTree,
  waitStatus: number,
): Promise<void> {
  if (agent.closed || executor.phase.kind === 'gone') return;
  const left = await tree.kill();
  if (left > 0)
    agent.log.error('processes of an executor could not be killed', { executor: executor.id, left });
  gone(agent, executor, waitStatus, {
    state: 'TASK_FAILED',
    reason: 'REASON_EXECUTOR_TERMINATED',
    message: 'Executor terminated',
  });
}

function gone(agent: Agent, executor: Executor, waitStatus: number, update: OwnUpdate): void {
  const { frameworkId, id: executorId, phase } = executor;
  if (phase.kind === 'registering') phase.cancelTimeout();
  if (phase.kind === 'shutting-down') phase.cancelKill();
  if (phase.kind === 'running') phase.stream?.breakOff();
  executor.phase = { kind: 'gone' };
  agent.executors.delete(keyOf(frameworkId, executorId));
  agent.log.info('executor ended', { executor: executorId, waitStatus });
  if (agent.frameworks.has(frameworkId)) {
    agent.report({ type: 'executor-exited', frameworkId, executorId, waitStatus });
    endTasksOf(agent, executor, update);
  }
  agent.save();
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
    gone(agent, executor, 9, {
      state: 'TASK_FAILED',
      reason: 'REASON_EXECUTOR_TERMINATED',
      message: 'Executor terminated',
    });
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
