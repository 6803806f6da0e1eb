/** The master's end of the private protocol: agents join, and their reports are taken. */
import { type IncomingMessage, type ServerResponse } from 'node:http';
import { type TaskState, type TaskStatus } from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import { Event } from '@mesos-torque/proto/gen/mesos/v1/scheduler/scheduler.ts';
import { unreachable } from '@mesos-torque/common/units.ts';
import { packedStatus, type Join, type Order, type Report, type ReportEnvelope } from '../link.ts';
import { isTerminal } from '../task-states.ts';
import { badRequest, ok, readBody, refused, type Reply } from '../wire/http.ts';
import { disconnectAgent, joinAgent, unregisterAgent } from './agents.ts';
import { sendEvent, sendFailure, sendUpdate } from './events.ts';
import { type Agent, type Framework, type Master } from './master.ts';
import { completeTask, recordStatus, removeExecutor } from './tasks.ts';

export async function joinApi(master: Master, request: IncomingMessage): Promise<Reply> {
  const join = (await privateBody(master, request)) as Join | null;
  if (join === null) return badRequest('not a join');
  return {
    kind: 'stream',
    open: (response) => {
      openLink(master, join, response);
    },
  };
}

function openLink(master: Master, join: Join, response: ServerResponse): void {
  response.writeHead(200, { 'Content-Type': 'application/jsonl' });
  response.flushHeaders();
  const write = (order: Order): void => {
    if (!response.writableEnded) response.write(`${JSON.stringify(order)}\n`);
  };
  const close = (): void => {
    response.destroy();
  };
  const agent = joinAgent(master, join, { order: write, close });
  if (agent?.link.kind !== 'connected') {
    response.end();
    return;
  }
  const { session } = agent.link;
  response.on('close', () => {
    disconnectAgent(master, agent, session);
  });
}

export async function reportApi(master: Master, request: IncomingMessage): Promise<Reply> {
  const envelope = (await privateBody(master, request)) as ReportEnvelope | null;
  if (envelope === null) return badRequest('not a report');
  const agent = master.agents.get(envelope.agentId);
  const isCurrent = agent?.link.kind === 'connected' && agent.link.session === envelope.session;
  if (agent === undefined || !isCurrent) return refused(409, 'not a current session: join again');
  takeReport(master, agent, envelope.report);
  return ok;
}

async function privateBody(master: Master, request: IncomingMessage): Promise<unknown> {
  const body = await readBody(request, master.options.bodyBytesMax);
  if (body.kind !== 'whole') return null;
  try {
    return JSON.parse(body.bytes.toString('utf8')) as unknown;
  } catch {
    return null;
  }
}

function takeReport(master: Master, agent: Agent, report: Report): void {
  agent.pingsMissed = 0;
  switch (report.type) {
    case 'unregister':
      unregisterAgent(master, agent);
      return;
    case 'update':
      withFramework(master, report.frameworkId, (framework) => {
        takeUpdate(master, framework, packedStatus.unpack(report.status), report.latestState as TaskState);
      });
      return;
    case 'executor-exited':
      withFramework(master, report.frameworkId, (framework) => {
        removeExecutor(framework, agent.id, report.executorId);
        sendFailure(framework, agent.id, { id: report.executorId, waitStatus: report.waitStatus });
      });
      return;
    case 'message':
      withFramework(master, report.frameworkId, (framework) => {
        sendEvent(framework, executorMessage(agent.id, report.executorId, report.data));
      });
      return;
    default:
      unreachable(report);
  }
}

/** What comes for a framework that is gone is passed over. */
function withFramework(master: Master, id: string, then: (framework: Framework) => void): void {
  const framework = master.frameworks.get(id);
  if (framework !== undefined) then(framework);
}

/** An update is passed on whether or not the task is known: the agent sends it until it is acknowledged. */
function takeUpdate(master: Master, framework: Framework, status: TaskStatus, latestState: TaskState): void {
  const task = framework.tasks.get(status.taskId?.value ?? '');
  if (task !== undefined) {
    recordStatus(task, status, latestState);
    // A state without a uuid is never acknowledged, so the task is over at once.
    if (status.uuid === undefined && isTerminal(latestState)) completeTask(master, framework, task);
  }
  sendUpdate(framework, status);
}

function executorMessage(agentId: string, executorId: string, data: string): Event {
  return Event.fromPartial({
    type: 'MESSAGE',
    message: {
      agentId: { value: agentId },
      executorId: { value: executorId },
      data: Buffer.from(data, 'base64'),
    },
  });
}
