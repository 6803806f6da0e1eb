/** The operator API (POST /api/v1), as far as tools of ours and tests ask it. */
import { mesosVersion } from '../version.ts';
import { type IncomingMessage } from 'node:http';
import { AgentInfo, type Resource } from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import { subtract, sum, unallocated } from '../resources/quantities.ts';
import {
  badRequest,
  methodNotAllowed,
  ok,
  readBody,
  refused,
  requestFormat,
  type Reply,
} from '../wire/http.ts';
import { BadBody, parseJson } from '../wire/json-read.ts';
import { jsonText, type JsonValue } from '../wire/json-text.ts';
import { messageJson } from '../wire/json-write.ts';
import { messageShape } from '../wire/schema.ts';
import { markGone } from './agents.ts';
import { changeSchedule, scheduleJson } from './maintenance-schedule.ts';
import { type Agent, type Framework, type Master, masterInfo, type Task } from './master.ts';
import { freeOn, offeredOn, offersWhere } from './offers.ts';
import { agentCapabilities } from './state-json.ts';

/** Answers in JSON only. Types that the stand-in does not know are refused like types that do not exist. */
export async function operatorApi(master: Master, request: IncomingMessage): Promise<Reply> {
  const method = request.method ?? '';
  if (method !== 'POST') return methodNotAllowed(method, 'POST');
  const format = requestFormat(request);
  if (typeof format !== 'string') return format;
  if (format === 'protobuf') return badRequest('Failed to parse body into Call protobuf');
  const body = await readBody(request, master.options.bodyBytesMax);
  if (body.kind !== 'whole') return refused(413, 'The body is too large or broke off');
  try {
    return answer(master, parseJson(body.bytes.toString('utf8')));
  } catch (error) {
    if (error instanceof BadBody) return badRequest(error.message);
    throw error;
  }
}

function answer(master: Master, call: unknown): Reply {
  if (typeof call !== 'object' || call === null || Array.isArray(call)) {
    throw new BadBody('Failed to convert JSON into Call protobuf: Expecting a JSON object');
  }
  const { type: named } = call as { readonly type?: unknown };
  const type = typeof named === 'string' ? named : '';
  if (type === 'MARK_AGENT_GONE') return answerMarkGone(master, call);
  if (type === 'UPDATE_MAINTENANCE_SCHEDULE') {
    const { update_maintenance_schedule: update } = call as { readonly update_maintenance_schedule?: object };
    changeSchedule(master, (update as { readonly schedule?: unknown } | undefined)?.schedule);
    return ok;
  }
  const content = reads[type]?.(master);
  if (content === undefined)
    return badRequest("Failed to validate master::Call: Expecting 'type' to be present");
  return { kind: 'json', text: jsonText({ type, [type.toLowerCase()]: content }) };
}

const reads: Readonly<Record<string, (master: Master) => JsonValue>> = {
  GET_HEALTH: () => ({ healthy: true }),
  GET_VERSION: () => ({ version_info: { version: mesosVersion } }),
  GET_QUOTA: () => ({ status: {} }),
  GET_MAINTENANCE_SCHEDULE: (master) => ({ schedule: scheduleJson(master) }),
  GET_MASTER: (master) => ({
    master_info: messageJson(messageShape('mesos.v1.MasterInfo'), masterInfo(master)),
  }),
  GET_AGENTS: (master) => ({ agents: [...master.agents.values()].map((agent) => agentJson(master, agent)) }),
  GET_FRAMEWORKS: (master) => ({
    frameworks: [...master.frameworks.values()].map((framework) => frameworkJson(master, framework)),
    completed_frameworks: [...master.completedFrameworks.values()].map((f) => frameworkJson(master, f)),
  }),
  GET_TASKS: (master) => ({
    tasks: everyFramework(master).flatMap((framework) => [...framework.tasks.values()].map(taskJson)),
    unreachable_tasks: everyFramework(master).flatMap((f) => [...f.unreachableTasks.values()].map(taskJson)),
    completed_tasks: everyFramework(master).flatMap((framework) => framework.completedTasks.map(taskJson)),
  }),
  GET_EXECUTORS: (master) => ({
    executors: everyFramework(master).flatMap((framework) =>
      [...framework.executors.values()].map((executor) => ({
        executor_info: messageJson(messageShape('mesos.v1.ExecutorInfo'), executor.info),
        agent_id: { value: executor.agentId },
      })),
    ),
  }),
};

