/** Events of the executor API in our words. Nothing is thrown away silently. */
import { Event } from '@mesos-torque/proto/gen/mesos/v1/executor/executor.ts';
import type { TaskInfo } from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import { MomOrders, SchedulerMessage } from '@mesos-torque/proto/gen/torque/v1/orders.ts';
import { decodeMessage } from '@mesos-torque/common/encoding.ts';
import type { Encoding } from '@mesos-torque/common/encoding.ts';
import { quote, quoteBytes } from '@mesos-torque/common/text.ts';
import type { ExecutorEvent } from './agent-port.ts';

/** An event of the agent, with what the client itself needs of it. */
export type AgentEvent =
  | { readonly kind: 'subscribed'; readonly event: ExecutorEvent }
  | { readonly kind: 'heartbeat' }
  /** `task` as it came: sent back while no update of it is acknowledged. */
  | {
      readonly kind: 'launch';
      readonly taskId: string;
      readonly task: TaskInfo;
      readonly event: ExecutorEvent;
    }
  /** `uuid` in hexadecimal. */
  | { readonly kind: 'acknowledged'; readonly uuid: string; readonly event: ExecutorEvent }
  /** The agent will have no more of us. */
  | { readonly kind: 'error'; readonly message: string }
  | { readonly kind: 'other'; readonly event: ExecutorEvent };

/** Reads one record of the event stream. Never throws. */
export function readEvent(record: Uint8Array, encoding: Encoding): AgentEvent {
  const decoded = decodeMessage(Event, record, encoding);
  if (!decoded.ok) return garbled(`event of the agent: ${decoded.why}`);
  const { message: event, typeText } = decoded;
  switch (event.type) {
    case 'SUBSCRIBED':
      return readSubscribed(event);
    case 'LAUNCH':
      return readLaunch(event.launch?.task);
    case 'KILL':
      return readKill(event);
    case 'ACKNOWLEDGED':
      return readAcknowledged(event);
    case 'MESSAGE':
      return readMessage(event.message?.data);
    case 'SHUTDOWN':
      return { kind: 'other', event: { kind: 'shutdown' } };
    case 'ERROR':
      return { kind: 'error', message: event.error?.message ?? '' };
    case 'HEARTBEAT':
      return { kind: 'heartbeat' };
    case 'LAUNCH_GROUP':
      // Only for pods, which our scheduler never launches.
      return garbled('LAUNCH_GROUP event, which is not for executors of this kind');
    case 'UNKNOWN':
    case 'UNRECOGNIZED':
      return garbled(
        `event of a type that is not known here${typeText === null ? '' : `: ${quote(typeText)}`}`,
      );
    case undefined:
      return garbled('event without a type');
  }
}

function readSubscribed({ subscribed }: Event): AgentEvent {
  const agentId = subscribed?.agentInfo?.id?.value;
  const agentHost = subscribed?.agentInfo?.hostname;
  if (agentId === undefined || agentHost === undefined) return incomplete('SUBSCRIBED');
  return { kind: 'subscribed', event: { kind: 'subscribed', agentHost, agentId } };
}

function readLaunch(task: TaskInfo | undefined): AgentEvent {
  const taskId = task?.taskId?.value ?? '';
  if (task === undefined || taskId === '') return incomplete('LAUNCH');
  return { kind: 'launch', taskId, task, event: ordersIn(task, taskId) };
}

function ordersIn(task: TaskInfo, taskId: string): ExecutorEvent {
  const data = task.data ?? Buffer.alloc(0);
  if (data.length === 0) return { kind: 'launch-garbled', taskId, why: `task ${taskId} has no orders` };
  try {
    const orders = MomOrders.decode(data);
    if (orders.nodeName === '' || orders.pbsServer === '') {
      return { kind: 'launch-garbled', taskId, why: `orders of task ${taskId} name no node or no server` };
    }
    const killGraceMs = millisecondsOf(task.killPolicy?.gracePeriod?.nanoseconds);
    return { kind: 'launch', taskId, orders, killGraceMs };
  } catch {
    const why = `orders of task ${taskId} cannot be read: ${quoteBytes(data, 40)}`;
    return { kind: 'launch-garbled', taskId, why };
  }
}

function readKill({ kill }: Event): AgentEvent {
  const taskId = kill?.taskId?.value ?? '';
  if (taskId === '') return incomplete('KILL');
  const graceMs = millisecondsOf(kill?.killPolicy?.gracePeriod?.nanoseconds);
  return { kind: 'other', event: { kind: 'kill', taskId, graceMs } };
}

function readAcknowledged({ acknowledged }: Event): AgentEvent {
  const taskId = acknowledged?.taskId?.value ?? '';
  const uuid = acknowledged?.uuid?.toString('hex') ?? '';
  if (taskId === '' || uuid === '') return incomplete('ACKNOWLEDGED');
  return { kind: 'acknowledged', uuid, event: { kind: 'acknowledged', taskId } };
}

function readMessage(data: Uint8Array | undefined): AgentEvent {
  if (data === undefined) return incomplete('MESSAGE');
  try {
    const { taskId, message } = SchedulerMessage.decode(data);
    if (taskId !== '' && message?.$case === 'startMom') {
      return { kind: 'other', event: { kind: 'start-mom', taskId } };
    }
  } catch {
    // Said below, together with messages of another kind.
  }
  return garbled(`framework message that is not known here: ${quoteBytes(data, 40)}`);
}

function millisecondsOf(nanoseconds: bigint | undefined): number | null {
  return nanoseconds === undefined ? null : Number(nanoseconds / 1_000_000n);
}

function incomplete(type: string): AgentEvent {
  return garbled(`${type} event without what it must hold`);
}

function garbled(why: string): AgentEvent {
  return { kind: 'other', event: { kind: 'garbled', why } };
}
