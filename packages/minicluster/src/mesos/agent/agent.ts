/** What an agent knows: the frameworks it works for, their executors and tasks, and updates that wait. */
import { type Clock } from '@mesos-torque/common/clock.ts';
import { type Log } from '@mesos-torque/common/logger.ts';
import {
  type Attribute,
  type ExecutorInfo,
  type FrameworkInfo,
  type Resource,
  type TaskInfo,
  type TaskState,
  type TaskStatus,
} from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import { type Event } from '@mesos-torque/proto/gen/mesos/v1/executor/executor.ts';
import { type Report } from '../link.ts';
import { type EventStream } from '../wire/event-stream.ts';
import { type ProcessTree } from './process-tree.ts';

export interface AgentOptions {
  /** `host:port` of the master, or `zk://host:port,…/path`. */
  readonly master: string;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly hostname: string;
  /** `cpus:4;mem:4096;ports:[31000-31100];cpus(torque):2`. */
  readonly resources: string;
  /** `rack:r1;bigmem:true`. */
  readonly attributes: string;
  readonly workDir: string;
  /** The PATH of executors. */
  readonly executorPath: string;
  /** How long a new executor may take to subscribe. */
  readonly executorRegistrationTimeoutMs: number;
  /** How long a restarted agent waits for its executors to come back; executors hear it as MESOS_SUBSCRIPTION_BACKOFF_MAX. */
  readonly executorReregistrationTimeoutMs: number;
  /** What an executor that names no shutdown_grace_period gets. */
  readonly executorShutdownGracePeriodMs: number;
  /** How long executors wait for an agent to come back; told to them, not watched here. */
  readonly recoveryTimeoutMs: number;
  /** An update that is not acknowledged is sent again after this time, then after twice as long, and so on. */
  readonly updateResendMs: number;
  readonly updateResendMsMax: number;
  readonly reconnectMs: number;
  readonly executorHeartbeatMs: number;
  /** How long a fetch may go without a byte. */
  readonly fetchStallTimeoutMs: number;
  readonly fetchBytesMax: number;
  readonly executorsMax: number;
  /** Updates of one task that may wait for an acknowledgement. */
  readonly updatesPerTaskMax: number;
  /** Reports that may wait for the master. */
  readonly reportsMax: number;
  readonly bodyBytesMax: number;
  readonly streamQueueBytesMax: number;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Agent {
  readonly options: AgentOptions;
  readonly clock: Clock;
  readonly log: Log;
  readonly resources: readonly Resource[];
  readonly attributes: readonly Attribute[];
  /** Known once the port is open. */
  port: number;
  /** Null until the master has given one. */
  id: string | null;
  readonly frameworks: Map<string, FrameworkInfo>;
  readonly executors: Map<string, Executor>;
  /** Tasks that run, and those whose end the scheduler has not acknowledged. */
  readonly tasks: Map<string, Task>;
  readonly updates: Map<string, UpdateStream>;
  /** Sends to the master, in order; what cannot be sent is lost, but for updates. */
  report: (report: Report) => void;
  /** Writes down what a restarted agent must know. */
  save: () => void;
  /** Closed agents launch nothing. */
  closed: boolean;
}

export interface Executor {
  readonly frameworkId: string;
  readonly id: string;
  readonly info: ExecutorInfo;
  readonly containerId: string;
  /** The sandbox. */
  readonly directory: string;
  phase: ExecutorPhase;
  /** Waiting until the executor has subscribed. */
  queued: TaskInfo[];
}

export type ExecutorPhase =
  | { readonly kind: 'launching' }
  | { readonly kind: 'registering'; readonly tree: ProcessTree; readonly cancelTimeout: () => void }
  | { readonly kind: 'running'; readonly tree: ProcessTree; readonly stream: EventStream<Event> | null }
  | { readonly kind: 'shutting-down'; readonly tree: ProcessTree | null; readonly cancelKill: () => void }
  | { readonly kind: 'gone' };

export interface Task {
  readonly frameworkId: string;
  readonly executorId: string;
  readonly id: string;
  readonly info: TaskInfo;
  state: TaskState;
  /** The last status that an executor gave. */
  status: TaskStatus | null;
}

/** The updates of one task: the first is on its way, the others wait for its acknowledgement. */
export interface UpdateStream {
  readonly frameworkId: string;
  readonly taskId: string;
  pending: TaskStatus[];
  /** Uuids that have been taken: an executor may send an update twice. */
  readonly taken: Set<string>;
  attempt: number;
  cancelResend: () => void;
}

export function keyOf(frameworkId: string, id: string): string {
  return JSON.stringify([frameworkId, id]);
}

export function tasksOf(agent: Agent, executor: Executor): Task[] {
  return [...agent.tasks.values()].filter(
    (task) => task.frameworkId === executor.frameworkId && task.executorId === executor.id,
  );
}

export function treeOf(executor: Executor): ProcessTree | null {
  const { phase } = executor;
  return phase.kind === 'launching' || phase.kind === 'gone' ? null : phase.tree;
}
