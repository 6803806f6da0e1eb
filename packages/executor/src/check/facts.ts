/** What was seen of a machine on which a mom might run. `judge.ts` says what it means. */

/** Something that was looked at: what was found, or why it could not be. */
export type Seen<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: string };

export interface MachineFacts {
  /** Null where the system has no users. */
  readonly uid: number | null;
  readonly rights: Seen<RightsFacts>;
  readonly ports: readonly PortFacts[];
  readonly home: HomeFacts;
  readonly programs: readonly ProgramFacts[];
  readonly ownName: NameFacts;
  /** Null when no server was named. */
  readonly server: ServerFacts | null;
  /** How far the scheduler's clock is ahead of ours, in milliseconds; null when no scheduler was named. */
  readonly schedulerAheadMs: Seen<number> | null;
}

/** Limits and capabilities of this process, which a mom inherits. */
export interface RightsFacts {
  /** Bytes; Infinity where there is no limit. */
  readonly lockedBytesMax: number;
  readonly openFilesMax: number;
  /** CAP_IPC_LOCK: memory may be locked beyond the limit. */
  readonly mayLock: boolean;
  /** CAP_SYS_RESOURCE: limits may be raised. */
  readonly mayRaiseLimits: boolean;
}

export interface PortFacts {
  readonly port: number;
  /** Why nothing can listen there; null when something can. */
  readonly problem: string | null;
}

export interface HomeFacts {
  /** The folder in which the home would be made. */
  readonly folder: string;
  /** Why nothing could be made in it; null when something could. */
  readonly problem: string | null;
  /** What pbs_mom's own check of the path takes offence at; null for nothing. */
  readonly pathFault: string | null;
  /** Folders above it through which users cannot pass, with their modes. */
  readonly closedFolders: readonly { readonly folder: string; readonly mode: number }[];
  readonly mountOptions: Seen<readonly string[]>;
  readonly freeMib: Seen<number>;
}

export interface ProgramFacts {
  readonly name: string;
  readonly file: Seen<string>;
  /** As the program says; null where it was not asked. */
  readonly version: Seen<string> | null;
}

export interface NameFacts {
  readonly name: string;
  /** Loopback included. */
  readonly addresses: Seen<readonly string[]>;
  /** For each of the addresses the names that it has. */
  readonly namesOf: ReadonlyMap<string, Seen<readonly string[]>>;
}

export interface ServerFacts extends NameFacts {
  readonly port: number;
  /** Why no connection could be made to it; null when one could. */
  readonly connectProblem: string | null;
}
