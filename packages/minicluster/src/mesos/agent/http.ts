/** The executor API, and the little that an agent shows to operators. */
import { type IncomingMessage, type ServerResponse } from 'node:http';
import { type Call, Event } from '@mesos-torque/proto/gen/mesos/v1/executor/executor.ts';
import { type TaskStatus } from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import { unreachable } from '@mesos-torque/common/units.ts';
import { attributeJson, resourcesJson } from '../resources/json.ts';
import { mesosVersion } from '../version.ts';
import { executorCalls, executorEvents, type WireFormat } from '../wire/codec.ts';
import { decodeCall } from '../wire/decode-call.ts';
import { openEventStream } from '../wire/event-stream.ts';
import {
  accepted,
  answerFormat,
  badRequest,
  notFound,
  ok,
  refused,
  type Handler,
  type Reply,
} from '../wire/http.ts';
import { jsonText } from '../wire/json-text.ts';
import { isUuid } from '../wire/uuid.ts';
import { type Agent, type Executor, keyOf } from './agent.ts';
import { readFilePiece } from './files.ts';
import { containerStatus, subscribed, unsubscribed } from './executors.ts';
import { takeUpdate } from './status-updates.ts';

export function agentHandler(agent: Agent): Handler {
  return async (request) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://agent');
    const path = pathname.replace(/^\/slave\(1\)/, '');
    switch (path) {
      case '/api/v1/executor':
        return executorApi(agent, request);
      case '/health':
        return ok;
      case '/version':
        return { kind: 'json', text: jsonText({ version: mesosVersion }) };
      case '/files/read':
        return readFilePiece(agent, searchParams);
      case '/state':
      case '/state.json':
        return { kind: 'json', text: stateText(agent) };
      default:
        return notFound;
    }
  };
}

function stateText(agent: Agent): string {
  return jsonText({
    version: mesosVersion,
    id: agent.id ?? '',
    pid: `slave(1)@${agent.options.host}:${agent.port}`,
    hostname: agent.options.hostname,
    resources: resourcesJson(agent.resources),
    attributes: Object.fromEntries(agent.attributes.map((each) => [each.name ?? '', attributeJson(each)])),
    frameworks: [...agent.frameworks.keys()].map((id) => ({
      id,
      executors: [...agent.executors.values()]
        .filter((executor) => executor.frameworkId === id)
        .map((executor) => ({
          id: executor.id,
          container: executor.containerId,
          directory: executor.directory,
        })),
    })),
  });
}

async function executorApi(agent: Agent, request: IncomingMessage): Promise<Reply> {
  const decoded = await decodeCall(request, executorCalls, agent.options.bodyBytesMax);
  if (decoded.kind === 'refused') return decoded.reply;
  const { call } = decoded;
  const problem = callProblem(call);
  if (problem !== null) return badRequest(`Failed to validate Executor::Call: ${problem}`);
  const format = call.type === 'SUBSCRIBE' ? answerFormat(request) : 'json';
  if (typeof format !== 'string') return format;

  const frameworkId = call.frameworkId?.value ?? '';
  const known = agent.frameworks.has(frameworkId);
  const executor = agent.executors.get(keyOf(frameworkId, call.executorId?.value ?? ''));
  if (!known && executor === undefined) return badRequest('Framework cannot be found');
  if (executor === undefined) return badRequest('Executor cannot be found');
  return carryOut(agent, executor, call, format);
}

/** What 1.12 finds wrong with an executor's call, in its words. */
function callProblem(call: Call): string | null {
  const { type } = call;
  if (type === undefined || type === 'UNRECOGNIZED') return "Expecting 'type' to be present";
  if (type === 'SUBSCRIBE' && call.subscribe === undefined) return "Expecting 'subscribe' to be present";
  if (type === 'MESSAGE' && call.message === undefined) return "Expecting 'message' to be present";
  if (type !== 'UPDATE') return null;
  const status = call.update?.status;
  if (status === undefined) return "Expecting 'update' to be present";
  return statusProblem(call, status);
}