function answerMarkGone(master: Master, call: object): Reply {
  const named = (call as { readonly mark_agent_gone?: { readonly agent_id?: { readonly value?: unknown } } })
    .mark_agent_gone?.agent_id?.value;
  if (typeof named !== 'string') {
    return badRequest("Failed to validate master::Call: Expecting 'mark_agent_gone' to be present");
  }
  const agent = master.agents.get(named);
  if (agent === undefined) return refused(404, `Agent '${named}' not found`);
  markGone(master, agent);
  return ok;
}

function everyFramework(master: Master): Framework[] {
  return [...master.frameworks.values(), ...master.completedFrameworks.values()];
}

function agentJson(master: Master, agent: Agent): JsonValue {
  const info = AgentInfo.fromPartial({
    hostname: agent.hostname,
    port: agent.port,
    resources: [...agent.resources],
    attributes: [...agent.attributes],
    id: { value: agent.id },
  });
  const used = subtract(agent.resources, sum([freeOn(master, agent), offeredOn(master, agent.id)]));
  return {
    agent_info: messageJson(messageShape('mesos.v1.AgentInfo'), info),
    active: agent.link.kind === 'connected',
    deactivated: false,
    version: mesosVersion,
    pid: `slave(1)@${agent.address}:${agent.port}`,
    registered_time: timeJson(agent.registeredMs),
    total_resources: resourceList(agent.resources),
    allocated_resources: resourceList(used),
    offered_resources: resourceList(offeredOn(master, agent.id)),
    capabilities: agentCapabilities.map((type) => ({ type })),
  };
}

function frameworkJson(master: Master, framework: Framework): JsonValue {
  const { connection } = framework;
  const offers = offersWhere(master, (offer) => offer.frameworkId === framework.id);
  return {
    framework_info: messageJson(messageShape('mesos.v1.FrameworkInfo'), framework.info),
    active: connection.kind === 'connected',
    connected: connection.kind === 'connected',
    recovered: connection.kind === 'recovered',
    registered_time: timeJson(framework.registeredMs),
    reregistered_time: timeJson(framework.reregisteredMs),
    offers: offers.map((offer) => messageJson(messageShape('mesos.v1.Offer'), offer.message)),
    offered_resources: resourceList(sum(offers.map((offer) => unallocated(offer.resources)))),
  };
}

function taskJson(task: Task): JsonValue {
  const { info } = task;
  const status = messageShape('mesos.v1.TaskStatus');
  return {
    name: info.name ?? '',
    task_id: { value: task.id },
    framework_id: { value: task.frameworkId },
    ...(task.executorId === null ? {} : { executor_id: { value: task.executorId } }),
    agent_id: { value: task.agentId },
    state: task.state,
    resources: resourceList(info.resources),
    // 1.12 keeps the labels here, but never the data.
    statuses: task.statuses.map((each) => messageJson(status, { ...each, data: undefined })),
    status_update_state: task.forwardedState,
    ...(task.forwardedUuid === null ? {} : { status_update_uuid: task.forwardedUuid.toString('base64') }),
    ...(info.labels === undefined
      ? {}
      : { labels: messageJson(messageShape('mesos.v1.Labels'), info.labels) }),
  };
}

function resourceList(resources: readonly Resource[]): JsonValue {
  const shape = messageShape('mesos.v1.Resource');
  return resources.map((resource) => messageJson(shape, resource));
}

function timeJson(ms: number): JsonValue {
  return { nanoseconds: BigInt(Math.round(ms)) * 1_000_000n };
}
