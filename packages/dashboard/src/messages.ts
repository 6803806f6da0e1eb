/**
 * What the scheduler's API says, as the pages use it: the messages of `control.v1`, with plain numbers for 64-bit
 * ones and nothing optional. Times are milliseconds since the epoch, 0 where not known.
 */
export interface Reading {
  readonly state: string;
  readonly atMs: number;
  readonly why: string;
}

export interface Amounts {
  readonly nodes: number;
  readonly cpuMilli: number;
  readonly memMib: number;
  readonly diskMib: number;
  readonly gpus: number;
}

/** Null: not limited. */
export type Limits = { readonly [Key in keyof Amounts]: number | null };

export interface Wish {
  readonly who: string;
  readonly why: string;
  readonly sinceMs: number;
  readonly deadlineMs: number;
  readonly force: boolean;
  readonly node: string;
  readonly agentId: string;
}

export interface Job {
  readonly id: string;
  readonly verdict: string;
  readonly nodes: readonly string[];
  readonly why: string;
  readonly whyCode: string;
  readonly name: string;
  readonly owner: string;
  readonly queue: string;
  readonly state: string;
  readonly request: string;
  readonly queuedAtMs: number;
  readonly execNodes: readonly string[];
  readonly comment: string;
  readonly walltimeS: number;
}

export interface Node {
  readonly name: string;
  readonly taskId: string;
  readonly phase: string;
  readonly np: number;
  readonly jobs: readonly string[];
  readonly why: string;
  readonly whyCode: string;
  readonly agentId: string;
  readonly states: readonly string[];
  readonly properties: readonly string[];
  readonly slotsUsed: number;
  readonly resources: Amounts | null;
  readonly launchedAtMs: number;
  readonly phaseSinceMs: number;
  readonly idleSinceMs: number;
  readonly taskState: string;
  readonly momHealth: string;
  readonly momStage: string;
  readonly goal: string;
  readonly drain: Wish | null;
}

export interface Offer {
  readonly id: string;
  readonly host: string;
  readonly verdict: string;
  readonly why: string;
  readonly whyCode: string;
  readonly agentId: string;
  readonly resources: Amounts | null;
  readonly receivedAtMs: number;
  readonly heldUntilMs: number;
  readonly refuseS: number;
}

export interface Entry {
  readonly sequence: number;
  readonly atMs: number;
  readonly event: string;
  readonly node: string;
  readonly taskId: string;
  readonly jobId: string;
  readonly offerId: string;
  readonly why: string;
  readonly data: Readonly<Record<string, string>>;
}

/** The end of one file that a node's executor wrote. */
export interface NodeLog {
  readonly agent: string;
  /** Oldest first. */
  readonly lines: readonly LogLine[];
  readonly bytes: number;
  readonly isCut: boolean;
  readonly readAtMs: number;
}

export interface LogLine {
  readonly atMs: number;
  /** debug, info, warn or error; empty where the line does not tell. */
  readonly level: string;
  readonly text: string;
}

export interface Status {
  readonly plannedAtMs: number;
  readonly frameworkId: string;
  readonly mesosConnected: boolean;
  readonly suppressed: boolean;
  readonly readings: readonly { readonly what: string; readonly reading: Reading }[];
  readonly held: Amounts | null;
  readonly heldAfter: Amounts | null;
  readonly floorNodes: number;
  readonly notices: readonly string[];
  readonly jobsByVerdict: Readonly<Record<string, number>>;
  readonly jobsByState: Readonly<Record<string, number>>;
  readonly jobsByReason: Readonly<Record<string, number>>;
  readonly nodesByPhase: Readonly<Record<string, number>>;
  readonly offersByVerdict: Readonly<Record<string, number>>;
  readonly safeAllocation: Limits;
  readonly growthHeld: Wish | null;
  readonly drains: readonly Wish[];
  readonly version: string;
  readonly startedAtMs: number;
  readonly role: string;
  readonly ready: boolean;
  readonly notReadyWhy: string;
  /** Removals that are held back until somebody confirms them; null while there are none. */
  readonly brake: Brake | null;
  readonly quarantined: readonly QuarantinedAgent[];
}

export interface Brake {
  readonly id: string;
  readonly why: string;
  readonly stopped: readonly StoppedNode[];
}

export interface StoppedNode {
  readonly node: string;
  readonly cause: string;
}

/** An agent on which launches failed too often. */
export interface QuarantinedAgent {
  readonly agentId: string;
  readonly failures: number;
  /** `resting` or `probation`. */
  readonly state: string;
  readonly untilMs: number;
  readonly evidence: readonly string[];
}

/** What Mesos, TORQUE and the scheduler disagree about, and what is done about it. */
export interface RepairStep {
  readonly what: string;
  readonly why: string;
  readonly node: string;
  readonly difference: string;
  readonly evidence: readonly string[];
  /** `now`, `waits` or `by-hand`. */
  readonly when: string;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextPageToken: string;
  readonly totalSize: number;
}

export interface Explanation {
  readonly kind: string;
  readonly id: string;
  readonly conclusion: string;
  readonly sections: readonly ExplainSection[];
  readonly plannedAtMs: number;
}

export interface ExplainSection {
  readonly code: string;
  readonly title: string;
  readonly lines: readonly ExplainLine[];
}

export interface ExplainLine {
  readonly text: string;
  readonly code: string;
  readonly aboutKind: string;
  readonly aboutId: string;
}

export interface History {
  readonly atMs: readonly number[];
  readonly series: readonly {
    readonly group: string;
    readonly name: string;
    readonly values: readonly (number | null)[];
  }[];
}

export interface Setting {
  readonly name: string;
  readonly value: string;
  readonly configured: string;
  readonly what: string;
  readonly changeable: boolean;
  readonly bounds: string;
}

export interface Settings {
  readonly settings: readonly Setting[];
  readonly changed: Wish | null;
}
