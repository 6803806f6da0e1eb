/**
 * What the executor needs of the Mesos agent that started it, in our words. `agent-client.ts` speaks
 * to a real agent; tests give their own.
 */
import type { MomOrders, MomReport } from '@mesos-torque/proto/gen/torque/v1/orders.ts';

/** What comes from the agent, one at a time and in order. */
export type ExecutorEvent =
  /** The connection stands. Comes again after every interruption; tasks and updates go on as they were. */
  | { readonly kind: 'subscribed'; readonly agentHost: string; readonly agentId: string }
  /** The connection broke and is being made again; nothing is to be done. */
  | { readonly kind: 'disconnected'; readonly why: string }
  /** A task to run. `killGraceMs` is its kill policy, null where the launch states none. */
  | {
      readonly kind: 'launch';
      readonly taskId: string;
      readonly orders: MomOrders;
      readonly killGraceMs: number | null;
    }
  /** A task whose orders cannot be read: to be answered with TASK_FAILED and `why`. */
  | { readonly kind: 'launch-garbled'; readonly taskId: string; readonly why: string }
  /** End the task. `graceMs` is what this KILL grants, null where it leaves that to the launch. */
  | { readonly kind: 'kill'; readonly taskId: string; readonly graceMs: number | null }
  /** The scheduler's order to start pbs_mom now (SchedulerMessage.start_mom). May come more than once. */
  | { readonly kind: 'start-mom'; readonly taskId: string }
  /** The agent has checkpointed an update; this is not the scheduler's acknowledgement. */
  | { readonly kind: 'acknowledged'; readonly taskId: string }
  /** End everything and exit: the agent says so (SHUTDOWN: framework removed or gone for too long). */
  | { readonly kind: 'shutdown' }
  /**
   * There will be no agent any more: it refused us, or did not come back within MESOS_RECOVERY_TIMEOUT
   * (at once, where the framework does not checkpoint). End everything and exit. Nothing comes after it.
   */
  | { readonly kind: 'lost'; readonly why: string }
  /** One event could not be read; the stream goes on. */
  | { readonly kind: 'garbled'; readonly why: string };

/** The states an executor reports. */
export type ReportedState =
  'TASK_STARTING' | 'TASK_RUNNING' | 'TASK_KILLING' | 'TASK_FINISHED' | 'TASK_FAILED' | 'TASK_KILLED';

export interface StatusReport {
  readonly taskId: string;
  readonly state: ReportedState;
  /** One sentence for people. */
  readonly message: string;
  /** Null before it is known. */
  readonly healthy: boolean | null;
  readonly report: MomReport;
}

/** What became of an update. Neither of the last two will be sent again. */
export type UpdateOutcome =
  | { readonly kind: 'acknowledged' }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'given-up'; readonly why: string };

/** What became of a framework message; the agent does not say more than that it took it. */
export type MessageOutcome =
  { readonly kind: 'taken' } | { readonly kind: 'not-taken'; readonly why: string };

export interface AgentPort {
  /**
   * Subscribes and stays subscribed until `close` or `lost`. Events come one at a time; the next one
   * waits until the promise of the last has settled. To be called once.
   */
  open(onEvent: (event: ExecutorEvent) => Promise<void>): void;
  /**
   * Sends an update and keeps it, in order, until the agent acknowledges it; across interruptions it
   * is sent again. Resolves when nothing more will happen to it and never rejects; handlers of events
   * may await it.
   */
  update(status: StatusReport): Promise<UpdateOutcome>;
  /** A framework message to the scheduler. May be lost on the way. Never rejects. */
  message(data: Uint8Array): Promise<MessageOutcome>;
  /** Ends the connection and gives up what is not acknowledged. */
  close(): Promise<void>;
}
