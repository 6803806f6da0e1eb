/** `mesos-torque replay`: reads a trace and policies, runs them, and shows what they would have come to. */
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { messageOf } from '@mesos-torque/common/text.ts';
import { duration, whole, type Kind } from '../config-kinds.ts';
import { clusterForm, clusterOf, parseCluster, type Agent } from '../replay/cluster.ts';
import { RuleBroken } from '../replay/keepers/planned.ts';
import { schedulerNames, type SchedulerName } from '../replay/model/schedulers.ts';
import { policyFor, type NamedPolicy } from '../replay/policies.ts';
import { bootTooLong, replay, type Row } from '../replay/replay.ts';
import type { Timing } from '../replay/timing.ts';
import { detectFormat, parseTrace } from '../replay/trace/parse-trace.ts';
import { traceFormats, type Trace, type TraceFormat } from '../replay/trace/trace.ts';
import { workloadOf, type Workload } from '../replay/workload.ts';
import { formatOf as outputFormatOf, showEach, type OutputFlags } from './output.ts';
import { failed, readBytes, readText, type Input } from './read-file.ts';
import { introduction, rowForPrograms, renderRows, strandedNotes } from './render-replay.ts';
import { clean, type Terminal } from './terminal.ts';

export interface ReplayFlags extends OutputFlags {
  readonly trace: string;
  readonly policy: readonly string[];
  readonly format?: string;
  readonly cluster?: string;
  readonly scheduler: string;
  readonly boot: string;
  readonly hostList: string;
  readonly poll: string;
  readonly jobs?: string;
}

export const replayDefaults = { scheduler: 'easy', boot: '20s', hostList: '0s', poll: '2s' } as const;

const traceBytesMax = 512 * 1024 * 1024;
const policyBytesMax = 1024 * 1024;
const hourMs = 3_600_000;
/** How often TORQUE is read while something is expected of it, as `torque.pollInterval` by default. */
const expectantPollMs = 500;

/** True when all was replayed; otherwise what is wrong was said on standard error. */
export async function showReplay(flags: ReplayFlags, terminal: Terminal): Promise<boolean> {
  const complain = (error: string): false => {
    terminal.err(`mesos-torque: ${clean(error)}\n`);
    return false;
  };
  const prepared = await prepare(flags);
  if (!prepared.ok) return complain(prepared.error);
  const { workload, trace, scheduler, timing, policies } = prepared.value;
  const isForPrograms = ['json', 'yaml'].includes(outputFormatOf(flags));
  const tell = (text: string): void => {
    if (isForPrograms) terminal.err(text);
    else terminal.out(text);
  };
  tell(introduction(trace, workload, { scheduler, timing }));
  const rows: Row[] = [];
  try {
    for (const row of replay(workload, { scheduler, timing, policies })) {
      rows.push(row);
      if (isForPrograms) {
        showEach(
          flags,
          terminal,
          () => rowForPrograms(row, workload),
          () => '',
        );
      }
    }
  } catch (error) {
    if (error instanceof RuleBroken) return complain(`${error.message}; this is a bug`);
    throw error;
  }
  if (!isForPrograms) terminal.out(renderRows(rows, workload, timing));
  tell(strandedNotes(rows));
  return true;
}

interface Prepared {
  readonly trace: Trace;
  readonly workload: Workload;
  readonly scheduler: SchedulerName;
  readonly timing: Timing;
  readonly policies: readonly NamedPolicy[];
}

async function prepare(flags: ReplayFlags): Promise<Input<Prepared>> {
  const scheduler = oneOf('--scheduler', schedulerNames, flags.scheduler);
  if (!scheduler.ok) return scheduler;
  const timing = timingOf(flags);
  if (!timing.ok) return timing;
  const jobsMax =
    flags.jobs === undefined ? ok(Infinity) : valueOf('--jobs', whole('jobs', 1, 100_000_000), flags.jobs);
  if (!jobsMax.ok) return jobsMax;
  const trace = await readTrace(flags);
  if (!trace.ok) return trace;
  const cluster = clusterFor(flags, trace.value);
  if (!cluster.ok) return cluster;
  const workload = workloadOf(trace.value, cluster.value, jobsMax.value);
  if (workload.jobs.length === 0) {
    return failed(flags.trace, `none of its ${trace.value.jobs.length} jobs can be replayed on this cluster`);
  }
  const policies = await policiesOf(flags.policy, cluster.value, timing.value);
  if (!policies.ok) return policies;
  const value = { trace: trace.value, workload, scheduler: scheduler.value, timing: timing.value };
  return ok({ ...value, policies: policies.value });
}

