/** The life of an agent as the master sees it: joined, lost, unreachable, back, removed. */
import { randomUUID } from 'node:crypto';
import {
  type TaskState,
  type TaskStatus_Reason,
  type FrameworkInfo,
} from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import {
  packedAttribute,
  packedExecutor,
  packedFramework,
  packedResource,
  packedStatus,
  packedTask,
  type Join,
  type JoinedTask,
  type Order,
} from '../link.ts';
import { isTerminal } from '../task-states.ts';
import { requestAllocation } from './allocator.ts';
import { answersPing } from './ping.ts';
import { masterStatus, sendFailure, sendUpdate } from './events.ts';
import { type Agent, executorKey, type Framework, type Master, type Task } from './master.ts';
import { offersWhere, rescind } from './offers.ts';
import { addTask, completeTask, recordStatus, tasksOnAgent } from './tasks.ts';

/** Sends to an agent; what is meant for one that is away is lost, as with the real master. */
export function order(agent: Agent | undefined, message: Order): void {
  if (agent?.link.kind === 'connected') agent.link.order(message);
}

/** The way back to an agent that joins. */
export interface Wire {
  readonly order: (order: Order) => void;
  readonly close: () => void;
}

/** Takes an agent in, whether new, back in time, or back from being unreachable. */
export function joinAgent(master: Master, join: Join, wire: Wire): Agent | null {
  if (join.agentId !== null && master.goneAgents.has(join.agentId)) {
    wire.order({ type: 'shut-down', reason: 'Agent has been marked gone' });
    return null;
  }
  removePredecessor(master, join);
  const agent = knownAgent(master, join) ?? newAgent(master, join);
  if (agent === null) {
    wire.order({ type: 'shut-down', reason: `More than ${master.options.agentsMax} agents` });
    return null;
  }
  connect(master, agent, wire);
  requestAllocation(master);
  return agent;
}

/** An agent with an empty work directory on the address of one that went away takes its place. */
function removePredecessor(master: Master, join: Join): void {
  for (const agent of master.agents.values()) {
    const samePlace =
      agent.port === join.port && agent.address === join.address && agent.hostname === join.hostname;
    if (!samePlace || agent.id === join.agentId || agent.link.kind === 'connected') continue;
    removeAgent(master, agent, lost(agent, 'a new agent registered at the same address'));
  }
}

function knownAgent(master: Master, join: Join): Agent | null {
  const agent = join.agentId === null ? undefined : master.agents.get(join.agentId);
  if (agent === undefined) return null;
  agent.reregisteredMs = master.clock.nowMs();
  if (agent.link.kind === 'connected') agent.link.close();
  dropForgottenTasks(master, agent, join);
  return agent;
}

function newAgent(master: Master, join: Join): Agent | null {
  if (master.agents.size >= master.options.agentsMax) return null;
  const agent: Agent = {
    id: join.agentId ?? `${master.id}-S${master.next.agent}`,
    hostname: join.hostname,
    address: join.address,
    port: join.port,
    resources: join.resources.map(packedResource.unpack),
    attributes: join.attributes.map(packedAttribute.unpack),
    registeredMs: master.clock.nowMs(),
    reregisteredMs: join.agentId === null ? null : master.clock.nowMs(),
    link: { kind: 'disconnected' },
    pingsMissed: 0,
    cancelPing: () => undefined,
  };
  if (join.agentId === null) master.next.agent += 1;
  master.agents.set(agent.id, agent);
  if (join.agentId !== null) takeBack(master, agent, join);
  watch(master, agent);
  return agent;
}

/** What an agent that was unreachable, or that an earlier master knew, still has. */
function takeBack(master: Master, agent: Agent, join: Join): void {
  const wasUnreachable = master.unreachableAgents.delete(agent.id);
  for (const info of join.frameworks.map(packedFramework.unpack)) recoverFramework(master, info);
  for (const executor of join.executors) {
    const framework = master.frameworks.get(executor.frameworkId);
    const info = packedExecutor.unpack(executor.info);
    const id = info.executorId?.value ?? '';
    framework?.executors.set(executorKey(agent.id, id), {
      frameworkId: framework.id,
      agentId: agent.id,
      id,
      info,
    });
  }
  const message = wasUnreachable ? 'Unreachable agent re-reregistered' : 'Unknown agent reregistered';
  for (const task of join.tasks) takeTaskBack(master, agent, task, message);
}

