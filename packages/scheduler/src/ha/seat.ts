/**
 * The right to act as the framework's scheduler, and the state that goes with it. One scheduler alone has
 * it for as long as it holds its state directory; of several, the one that leads has it until it does not.
 */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import process from 'node:process';
import type { Clock } from '@mesos-torque/common/clock.ts';
import type { Log } from '@mesos-torque/common/logger.ts';
import type { StatePort } from '../loop/ports.ts';
import type { StateFile } from '../loop/state-file.ts';
import { guardRecordIn, type GuardRecordPort } from '../torque/server/guard-record.ts';
import type { ZooAddress } from '../zookeeper/address.ts';
import { openZooSession } from '../zookeeper/session.ts';
import { createElection } from './election.ts';
import { systemInstant } from './lease.ts';
import { sharedGuard } from './shared-guard.ts';
import { sharedState } from './shared-state.ts';

export interface Seat {
  readonly state: StatePort;
  /** What must not be forgotten about pbs_server's `scheduling`. */
  readonly guard: GuardRecordPort;
  /** Asked before every act; false for ever once it was. */
  mayAct(): boolean;
  /** Settles when the right is lost, with the reason; never for a scheduler alone. */
  readonly over: Promise<string>;
  /** Gives it back: another may take it at once. */
  leave(): Promise<void>;
}

export interface Seats {
  /** Waits for the right to act; null once closed. */
  take(): Promise<Seat | null>;
  /** Why we do not act, for people; null while nothing is known. */
  waitingFor(): string | null;
  /** Takes no more; the one taken stays until it is left. */
  close(): void;
}

/** For a scheduler alone: who holds the state directory holds the seat. */
export function soleSeat(file: StateFile, stateDir: string): Seats {
  const seat: Seat = {
    state: file,
    guard: guardRecordIn(stateDir),
    mayAct: () => true,
    over: new Promise<string>(() => undefined),
    leave: () => Promise.resolve(),
  };
  let isClosed = false;
  return {
    take: () => Promise.resolve(isClosed ? null : seat),
    waitingFor: () => null,
    close: () => {
      isClosed = true;
    },
  };
}

export interface ElectedOptions {
  readonly address: ZooAddress;
  readonly sessionTimeoutMs: number;
  /** Of this machine: what it has left of a time without ZooKeeper is taken over once. */
  readonly file: StateFile;
  readonly clock: Clock;
  readonly log: Log;
}

/** For one of several. */
export function electedSeats(options: ElectedOptions): Seats {
  const { address, sessionTimeoutMs, file, clock, log } = options;
  const { path } = address;
  const election = createElection({
    path,
    openSession: () =>
      openZooSession({
        address,
        timeoutMs: sessionTimeoutMs,
        // Within a lease, so that a server that does not answer leaves time to ask another one.
        requestTimeMsMax: sessionTimeoutMs / 4,
        connectTimeMsMax: sessionTimeoutMs / 2,
        clock,
      }),
    name: randomUUID(),
    about: JSON.stringify({ host: hostname(), pid: process.pid }),
    clock,
    now: systemInstant,
    log,
  });
  return {
    async take() {
      const reign = await election.lead();
      if (reign === null) return null;
      return {
        state: sharedState({ reign, path, first: () => file.load(), clock }),
        guard: sharedGuard(reign.session, path),
        mayAct: () => reign.mayAct(),
        over: reign.over,
        leave: () => reign.resign(),
      };
    },
    waitingFor: () => {
      const leader = election.otherLeader();
      if (leader !== null) return `another scheduler leads: ${leader}`;
      const problem = election.problem();
      return problem === null ? null : `standing for election: ${problem}`;
    },
    close: () => {
      election.close();
    },
  };
}
