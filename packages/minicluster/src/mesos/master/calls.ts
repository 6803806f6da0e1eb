/** The scheduler API: whose call it is, and what is done with it. */
import { type IncomingMessage } from 'node:http';
import { type Call } from '@mesos-torque/proto/gen/mesos/v1/scheduler/scheduler.ts';
import { unreachable } from '@mesos-torque/common/units.ts';
import { packedFramework } from '../link.ts';
import { isTerminal } from '../task-states.ts';
import { schedulerCalls } from '../wire/codec.ts';
import { accepted, answerFormat, badRequest, ok, refused, type Reply } from '../wire/http.ts';
import { decodeCall } from '../wire/decode-call.ts';
import { accept, decline } from './accept.ts';
import { order } from './agents.ts';
import { removeFramework, revive, subscribe, suppress, updateFramework } from './frameworks.ts';
import { answerInverse } from './inverse-offers.ts';
import { type Framework, type Master } from './master.ts';
import { kill, reconcile } from './reconcile.ts';
import { completeTask } from './tasks.ts';
import { callProblem } from './validate-call.ts';

export async function schedulerApi(master: Master, request: IncomingMessage): Promise<Reply> {
  const decoded = await decodeCall(request, schedulerCalls, master.options.bodyBytesMax);
  if (decoded.kind === 'refused') return decoded.reply;
  const { call } = decoded;
  const problem = callProblem(call);
  if (problem !== null) return badRequest(`Failed to validate scheduler::Call: ${problem}`);
  if (call.type === 'SUBSCRIBE') return answerSubscribe(master, request, call);

  const framework = master.frameworks.get(call.frameworkId?.value ?? '');
  if (framework === undefined) return badRequest('Framework cannot be found');
  return notEntitled(request, framework) ?? carryOut(master, framework, call);
}

function answerSubscribe(master: Master, request: IncomingMessage, call: Call): Reply {
  const format = answerFormat(request);
  if (typeof format !== 'string') return format;
  if (request.headers['mesos-stream-id'] !== undefined) {
    return badRequest("Subscribe calls should not include the 'Mesos-Stream-Id' header");
  }
  const { subscribe: wanted } = call;
  if (wanted === undefined) throw new Error('SUBSCRIBE without subscribe passed validation');
  return {
    kind: 'stream',
    open: (response) => {
      subscribe(master, wanted, format, response);
    },
  };
}

/** Only the scheduler that holds the stream may call. */
function notEntitled(request: IncomingMessage, framework: Framework): Reply | null {
  if (framework.connection.kind !== 'connected') return refused(403, 'Framework is not subscribed');
  const given = request.headers['mesos-stream-id'];
  if (given === undefined)
    return badRequest("All non-subscribe calls should include the 'Mesos-Stream-Id' header");
  if (given === framework.connection.streamId) return null;
  return badRequest(
    `The stream ID '${String(given)}' included in this request didn't match the stream ID currently associated with framework ID ${framework.id}`,
  );
}

function carryOut(master: Master, framework: Framework, call: Call): Reply {
  const { type } = call;
  switch (type) {
    case 'TEARDOWN':
      removeFramework(master, framework);
      return accepted;
    case 'ACCEPT':
      if (call.accept !== undefined) accept(master, framework, call.accept);
      return accepted;
    case 'DECLINE':
      if (call.decline !== undefined) decline(master, framework, call.decline);
      return accepted;
    case 'REVIVE':
      revive(master, framework, call.revive?.roles ?? []);
      return accepted;
    case 'SUPPRESS':
      suppress(framework, call.suppress?.roles ?? []);
      return accepted;
    case 'KILL':
      if (call.kill !== undefined) kill(master, framework, call.kill);
      return accepted;
    case 'RECONCILE':
      if (call.reconcile !== undefined) reconcile(master, framework, call.reconcile);
      return accepted;
    case 'ACKNOWLEDGE':
      acknowledge(master, framework, call);
      return accepted;
    case 'SHUTDOWN':
      shutDownExecutor(master, framework, call);
      return accepted;
    case 'MESSAGE':
      passOn(master, framework, call);
      return accepted;
    case 'UPDATE_FRAMEWORK':
      return answerUpdateFramework(master, framework, call);
    case 'ACCEPT_INVERSE_OFFERS':
    case 'DECLINE_INVERSE_OFFERS': {
      const answer = call.acceptInverseOffers ?? call.declineInverseOffers;
      answerInverse(master, answer?.inverseOfferIds ?? [], answer?.filters?.refuseSeconds);
      return accepted;
    }
    case 'REQUEST':
    case 'ACKNOWLEDGE_OPERATION_STATUS':
    case 'RECONCILE_OPERATIONS':
      // Taken without effect: there are no operations with feedback here.
      return accepted;
    case 'SUBSCRIBE':
    case 'UNKNOWN':
    case 'UNRECOGNIZED':
    case undefined:
      return refused(501, 'Not Implemented.');
    default:
      return unreachable(type);
  }
}

/** The agent forgets the update; a task whose end is acknowledged is over. Strays are passed on and ignored. */
function acknowledge(master: Master, framework: Framework, call: Call): void {
  const { acknowledge: ack } = call;
  const taskId = ack?.taskId?.value ?? '';
  const uuid = ack?.uuid ?? Buffer.alloc(0);
  const task = framework.tasks.get(taskId);
  const isEnd =
    task !== undefined && isTerminal(task.forwardedState) && task.forwardedUuid?.equals(uuid) === true;
  if (isEnd) completeTask(master, framework, task);
  order(master.agents.get(ack?.agentId?.value ?? ''), {
    type: 'acknowledge',
    frameworkId: framework.id,
    taskId,
    uuid: uuid.toString('base64'),
  });
}

function shutDownExecutor(master: Master, framework: Framework, call: Call): void {
  order(master.agents.get(call.shutdown?.agentId?.value ?? ''), {
    type: 'shut-down-executor',
    frameworkId: framework.id,
    executorId: call.shutdown?.executorId?.value ?? '',
  });
}

function passOn(master: Master, framework: Framework, call: Call): void {
  order(master.agents.get(call.message?.agentId?.value ?? ''), {
    type: 'message',
    frameworkId: framework.id,
    executorId: call.message?.executorId?.value ?? '',
    data: (call.message?.data ?? Buffer.alloc(0)).toString('base64'),
  });
}

function answerUpdateFramework(master: Master, framework: Framework, call: Call): Reply {
  const { updateFramework: update } = call;
  const info = update?.frameworkInfo;
  if (update === undefined || info === undefined)
    throw new Error('UPDATE_FRAMEWORK passed validation without its parts');
  const problem = updateFramework(master, framework, info, update.suppressedRoles, update.offerConstraints);
  if (problem !== null) return badRequest(problem);
  const packed = packedFramework.pack(framework.info);
  for (const agent of master.agents.values()) order(agent, { type: 'framework-is-back', framework: packed });
  return ok;
}