/** A framework that an earlier master knew; its scheduler has not come to this one yet. */
function recoverFramework(master: Master, info: FrameworkInfo): void {
  const id = info.id?.value ?? '';
  if (master.frameworks.has(id) || master.completedFrameworks.has(id)) return;
  master.frameworks.set(id, {
    id,
    info,
    connection: { kind: 'recovered' },
    suppressedRoles: new Set(),
    offerConstraints: null,
    filters: [],
    registeredMs: master.clock.nowMs(),
    reregisteredMs: master.clock.nowMs(),
    unregisteredMs: 0,
    tasks: new Map(),
    unreachableTasks: new Map(),
    completedTasks: [],
    executors: new Map(),
  });
}

function takeTaskBack(master: Master, agent: Agent, joined: JoinedTask, message: string): void {
  const framework = master.frameworks.get(joined.frameworkId);
  if (framework === undefined) {
    order(agent, { type: 'shut-down-framework', frameworkId: joined.frameworkId });
    return;
  }
  const state = joined.state as TaskState;
  const task = addTask(framework, packedTask.unpack(joined.info), agent.id, state);
  framework.unreachableTasks.delete(task.id);
  const last = joined.status === null ? null : packedStatus.unpack(joined.status);
  if (last !== null) recordStatus(task, last, state);
  task.forwardedState = state;
  const own = statusOf(master, task, { state, reason: 'REASON_AGENT_REREGISTERED', message });
  // A task that ended meanwhile has no health any more.
  const healthy = isTerminal(state) ? undefined : last?.healthy;
  sendUpdate(framework, { ...own, healthy, containerStatus: last?.containerStatus });
}

/** Tasks that never reached the agent, because it was away when they were launched. */
function dropForgottenTasks(master: Master, agent: Agent, join: Join): void {
  const kept = new Set(
    join.tasks.map((task) => JSON.stringify([task.frameworkId, packedTask.unpack(task.info).taskId?.value])),
  );
  const executors = new Set(
    join.executors.map((e) =>
      JSON.stringify([e.frameworkId, packedExecutor.unpack(e.info).executorId?.value]),
    ),
  );
  for (const framework of master.frameworks.values()) {
    for (const task of tasksOnAgent(framework, agent.id)) {
      if (kept.has(JSON.stringify([framework.id, task.id]))) continue;
      const end = {
        state: 'TASK_DROPPED',
        reason: 'REASON_RECONCILIATION',
        message: 'Task is unknown to the agent',
      } as const;
      task.state = end.state;
      completeTask(master, framework, task);
      sendUpdate(framework, statusOf(master, task, end));
    }
    for (const [key, executor] of framework.executors) {
      const isHere =
        executor.agentId === agent.id && !executors.has(JSON.stringify([framework.id, executor.id]));
      if (isHere) framework.executors.delete(key);
    }
  }
}

function connect(master: Master, agent: Agent, wire: Wire): void {
  const session = randomUUID();
  agent.link = { kind: 'connected', session, ...wire };
  agent.pingsMissed = 0;
  wire.order({ type: 'registered', agentId: agent.id, session });
  master.log.info('agent joined', { agent: agent.id, hostname: agent.hostname });
}

/** The connection broke: offers go at once, tasks only when the pings stay unanswered. */
export function disconnectAgent(master: Master, agent: Agent, session: string): void {
  if (agent.link.kind !== 'connected' || agent.link.session !== session) return;
  agent.link = { kind: 'disconnected' };
  master.log.info('agent disconnected', { agent: agent.id });
  rescind(
    master,
    offersWhere(master, (offer) => offer.agentId === agent.id),
  );
}