function ok<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

function oneOf<T extends string>(flag: string, choices: readonly T[], given: string): Input<T> {
  const chosen = choices.find((choice) => choice === given);
  if (chosen !== undefined) return ok(chosen);
  return failed(flag, `"${given}" is not possible: choose one of ${choices.join(', ')}`);
}

function valueOf<T>(flag: string, kind: Kind<T>, given: string): Input<T> {
  const read = kind.read(given);
  return read.ok ? read : failed(flag, `"${given}" is not possible: ${read.remedy}`);
}

function timingOf(flags: ReplayFlags): Input<Timing> {
  const bootMs = valueOf('--boot', duration(0, hourMs), flags.boot);
  const hostListMs = valueOf('--host-list', duration(0, hourMs), flags.hostList);
  const quietPollMs = valueOf('--poll', duration(100, hourMs), flags.poll);
  if (!bootMs.ok) return bootMs;
  if (!hostListMs.ok) return hostListMs;
  if (!quietPollMs.ok) return quietPollMs;
  return ok({
    bootMs: bootMs.value,
    hostListMs: hostListMs.value,
    quietPollMs: quietPollMs.value,
    pollMs: Math.min(expectantPollMs, quietPollMs.value),
  });
}

async function readTrace(flags: ReplayFlags): Promise<Input<Trace>> {
  const bytes = await readBytes(flags.trace, traceBytesMax);
  if (!bytes.ok) return bytes;
  const text = textOf(bytes.value);
  if (!text.ok) return failed(flags.trace, text.error);
  const format = formatOf(flags, text.value);
  if (!format.ok) return format;
  const trace = parseTrace(text.value, format.value);
  const [first] = trace.malformed;
  if (trace.jobs.length === 0 && first !== undefined) {
    return failed(flags.trace, `no job could be read as ${format.value}; ${first}`);
  }
  return ok(trace);
}

/** Names of users and jobs may be in any encoding; what is read of a trace is ASCII. */
function textOf(bytes: Buffer): Input<string> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return ok(bytes.toString('latin1'));
  try {
    return ok(gunzipSync(bytes, { maxOutputLength: traceBytesMax }).toString('latin1'));
  } catch (error) {
    const what = messageOf(error);
    return {
      ok: false,
      error: `cannot be unpacked (${what}); give a whole .gz file of up to 512 MiB of text`,
    };
  }
}

function formatOf(flags: ReplayFlags, text: string): Input<TraceFormat> {
  if (flags.format !== undefined) return oneOf('--format', traceFormats, flags.format);
  const found = detectFormat(text);
  if (found !== null) return ok(found);
  return failed(
    flags.trace,
    `no line is of a known form; say which with --format ${traceFormats.join(' | ')}`,
  );
}

function clusterFor(flags: ReplayFlags, { machine, format }: Trace): Input<readonly Agent[]> {
  if (flags.cluster === undefined && machine === null) {
    return failed(
      flags.trace,
      `a trace of the form ${format} does not say what it ran on; describe it: --cluster ${clusterForm}`,
    );
  }
  const read =
    flags.cluster === undefined && machine !== null ? clusterOf(machine) : parseCluster(flags.cluster ?? '');
  return read.ok ? read : failed(flags.cluster === undefined ? flags.trace : '--cluster', read.error);
}

async function policiesOf(
  files: readonly string[],
  cluster: readonly Agent[],
  timing: Timing,
): Promise<Input<readonly NamedPolicy[]>> {
  const policies: NamedPolicy[] = [];
  for (const file of [null, ...files]) {
    const text = file === null ? ok('') : await readText(file, policyBytesMax);
    if (!text.ok) return text;
    const source = file === null ? null : { name: file, text: text.value };
    const read = policyFor(file === null ? 'default' : path.basename(file), source, cluster);
    if (!read.ok) return { ok: false, error: read.errors.join('; ') };
    const problem = bootTooLong(read.value, timing);
    if (problem !== null) return { ok: false, error: problem };
    policies.push(read.value);
  }
  return ok(policies);
}
