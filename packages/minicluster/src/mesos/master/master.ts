/** What the master knows: frameworks, agents, offers. Everything is in memory; a new master starts empty. */
import { randomUUID } from 'node:crypto';
import { type Clock } from '@mesos-torque/common/clock.ts';
import { type Log } from '@mesos-torque/common/logger.ts';
import {
  type Attribute,
  type ExecutorInfo,
  type FrameworkInfo,
  type MasterInfo,
  type Offer as OfferMessage,
  type Resource,
  type TaskInfo,
  type TaskState,
  type TaskStatus,
} from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import { type Event, type OfferConstraints } from '@mesos-torque/proto/gen/mesos/v1/scheduler/scheduler.ts';
import { type Order } from '../link.ts';
import { type Standing } from '../zookeeper/candidacy.ts';
import { mesosVersion } from '../version.ts';
import { type EventStream } from '../wire/event-stream.ts';
import type { Asked, Window } from './maintenance.ts';

export interface MasterOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly allocationIntervalMs: number;
  /** Of the schedulers' event streams; 1.12 sends one every 15 s. */
  readonly heartbeatIntervalMs: number;
  readonly agentPingTimeoutMs: number;
  /** So many pings without an answer, and the agent's tasks are unreachable. */
  readonly maxAgentPingTimeouts: number;
  /** Frameworks that may be known at once, those removed not counted. */
  readonly frameworksMax: number;
  readonly agentsMax: number;
  readonly bodyBytesMax: number;
  /** Bytes that may wait for a scheduler that does not read its stream. */
  readonly streamQueueBytesMax: number;
  /** Finished frameworks and tasks that are remembered for /state. */
  readonly completedFrameworksMax: number;
  readonly completedTasksMax: number;
  /** `zk://host:port,…/path`, where several masters choose one that leads; null for one alone. */
  readonly zk: string | null;
  readonly zkSessionTimeoutMs: number;
  /** Whether `POST /test/rescind` is served. */
  readonly testCalls: boolean;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Master {
  readonly id: string;
  readonly options: MasterOptions;
  readonly clock: Clock;
  readonly log: Log;
  readonly startedMs: number;
  /** Known once the port is open. */
  port: number;
  /** Whether this master answers, or who does. */
  standing: () => Standing;
  readonly frameworks: Map<string, Framework>;
  /** Removed frameworks, oldest first; they may not come back. */
  readonly completedFrameworks: Map<string, Framework>;
  readonly agents: Map<string, Agent>;
  /** Agent ids, and since when they are unreachable (nanoseconds since the epoch). */
  readonly unreachableAgents: Map<string, bigint>;
  readonly goneAgents: Set<string>;
  readonly offers: Map<string, Offer>;
  /** The maintenance schedule. */
  maintenance: readonly Window[];
  /** By framework and agent: what frameworks were asked for, see `maintenance.ts`. */
  readonly inverseOffers: Map<string, Asked>;
  readonly next: { framework: number; agent: number; offer: number; allocation: number };
  /** Cancels the allocation that is due. */
  cancelAllocation: (() => void) | null;
}

export interface Framework {
  readonly id: string;
  info: FrameworkInfo;
  connection: Connection;
  readonly suppressedRoles: Set<string>;
  offerConstraints: OfferConstraints | null;
  filters: Filter[];
  readonly registeredMs: number;
  reregisteredMs: number;
  unregisteredMs: number;
  /** Tasks that have not ended, or whose end has not been acknowledged. */
  readonly tasks: Map<string, Task>;
  readonly unreachableTasks: Map<string, Task>;
  readonly completedTasks: Task[];
  readonly executors: Map<string, Executor>;
}

export type Connection =
  | { readonly kind: 'connected'; readonly stream: EventStream<Event>; readonly streamId: string }
  | { readonly kind: 'disconnected'; readonly cancelFailover: () => void }
  /** An agent told of the framework after a restart of the master; its scheduler has not come yet. */
  | { readonly kind: 'recovered' };

/** An agent's resources that are not offered again until `untilMs`, as long as there is no more than was refused. */
export interface Filter {
  readonly agentId: string;
  readonly role: string;
  readonly refused: readonly Resource[];
  readonly untilMs: number;
}

export interface Task {
  readonly id: string;
  readonly frameworkId: string;
  readonly agentId: string;
  /** Null for a task with a command of its own. */
  readonly executorId: string | null;
  readonly info: TaskInfo;
  /** The latest state that the agent has told. */
  state: TaskState;
  /** The state of the update that was last forwarded; reconciliation answers with it. */
  forwardedState: TaskState;
  forwardedUuid: Buffer | null;
  readonly statuses: TaskStatus[];
}

export interface Executor {
  readonly frameworkId: string;
  readonly agentId: string;
  readonly id: string;
  readonly info: ExecutorInfo;
}

export interface Agent {
  readonly id: string;
  readonly hostname: string;
  readonly address: string;
  readonly port: number;
  readonly resources: readonly Resource[];
  readonly attributes: readonly Attribute[];
  readonly registeredMs: number;
  reregisteredMs: number | null;
  link: AgentLink;
  pingsMissed: number;
  cancelPing: () => void;
}

export type AgentLink =
  | {
      readonly kind: 'connected';
      readonly session: string;
      readonly order: (order: Order) => void;
      readonly close: () => void;
    }
  | { readonly kind: 'disconnected' };

export interface Offer {
  readonly id: string;
  readonly frameworkId: string;
  readonly agentId: string;
  readonly role: string;
  /** Allocated to `role`. */
  readonly resources: readonly Resource[];
  readonly message: OfferMessage;
}

export function createMaster(options: MasterOptions): Master {
  return {
    id: randomUUID(),
    options,
    clock: options.clock,
    log: options.log,
    startedMs: options.clock.nowMs(),
    port: options.port,
    standing: () => ({ kind: options.zk === null ? 'leads' : 'no-leader' }),
    frameworks: new Map(),
    completedFrameworks: new Map(),
    agents: new Map(),
    unreachableAgents: new Map(),
    goneAgents: new Set(),
    offers: new Map(),
    maintenance: [],
    inverseOffers: new Map(),
    next: { framework: 0, agent: 0, offer: 0, allocation: 0 },
    cancelAllocation: null,
  };
}

export function masterInfo(master: Master): MasterInfo {
  const { host } = master.options;
  return {
    id: master.id,
    // As the real one, which puts the address into the integer in network order on a little-endian machine.
    ip: host.split('.').reduceRight((value, part) => value * 256 + Number(part), 0),
    port: master.port,
    pid: `master@${host}:${master.port}`,
    hostname: 'localhost',
    version: mesosVersion,
    address: { hostname: 'localhost', ip: host, port: master.port },
    capabilities: [{ type: 'AGENT_UPDATE' }, { type: 'AGENT_DRAINING' }, { type: 'QUOTA_V2' }],
  };
}

/** Where the executors of a framework are kept: their ids are unique on an agent only. */
export function executorKey(agentId: string, executorId: string): string {
  return JSON.stringify([agentId, executorId]);
}

export function hasCapability(info: FrameworkInfo, capability: string): boolean {
  return info.capabilities.some(({ type }) => type === capability);
}

/** The roles that a framework takes offers for. */
export function rolesOf(info: FrameworkInfo): string[] {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- frameworks without MULTI_ROLE have nothing else
  return hasCapability(info, 'MULTI_ROLE') ? info.roles : [info.role ?? '*'];
}
