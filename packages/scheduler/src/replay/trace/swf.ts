/**
 * The Standard Workload Format: one job a line, 18 numbers, -1 for what is not known; comments begin with
 * a semicolon, those at the top are `Key: value`.
 *
 * What is replayed: a job that ran. By the standard, status 5 is a job that was cancelled; if it never
 * started (no run time) it leaves no trace in the nodes and is left out, and if it did start it is
 * replayed for as long as it ran. Status 2, 3 and 4 are parts of a job whose whole is a line of its own, so they
 * are left out. A run time of 0 is a job of less than a second.
 */
import { quote } from '@mesos-torque/common/text.ts';
import { linesOf, TraceBuilder, type LineRead, type Machine, type Trace } from './trace.ts';

/** The fields that a replay needs, numbers as they are in the line. */
export interface SwfFields {
  readonly number: number;
  readonly submitS: number;
  readonly runS: number;
  readonly processors: number;
  readonly requestedProcessors: number;
  readonly requestedS: number;
  readonly requestedMemory: number;
  readonly status: number;
}

export const swfFieldCount = 18;
const partialStatuses: ReadonlySet<number> = new Set([2, 3, 4]);
const cancelled = 5;

/** Ten years and more: a number beyond it is a mistake and not a time. */
const secondsMax = 1e11;
export const processorsMax = 10_000_000;

export function parseSwf(text: string): Trace {
  const builder = new TraceBuilder();
  const header = new Map<string, number>();
  let lineNumber = 0;
  for (const line of linesOf(text)) {
    lineNumber += 1;
    if (line.startsWith(';')) noteHeader(line, header);
    else builder.add(lineNumber, readLine(line));
  }
  return builder.finish('swf', machineOf(header));
}

function readLine(line: string): LineRead {
  const words = line.trim().split(/\s+/);
  if (words[0] === '') return { kind: 'nothing' };
  if (words.length !== swfFieldCount) {
    return { kind: 'malformed', why: `${words.length} fields instead of ${swfFieldCount}: ${quote(line)}` };
  }
  const fields = readSwfFields(words);
  if (typeof fields === 'string') return { kind: 'malformed', why: fields };
  const bar = whyNotReplayed(fields);
  if (bar !== null) return bar;
  const count = processorsOf(fields);
  // Kilobytes per processor, by the standard.
  const memMibPerProcessor = Math.ceil(Math.max(0, fields.requestedMemory) / 1024);
  return {
    kind: 'job',
    job: { ...timesOf(fields), asked: { kind: 'processors', count, memMibPerProcessor } },
  };
}

/** The fields, or what is wrong with them. */
export function readSwfFields(words: readonly string[]): SwfFields | string {
  const numbers: number[] = [];
  for (const [index, word] of words.slice(0, swfFieldCount).entries()) {
    const number = /^-?[0-9]{1,15}(?:\.[0-9]{1,9})?$/.test(word) ? Number(word) : Number.NaN;
    if (Number.isNaN(number)) return `field ${index + 1} is no number: ${quote(word)}`;
    numbers.push(number);
  }
  const at = (field: number): number => numbers[field - 1] ?? -1;
  const fields: SwfFields = {
    number: at(1),
    submitS: at(2),
    runS: at(4),
    processors: at(5),
    requestedProcessors: at(8),
    requestedS: at(9),
    requestedMemory: at(10),
    status: at(11),
  };
  if (fields.submitS < 0) return `the time of submission is ${fields.submitS}`;
  for (const field of ['submitS', 'runS', 'requestedS'] as const) {
    if (fields[field] > secondsMax) return `${fields[field]} s is no time`;
  }
  return processorsOf(fields) > processorsMax ? `${processorsOf(fields)} processors` : fields;
}

/** Null for a job that can be replayed. */
export function whyNotReplayed(fields: SwfFields): LineRead | null {
  const { status, runS } = fields;
  if (partialStatuses.has(status))
    return { kind: 'skipped', why: 'part of a job that has a line of its own' };
  if (status === cancelled && runS <= 0) return { kind: 'skipped', why: 'cancelled before it started' };
  if (runS < 0) return { kind: 'skipped', why: 'run time not known' };
  if (processorsOf(fields) <= 0) return { kind: 'skipped', why: 'number of processors not known' };
  return null;
}

/** What was asked for; what was given stands in where nothing is said. */
function processorsOf({ requestedProcessors, processors }: SwfFields): number {
  return Math.ceil(requestedProcessors > 0 ? requestedProcessors : processors);
}

export function timesOf({ number, submitS, runS, requestedS }: SwfFields): {
  readonly number: number;
  readonly submitMs: number;
  readonly runMs: number;
  readonly walltimeMs: number | null;
} {
  return {
    number,
    submitMs: Math.round(submitS * 1000),
    runMs: Math.round(runS * 1000),
    walltimeMs: requestedS > 0 ? Math.round(requestedS * 1000) : null,
  };
}

function noteHeader(line: string, header: Map<string, number>): void {
  const groups = /^;\s*(?<key>Max(?:Nodes|Procs)):\s*(?<value>[0-9]{1,9})\b/.exec(line)?.groups;
  const key = groups?.['key'];
  // The first one counts: later comments may speak of parts of the machine.
  if (key !== undefined && !header.has(key)) header.set(key, Number(groups?.['value']));
}

function machineOf(header: ReadonlyMap<string, number>): Machine | null {
  const procs = header.get('MaxProcs') ?? header.get('MaxNodes') ?? 0;
  const nodes = header.get('MaxNodes') ?? procs;
  if (procs < 1 || nodes < 1 || procs > processorsMax) return null;
  return { nodes, slots: Math.max(1, Math.floor(procs / nodes)) };
}
