/**
 * A workload as a trace tells it: when jobs were submitted, what they asked for, and how long they ran.
 * What could not be read is counted and named with its line, and does not end the reading.
 */
import { grouped } from '@mesos-torque/common/units.ts';
import type { JobRequest } from '../../core/facts.ts';

export const traceFormats = ['swf', 'wagap', 'accounting'] as const;
/**
 * - `swf`: the Standard Workload Format, 18 fields a line.
 * - `wagap`: its 18 fields, then hosts, queue, and the job's own `-l nodes=`; memory is in bytes.
 * - `accounting`: what pbs_server writes to `server_priv/accounting`; the E records are read.
 */
export type TraceFormat = (typeof traceFormats)[number];

export interface TraceJob {
  /** A number that orders jobs submitted at the same moment. */
  readonly number: number;
  readonly submitMs: number;
  readonly runMs: number;
  /** What the user said that it would take at the most; null where nothing was said. */
  readonly walltimeMs: number | null;
  readonly asked: Asked;
}

/** SWF knows processors only; how they spread over nodes depends on the nodes. */
export type Asked =
  | { readonly kind: 'processors'; readonly count: number; readonly memMibPerProcessor: number }
  | { readonly kind: 'request'; readonly request: JobRequest };

/** The machine that a trace says it comes from: that many nodes, with that many processors each. */
export interface Machine {
  readonly nodes: number;
  readonly slots: number;
}

export interface Trace {
  readonly format: TraceFormat;
  /** In the order of submission. */
  readonly jobs: readonly TraceJob[];
  /** Jobs that were read and cannot be replayed, by reason. */
  readonly skipped: ReadonlyMap<string, number>;
  /** Sentences with line numbers, the first of them. */
  readonly malformed: readonly string[];
  readonly malformedCount: number;
  /** Null where the trace does not say. */
  readonly machine: Machine | null;
}

const malformedShownMax = 20;
const jobsMax = 5_000_000;

/** What one line came to. */
export type LineRead =
  | { readonly kind: 'job'; readonly job: TraceJob }
  /** Not a job, by the rules of the format: a comment, another record. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'skipped'; readonly why: string }
  /** `why` goes on after "line 7: ". */
  | { readonly kind: 'malformed'; readonly why: string };

/** Collects what the lines of a trace come to. */
export class TraceBuilder {
  readonly #jobs: TraceJob[] = [];
  readonly #skipped = new Map<string, number>();
  readonly #malformed: string[] = [];
  #malformedCount = 0;

  /** `lineNumber` counts from 1. */
  add(lineNumber: number, read: LineRead): void {
    switch (read.kind) {
      case 'job':
        if (this.#jobs.length < jobsMax) this.#jobs.push(read.job);
        else this.#skip(`beyond the ${grouped(jobsMax)} jobs that are replayed`);
        return;
      case 'skipped':
        this.#skip(read.why);
        return;
      case 'malformed':
        this.#malformedCount += 1;
        if (this.#malformed.length < malformedShownMax) {
          this.#malformed.push(`line ${lineNumber}: ${read.why}`);
        }
        return;
      case 'nothing':
        return;
    }
  }

  #skip(why: string): void {
    this.#skipped.set(why, (this.#skipped.get(why) ?? 0) + 1);
  }

  finish(format: TraceFormat, machine: Machine | null): Trace {
    return {
      format,
      jobs: this.#jobs.sort((a, b) => a.submitMs - b.submitMs || a.number - b.number),
      skipped: this.#skipped,
      malformed: this.#malformed,
      malformedCount: this.#malformedCount,
      machine,
    };
  }
}

/** The lines of a text without their ends; a last line without an end counts. */
export function* linesOf(text: string): Generator<string> {
  let begin = 0;
  while (begin < text.length) {
    const end = text.indexOf('\n', begin);
    const stop = end === -1 ? text.length : end;
    yield text.slice(begin, text[stop - 1] === '\r' ? stop - 1 : stop);
    begin = stop + 1;
  }
}
