/** What the scheduler's client is told, after configuration was read and checked. */
import type { Clock } from '@mesos-torque/common/clock.ts';
import type { Encoding } from '@mesos-torque/common/encoding.ts';
import type { EventStreamLimits, Servers } from '@mesos-torque/common/event-stream.ts';
import type { Random } from '@mesos-torque/common/backoff.ts';
import type { Log } from '@mesos-torque/common/logger.ts';
import type { ResourceVector } from '@mesos-torque/common/units.ts';
import type { TlsTrust } from '@mesos-torque/common/tls-trust.ts';
import type { MomOrders } from '@mesos-torque/proto/gen/torque/v1/orders.ts';
import type { OfferWishes } from './offer-wishes.ts';
import type { LaunchDecision } from '../core/decisions.ts';
import type { Credential } from './authorization.ts';

export interface SchedulerClientOptions extends FrameworkOptions {
  readonly masters: Servers;
  readonly encoding: Encoding;
  /** HTTP Basic, where the master asks for it; null where it does not. */
  readonly credential: Credential | null;
  /** The same for agents whose sandboxes are looked into; null where they do not ask. */
  readonly agentCredential: Credential | null;
  /** Counts where masters are spoken to over TLS. */
  readonly tls: TlsTrust;
  readonly wishes: OfferWishes;
  readonly keepsToFairShare: boolean;
  readonly executor: ExecutorOptions;
  /** What the executor of a launch is to do; travels in the task's data. */
  readonly orders: (launch: LaunchDecision) => MomOrders;
  /** For one call, its answer included. Milliseconds. */
  readonly callTimeMsMax: number;
  readonly limits: EventStreamLimits;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** Who we are to Mesos. */
export interface FrameworkOptions {
  readonly frameworkName: string;
  /** The user that executors run as on the agents. Mesos never changes it for a framework id. */
  readonly user: string;
  readonly role: string;
  /** Null where the master does not authenticate frameworks. */
  readonly principal: string | null;
  /** How long tasks outlive a scheduler that is gone; Mesos' own default of 0 kills them at once. Seconds. */
  readonly failoverTimeoutS: number;
  /** Whether agents of other regions than the master's are offered to us too. */
  readonly wantsOtherRegions: boolean;
  /** Whether agents with gpus are offered to us too. */
  readonly wantsGpus: boolean;
  /** A page for people, linked by Mesos' web interface; null for none. */
  readonly webuiUrl: string | null;
  /** Our host, for people. */
  readonly hostname: string;
}

/** A week: long enough to repair a scheduler's host over a long weekend. Seconds. */
export const failoverTimeoutSDefault = 7 * 24 * 3600;
/** Calls are answered in milliseconds; a master that is busy electing itself may take seconds. */
export const callTimeMsMaxDefault = 10_000;

/** How an executor is started. One runs per task, under the task's id. */
export interface ExecutorOptions {
  /** The executor for an agent with these attributes, as text; or why there is none. */
  readonly programFor: (attributes: Readonly<Record<string, string>>) => ProgramChoice;
  /** What executors that we serve were built from; empty where that is not known. */
  readonly builds: ReadonlySet<string>;
  readonly env: Readonly<Record<string, string>>;
  /** A Docker image in which executor and mom run; null: on the agent's own file system. */
  readonly image: string | null;
  /** The executor's own part of every launch's resources. */
  readonly resources: ResourceVector;
  /** How long the agent waits for an executor that it has asked to shut down. */
  readonly shutdownGraceMs: number;
  /** The kill policy of tasks: how long an executor has when the agent itself is drained. */
  readonly killGraceMs: number;
}

export type ProgramChoice =
  { readonly ok: true; readonly program: ExecutorProgram } | { readonly ok: false; readonly why: string };

/** What an agent fetches and runs. */
export interface ExecutorProgram {
  readonly uris: readonly ExecutorUri[];
  /** The program, never through a shell; `arguments` are its argv, its own name first. */
  readonly command: { readonly value: string; readonly arguments: readonly string[] };
}

/** A file that the agent fetches into the sandbox. */
export interface ExecutorUri {
  readonly value: string;
  readonly executable: boolean;
  readonly extract: boolean;
  readonly cache: boolean;
  /** The name in the sandbox; null keeps the last part of the address. */
  readonly outputFile: string | null;
}
