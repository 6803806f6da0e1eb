/**
 * The private protocol between the stand-in's master and its agents: JSON over HTTP on loopback. The
 * agent opens a stream (`POST /private/agent/join`) on which the master's orders come, one JSON line
 * each, and sends its reports by `POST /private/agent/report`, one at a time and in order. When the
 * stream breaks, the other side is gone. Whether an agent lives is asked with `GET /health` at its address.
 *
 * v1 messages travel in the JSON of the generated code (`TaskInfo.toJSON`), because bigints need it.
 */
import {
  Attribute,
  ExecutorInfo,
  FrameworkInfo,
  KillPolicy,
  Resource,
  TaskInfo,
  TaskStatus,
  type MessageFns,
} from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';

export const joinPath = '/private/agent/join';
export const reportPath = '/private/agent/report';

/** A v1 message in the generated code's JSON. The type parameter says which one it is. */
declare const messageType: unique symbol;
export interface Packed<T> {
  readonly [messageType]?: T;
}

function packing<T>(functions: MessageFns<T>): {
  pack: (message: T) => Packed<T>;
  unpack: (packed: Packed<T>) => T;
} {
  return {
    pack: (message) => functions.toJSON(message) as Packed<T>,
    unpack: (packed) => functions.fromJSON(packed),
  };
}

export const packedAttribute = packing(Attribute);
export const packedExecutor = packing(ExecutorInfo);
export const packedFramework = packing(FrameworkInfo);
export const packedKillPolicy = packing(KillPolicy);
export const packedResource = packing(Resource);
export const packedStatus = packing(TaskStatus);
export const packedTask = packing(TaskInfo);

/** How an agent introduces itself, and what it still has when it comes back. */
export interface Join {
  /** Null for an agent that has never been registered. */
  readonly agentId: string | null;
  readonly hostname: string;
  /** Where it listens: the master pings it there and names it so in offers. */
  readonly address: string;
  readonly port: number;
  readonly resources: readonly Packed<Resource>[];
  readonly attributes: readonly Packed<Attribute>[];
  readonly frameworks: readonly Packed<FrameworkInfo>[];
  readonly executors: readonly { readonly frameworkId: string; readonly info: Packed<ExecutorInfo> }[];
  readonly tasks: readonly JoinedTask[];
}

export interface JoinedTask {
  readonly frameworkId: string;
  readonly info: Packed<TaskInfo>;
  /** The latest state that the agent knows. */
  readonly state: string;
  /** The latest status of an executor; null when there has been none. */
  readonly status: Packed<TaskStatus> | null;
}

export type Order =
  | { readonly type: 'registered'; readonly agentId: string; readonly session: string }
  | { readonly type: 'run-task'; readonly framework: Packed<FrameworkInfo>; readonly task: Packed<TaskInfo> }
  | {
      readonly type: 'kill-task';
      readonly frameworkId: string;
      readonly taskId: string;
      readonly killPolicy: Packed<KillPolicy> | null;
    }
  | { readonly type: 'shut-down-executor'; readonly frameworkId: string; readonly executorId: string }
  | { readonly type: 'shut-down-framework'; readonly frameworkId: string }
  /** A scheduler is back: what it has not acknowledged is sent again at once. */
  | { readonly type: 'framework-is-back'; readonly framework: Packed<FrameworkInfo> }
  | {
      readonly type: 'acknowledge';
      readonly frameworkId: string;
      readonly taskId: string;
      readonly uuid: string;
    }
  | {
      readonly type: 'message';
      readonly frameworkId: string;
      readonly executorId: string;
      /** Base64. */
      readonly data: string;
    }
  /** The master does not want this agent any more: it ends its executors and then itself. */
  | { readonly type: 'shut-down'; readonly reason: string };

/** Complete by its type: an order that is missing here does not compile. */
const knownOrders: Readonly<Record<Order['type'], true>> = {
  registered: true,
  'run-task': true,
  'kill-task': true,
  'shut-down-executor': true,
  'shut-down-framework': true,
  'framework-is-back': true,
  acknowledge: true,
  message: true,
  'shut-down': true,
};

/** One line of the stream; null when it is no order. What an order holds is not looked into. */
export function orderIn(line: string): Order | null {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null || !('type' in value)) return null;
    return Object.hasOwn(knownOrders, String(value.type)) ? (value as Order) : null;
  } catch {
    return null;
  }
}

export type Report =
  | {
      readonly type: 'update';
      readonly frameworkId: string;
      readonly status: Packed<TaskStatus>;
      /** Updates of one task wait for each other; this is the state of the last one. */
      readonly latestState: string;
    }
  | {
      readonly type: 'executor-exited';
      readonly frameworkId: string;
      readonly executorId: string;
      /** A wait status: exit code 3 is 768. */
      readonly waitStatus: number;
    }
  | {
      readonly type: 'message';
      readonly frameworkId: string;
      readonly executorId: string;
      readonly data: string;
    }
  | { readonly type: 'unregister' };

/** A report with the session that `registered` gave: what an earlier session sent late is not taken. */
export interface ReportEnvelope {
  readonly agentId: string;
  readonly session: string;
  readonly report: Report;
}
