/** What operators read: /state and its parts, in the shapes of 1.12. */
import { mesosVersion } from '../version.ts';
import { type Resource, type TaskStatus } from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import { reservationRoles } from '../resources/quantities.ts';
import { attributeJson, resourcesJson } from '../resources/json.ts';
import { double, type JsonValue } from '../wire/json-text.ts';
import { messageJson } from '../wire/json-write.ts';
import { messageShape } from '../wire/schema.ts';
import {
  type Agent,
  type Executor,
  type Framework,
  type Master,
  masterInfo,
  rolesOf,
  type Offer,
  type Task,
} from './master.ts';
import { offeredOn, offersWhere } from './offers.ts';
import { usedBy, usedOnAgent } from './tasks.ts';

type JsonObject = Record<string, JsonValue>;

export function stateJson(master: Master): JsonObject {
  const info = masterInfo(master);
  const pid = info.pid ?? '';
  return {
    version: mesosVersion,
    start_time: seconds(master.startedMs),
    elected_time: seconds(master.startedMs),
    id: master.id,
    pid,
    hostname: 'localhost',
    capabilities: info.capabilities.map(({ type }) => type ?? 'UNKNOWN'),
    activated_slaves: double(
      [...master.agents.values()].filter((agent) => agent.link.kind === 'connected').length,
    ),
    deactivated_slaves: double(
      [...master.agents.values()].filter((agent) => agent.link.kind !== 'connected').length,
    ),
    unreachable_slaves: double(master.unreachableAgents.size),
    leader: pid,
    leader_info: { id: master.id, pid, port: master.port, hostname: 'localhost' },
    flags: flagsJson(master),
    slaves: agentsJson(master),
    recovered_slaves: [],
    frameworks: [...master.frameworks.values()].map((framework) => frameworkJson(master, framework)),
    completed_frameworks: [...master.completedFrameworks.values()].map((f) => frameworkJson(master, f)),
    orphan_tasks: [],
    unregistered_frameworks: [],
  };
}

export function flagsJson(master: Master): JsonObject {
  const { options } = master;
  return {
    agent_ping_timeout: `${options.agentPingTimeoutMs / 1000}secs`,
    allocation_interval: `${options.allocationIntervalMs / 1000}secs`,
    ip: options.host,
    max_agent_ping_timeouts: String(options.maxAgentPingTimeouts),
    min_allocatable_resources: 'cpus:0.01|mem:32',
    port: String(master.port),
    registry: 'in_memory',
  };
}

export function agentsJson(master: Master): JsonObject[] {
  return [...master.agents.values()].map((agent) => agentJson(master, agent));
}

function agentJson(master: Master, agent: Agent): JsonObject {
  const reservedRoles = [
    ...new Set(agent.resources.flatMap((resource) => reservationRoles(resource).slice(-1))),
  ];
  const reservedFor = (role: string): Resource[] =>
    agent.resources.filter((resource) => reservationRoles(resource).at(-1) === role);
  const isActive = agent.link.kind === 'connected';
  return {
    id: agent.id,
    hostname: agent.hostname,
    port: agent.port,
    attributes: Object.fromEntries(
      agent.attributes.map((attribute) => [attribute.name ?? '', attributeJson(attribute)]),
    ),
    pid: `slave(1)@${agent.address}:${agent.port}`,
    registered_time: seconds(agent.registeredMs),
    ...(agent.reregisteredMs === null ? {} : { reregistered_time: seconds(agent.reregisteredMs) }),
    resources: resourcesJson(agent.resources),
    used_resources: resourcesJson(usedOnAgent(master, agent.id)),
    offered_resources: resourcesJson(offeredOn(master, agent.id)),
    reserved_resources: Object.fromEntries(
      reservedRoles.map((role) => [role, resourcesJson(reservedFor(role))]),
    ),
    unreserved_resources: resourcesJson(
      agent.resources.filter((resource) => resource.reservations.length === 0),
    ),
    active: isActive,
    deactivated: false,
    version: mesosVersion,
    capabilities: agentCapabilities,
  };
}

export const agentCapabilities = [
  'MULTI_ROLE',
  'HIERARCHICAL_ROLE',
  'RESERVATION_REFINEMENT',
  'TASK_RESOURCE_LIMITS',
];