/** Pings go to the agent's address, so that one that restarts answers before it has joined again. */
function watch(master: Master, agent: Agent): void {
  const { agentPingTimeoutMs, maxAgentPingTimeouts } = master.options;
  agent.cancelPing = master.clock.after(agentPingTimeoutMs, () => {
    if (agent.pingsMissed >= maxAgentPingTimeouts) {
      loseAgent(master, agent);
      return;
    }
    agent.pingsMissed += 1;
    void answersPing(agent.address, agent.port, agentPingTimeoutMs).then((answers) => {
      if (answers) agent.pingsMissed = 0;
    });
    watch(master, agent);
  });
}

/** The agent has not answered for too long; its tasks may come back with it. */
function loseAgent(master: Master, agent: Agent): void {
  const sinceNs = BigInt(master.clock.nowMs()) * 1_000_000n;
  master.log.info('agent became unreachable', { agent: agent.id });
  if (agent.link.kind === 'connected') agent.link.close();
  master.unreachableAgents.set(agent.id, sinceNs);
  removeAgent(master, agent, {
    state: 'TASK_UNREACHABLE',
    reason: 'REASON_AGENT_REMOVED',
    message: 'health check timed out',
    unreachableNs: sinceNs,
  });
}

/** The agent says goodbye: its tasks are lost, for PARTITION_AWARE frameworks too. */
export function unregisterAgent(master: Master, agent: Agent): void {
  removeAgent(master, agent, lost(agent, 'the agent unregistered'));
}

/** An operator says that the agent never comes back. */
export function markGone(master: Master, agent: Agent): void {
  master.goneAgents.add(agent.id);
  order(agent, { type: 'shut-down', reason: 'Agent has been marked gone' });
  removeAgent(master, agent, {
    state: 'TASK_GONE_BY_OPERATOR',
    reason: 'REASON_AGENT_REMOVED_BY_OPERATOR',
    message: 'Agent has been marked gone',
  });
}

interface TaskEnd {
  readonly state: TaskState;
  readonly reason: TaskStatus_Reason;
  readonly message: string;
  readonly unreachableNs?: bigint;
}

function lost(agent: Agent, why: string): TaskEnd {
  const message = `Agent ${agent.hostname} removed: ${why}`;
  return { state: 'TASK_LOST', reason: 'REASON_AGENT_REMOVED', message };
}

function removeAgent(master: Master, agent: Agent, end: TaskEnd): void {
  agent.cancelPing();
  master.agents.delete(agent.id);
  for (const framework of master.frameworks.values()) {
    for (const task of tasksOnAgent(framework, agent.id)) endTask(master, framework, task, end);
    for (const [key, executor] of framework.executors) {
      if (executor.agentId === agent.id) framework.executors.delete(key);
    }
  }
  rescind(
    master,
    offersWhere(master, (offer) => offer.agentId === agent.id),
  );
  for (const framework of master.frameworks.values()) sendFailure(framework, agent.id, null);
}

function endTask(master: Master, framework: Framework, task: Task, end: TaskEnd): void {
  task.state = end.state;
  task.forwardedState = end.state;
  if (end.unreachableNs === undefined) {
    completeTask(master, framework, task);
    sendUpdate(framework, statusOf(master, task, end));
    return;
  }
  framework.tasks.delete(task.id);
  framework.unreachableTasks.set(task.id, task);
  const [oldest] = framework.unreachableTasks.keys();
  const isFull = framework.unreachableTasks.size > master.options.completedTasksMax;
  if (isFull && oldest !== undefined) framework.unreachableTasks.delete(oldest);
  const unreachableTime = { nanoseconds: end.unreachableNs };
  sendUpdate(framework, { ...statusOf(master, task, end), unreachableTime });
}

function statusOf(master: Master, task: Task, end: TaskEnd): ReturnType<typeof masterStatus> {
  const { id, agentId, executorId } = task;
  const { state, reason, message } = end;
  return masterStatus(master, { taskId: id, agentId, executorId, state, reason, message });
}
