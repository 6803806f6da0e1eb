/**
 * What the executor needs of its machine. The real adapters are `home-files.ts`, `programs.ts`,
 * `mom-process.ts` and `process-table.ts`; unit tests give their own. The agent's port is
 * `mesos/agent-port.ts`.
 */
import type { Clock } from '@mesos-torque/common/clock.ts';
import type { Log } from '@mesos-torque/common/logger.ts';
import type { Argv, RunCommand } from '@mesos-torque/common/run-command.ts';
import type { NameFacts } from './check/facts.ts';
import type { AgentPort } from './mesos/agent-port.ts';
import type { MomHome } from './mom-home.ts';
import type { CheckedOrders } from './orders.ts';
import type { MarkedEntry, ProcessRow } from './processes.ts';

export type Attempt<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: string };

/** Makes and removes TORQUE's home of our mom. */
export interface HomePort {
  /** `pbsdsh` is that program on this agent, null where there is none or no MPI is wanted. */
  prepare(orders: CheckedOrders, pbsdsh: string | null): Promise<Attempt<MomHome>>;
  /** What in the path of the home pbs_mom takes offence at, as a sentence; null if nothing. */
  pathFault(home: MomHome): Promise<string | null>;
  /** The last lines of the mom's own log, empty if there is none. */
  lastLogLines(home: MomHome): Promise<readonly string[]>;
  /** Removes what would outlive the sandbox: the link, and a home outside it. Never rejects. */
  remove(home: MomHome): Promise<void>;
}

/** How pbs_mom ended. */
export type MomExit =
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'signal'; readonly signal: string }
  | { readonly kind: 'not-started'; readonly error: string }
  /** It was no child of ours. */
  | { readonly kind: 'unknown' };

/** A pbs_mom that we started, leader of a process group of its own. */
export interface MomProcess {
  /** 0 when it could not be started. */
  readonly pid: number;
  /** Null while it runs. */
  readonly exit: MomExit | null;
  /** Resolves when it has ended; never rejects. */
  readonly exited: Promise<MomExit>;
  /** The last lines of its standard error. */
  lastStderrLines(): readonly string[];
  /** To the whole process group; nothing happens when that is gone. */
  signalGroup(signal: 'SIGTERM' | 'SIGKILL'): void;
}

export interface StartMomOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** The processes of this machine. */
export interface ProcessesPort {
  /** Every process that is not a zombie. `mark` is looked for in their environments. Never rejects. */
  list(mark: MarkedEntry): Promise<readonly ProcessRow[]>;
  /** One process; nothing happens when it is gone. */
  signal(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void;
}

/** Ends the mom and its jobs when the executor ends without a word. */
export interface Guardian {
  /** The executor ends in order, with nothing left to end. */
  release(): void;
}

export interface ExecutorPorts {
  readonly agent: AgentPort;
  readonly clock: Clock;
  readonly log: Log;
  readonly home: HomePort;
  /** A name and its addresses, forward and back, as this machine finds them. Never rejects. */
  readonly lookUpName: (name: string) => Promise<NameFacts>;
  /** The file behind a program's name on a PATH. */
  findProgram(name: string, path: string): Promise<Attempt<string>>;
  readonly startMom: (argv: Argv, options: StartMomOptions) => MomProcess;
  /** A mom of this home that an earlier executor started and that still runs; null where there is none. */
  readonly adoptMom: (home: MomHome) => Promise<MomProcess | null>;
  readonly guard: () => Guardian;
  /** Shows the mom's log to people until the function that it gives is called. */
  readonly followLog: (home: MomHome) => () => void;
  readonly run: RunCommand;
  readonly processes: ProcessesPort;
}

/** What is known from the start and does not change. */
export interface ExecutorSettings {
  /** When the executor's process began, in the clock's milliseconds: milestones count from here. */
  readonly startedAtMs: number;
  /** The system's name of this machine. */
  readonly hostName: string;
  /** Addresses of this machine, loopback left out. */
  readonly addresses: readonly string[];
  /** The executor's own process id: it and its process group are never among what is ended. */
  readonly ownPid: number;
  readonly sandbox: string;
  /** The environment for children, without PATH and without what Mesos put in for us alone. */
  readonly childEnv: Readonly<Record<string, string>>;
  /** PATH for children where the orders give none. */
  readonly ownPath: string;
  /** What the agent leaves us between SHUTDOWN and KILL, in milliseconds. */
  readonly shutdownGraceMs: number;
}