export function frameworkJson(master: Master, framework: Framework): JsonObject {
  const { info, connection } = framework;
  const offers = offersWhere(master, (offer) => offer.frameworkId === framework.id);
  const offered = offers.flatMap((offer) => offer.resources);
  const used = usedBy(framework, null);
  return {
    id: framework.id,
    name: info.name ?? '',
    used_resources: resourcesJson(used),
    offered_resources: resourcesJson(offered),
    capabilities: info.capabilities.map(({ type }) => type ?? 'UNKNOWN'),
    hostname: info.hostname ?? '',
    webui_url: info.webuiUrl ?? '',
    active: connection.kind === 'connected',
    connected: connection.kind === 'connected',
    recovered: connection.kind === 'recovered',
    user: info.user ?? '',
    failover_timeout: double(info.failoverTimeout ?? 0),
    checkpoint: info.checkpoint ?? false,
    registered_time: seconds(framework.registeredMs),
    unregistered_time: seconds(framework.unregisteredMs),
    ...(framework.reregisteredMs === framework.registeredMs
      ? {}
      : { reregistered_time: seconds(framework.reregisteredMs) }),
    resources: resourcesJson([...used, ...offered]),
    roles: rolesOf(info),
    tasks: [...framework.tasks.values()].map(taskJson),
    unreachable_tasks: [...framework.unreachableTasks.values()].map(taskJson),
    completed_tasks: framework.completedTasks.map(taskJson),
    offers: offers.map(offerJson),
    executors: [...framework.executors.values()].map(executorJson),
    offer_constraints: {},
  };
}

export function taskJson(task: Task): JsonObject {
  const { info } = task;
  return {
    id: task.id,
    name: info.name ?? '',
    framework_id: task.frameworkId,
    executor_id: task.executorId ?? '',
    slave_id: task.agentId,
    state: task.state,
    resources: resourcesJson(info.resources),
    role: info.resources[0]?.allocationInfo?.role ?? '*',
    statuses: task.statuses.map(statusJson),
    ...(info.labels === undefined ? {} : { labels: info.labels.labels.map(labelJson) }),
  };
}

function statusJson(status: TaskStatus): JsonObject {
  const { containerStatus, healthy, labels } = status;
  const shape = messageShape('mesos.v1.ContainerStatus');
  return {
    state: status.state ?? 'TASK_STAGING',
    timestamp: double(status.timestamp ?? 0),
    ...(labels === undefined ? {} : { labels: labels.labels.map(labelJson) }),
    ...(containerStatus === undefined
      ? {}
      : { container_status: messageJson(shape, { ...containerStatus, executorPid: undefined }) }),
    ...(healthy === undefined ? {} : { healthy }),
  };
}

function labelJson(label: {
  readonly key?: string | undefined;
  readonly value?: string | undefined;
}): JsonObject {
  return { key: label.key ?? '', ...(label.value === undefined ? {} : { value: label.value }) };
}

function offerJson(offer: Offer): JsonObject {
  return {
    id: offer.id,
    framework_id: offer.frameworkId,
    allocation_info: { role: offer.role },
    slave_id: offer.agentId,
    resources: resourcesJson(offer.resources),
  };
}

function executorJson(executor: Executor): JsonObject {
  const { info } = executor;
  return {
    executor_id: executor.id,
    name: info.name ?? '',
    framework_id: executor.frameworkId,
    command: commandJson(executor),
    resources: resourcesJson(info.resources),
    role: info.resources[0]?.allocationInfo?.role ?? '*',
    ...(info.labels === undefined ? {} : { labels: info.labels.labels.map(labelJson) }),
    ...(info.type === undefined ? {} : { type: info.type }),
    slave_id: executor.agentId,
  };
}

function commandJson(executor: Executor): JsonObject {
  const { command } = executor.info;
  const environment = command?.environment;
  return {
    ...(command?.value === undefined ? {} : { value: command.value }),
    argv: command?.arguments ?? [],
    ...(environment === undefined
      ? {}
      : { environment: messageJson(messageShape('mesos.v1.Environment'), environment) }),
    uris: (command?.uris ?? []).map((uri) => ({
      value: uri.value ?? '',
      executable: uri.executable ?? false,
    })),
  };
}

function seconds(ms: number): JsonValue {
  return double(ms / 1000);
}