function statusProblem(call: Call, status: TaskStatus): string | null {
  const executorId = call.executorId?.value ?? '';
  const whose = `from executor ${executorId} of framework ${call.frameworkId?.value ?? ''}`;
  if (status.uuid === undefined) return "Expecting 'uuid' to be present";
  if (!isUuid(status.uuid)) return 'Not a valid UUID';
  const named = status.executorId?.value;
  if (named !== undefined && named !== executorId) {
    return `ExecutorID in Call: ${executorId} does not match ExecutorID in TaskStatus: ${named}`;
  }
  if (status.source !== 'SOURCE_EXECUTOR')
    return `Received Call ${whose} with invalid source, expecting 'SOURCE_EXECUTOR'`;
  return status.state === 'TASK_STAGING' ? `Received TASK_STAGING ${whose} which is not allowed` : null;
}

function carryOut(agent: Agent, executor: Executor, call: Call, format: WireFormat): Reply {
  const { type } = call;
  if (type !== 'SUBSCRIBE' && executor.phase.kind === 'registering')
    return refused(403, 'Executor is not subscribed');
  switch (type) {
    case 'SUBSCRIBE':
      return {
        kind: 'stream',
        open: (response) => {
          openStream(agent, executor, call, format, response);
        },
      };
    case 'UPDATE':
      if (call.update?.status !== undefined) takeExecutorUpdate(agent, executor, call.update.status);
      return accepted;
    case 'MESSAGE': {
      const data = (call.message?.data ?? Buffer.alloc(0)).toString('base64');
      agent.report({ type: 'message', frameworkId: executor.frameworkId, executorId: executor.id, data });
      return accepted;
    }
    case 'HEARTBEAT':
      return accepted;
    case 'UNKNOWN':
    case 'UNRECOGNIZED':
    case undefined:
      return refused(501, 'Not Implemented.');
    default:
      return unreachable(type);
  }
}

function openStream(
  agent: Agent,
  executor: Executor,
  call: Call,
  format: WireFormat,
  response: ServerResponse,
): void {
  const stream = openEventStream({
    response,
    codec: executorEvents,
    format,
    clock: agent.clock,
    headers: {},
    heartbeat: Event.fromPartial({ type: 'HEARTBEAT' }),
    heartbeatIntervalMs: agent.options.executorHeartbeatMs,
    queueBytesMax: agent.options.streamQueueBytesMax,
    onOverflow: (waitingBytes) => {
      agent.log.warn('executor stream broken off: its client does not read', {
        executor: executor.id,
        waitingBytes,
      });
    },
    onLost: () => {
      unsubscribed(executor, stream);
    },
  });
  subscribed(agent, executor, stream);
  for (const { status } of call.subscribe?.unacknowledgedUpdates ?? []) {
    if (status !== undefined) takeExecutorUpdate(agent, executor, status);
  }
}

/** The executor's ACKNOWLEDGED says that the agent has written the update down, not that a scheduler has seen it. */
function takeExecutorUpdate(agent: Agent, executor: Executor, given: TaskStatus): void {
  const taskId = given.taskId?.value ?? '';
  const isOurs = agent.tasks.get(keyOf(executor.frameworkId, taskId))?.executorId === executor.id;
  const status = {
    ...given,
    agentId: { value: agent.id ?? '' },
    ...(isOurs ? { containerStatus: containerStatus(agent, executor) } : {}),
  };
  if (!takeUpdate(agent, executor.frameworkId, status)) return;
  const acknowledged = {
    taskId: { value: taskId },
    ...(given.uuid === undefined ? {} : { uuid: given.uuid }),
  };
  const { phase } = executor;
  if (phase.kind === 'running') phase.stream?.send(Event.fromPartial({ type: 'ACKNOWLEDGED', acknowledged }));
}
