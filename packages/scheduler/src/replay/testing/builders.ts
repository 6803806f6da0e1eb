/** Small clusters, jobs and policies for tests of the replay. */
import { gunzipSync } from 'node:zlib';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Policy } from '../../core/policy.ts';
import { parseCluster, type Agent } from '../cluster.ts';
import { policyFor } from '../policies.ts';
import type { Timing } from '../timing.ts';
import type { Trace, TraceJob } from '../trace/trace.ts';
import { workloadOf, type Workload } from '../workload.ts';

export const timing: Timing = { bootMs: 20_000, hostListMs: 0, pollMs: 500, quietPollMs: 2000 };

export function aCluster(text: string): readonly Agent[] {
  const read = parseCluster(text);
  if (!read.ok) throw new Error(read.error);
  return read.value;
}

export function aTrace(jobs: readonly TraceJob[]): Trace {
  return { format: 'swf', jobs, skipped: new Map(), malformed: [], malformedCount: 0, machine: null };
}

/** Jobs as `[submit s, run s, processors, walltime s]`; without a walltime the user told the true time. */
export function aWorkload(
  cluster: string,
  jobs: readonly (readonly [submitS: number, runS: number, processors: number, walltimeS?: number])[],
): Workload {
  const traced = jobs.map(([submitS, runS, count, walltimeS], index): TraceJob => ({
    number: index + 1,
    submitMs: submitS * 1000,
    runMs: runS * 1000,
    walltimeMs: walltimeS === undefined ? null : walltimeS * 1000,
    asked: { kind: 'processors', count, memMibPerProcessor: 0 },
  }));
  const inOrder = traced.toSorted((a, b) => a.submitMs - b.submitMs);
  return workloadOf(aTrace(inOrder), aCluster(cluster), Infinity);
}

/** The default policy, with changes. */
export function defaultPolicy(cluster: readonly Agent[], changes: Partial<Policy> = {}): Policy {
  const read = policyFor('default', null, cluster);
  if (!read.ok) throw new Error(read.errors.join('; '));
  return { ...read.value.policy, ...changes };
}

const repository = fileURLToPath(new URL('../../../../../', import.meta.url));
const tracesFolder = process.env['MESOS_TORQUE_TEST_TRACES'] ?? path.join(repository, '../shared/traces');

/** The file of a real workload, null where it is not on this machine. */
export function traceFile(name: string): string | null {
  const file = path.join(tracesFolder, name);
  return existsSync(file) ? file : null;
}

/** Why a test of a real workload is left out, for its name; empty when it is not. */
export function whyLeftOut(file: string | null): string {
  if (file !== null) return '';
  return ` (SKIPPED: not in ${tracesFolder}; MESOS_TORQUE_TEST_TRACES may name another folder)`;
}

export function traceText(file: string): string {
  return gunzipSync(readFileSync(file)).toString('latin1');
}
