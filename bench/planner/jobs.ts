/**
 * The jobs of a benchmark's queue: made by a rule, or taken from recorded workloads and repeated until
 * there are enough. Always the same for the same size.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';

export type QueueKind = 'generated' | 'wagap' | 'nasa' | 'hpc2n';

export interface BenchJob {
  /** As `Job_Id` prints it, without the server. */
  readonly id: string;
  readonly state: 'Q' | 'H' | 'R' | 'C';
  readonly owner: string;
  readonly queue: string;
  readonly name: string;
  /** Entries of `Resource_List`, in the order in which TORQUE prints them. */
  readonly resources: readonly (readonly [string, string])[];
  readonly comment: string | null;
  /** `exec_host`, null for jobs that do not run. */
  readonly execHost: string | null;
  readonly queuedAtS: number;
}

/** What one job asks for, and for whom. */
interface Ask {
  readonly owner: string;
  readonly queue: string;
  readonly resources: readonly (readonly [string, string])[];
}

const traceFiles: Readonly<Record<Exclude<QueueKind, 'generated'>, string>> = {
  wagap: 'wagap-2013-head.txt.gz',
  nasa: 'NASA-iPSC-1993-3.1-cln.swf.gz',
  hpc2n: 'hpc2n-excerpt.swf.gz',
};

/** Why the queue of that kind cannot be had; null if it can. */
export function missingTrace(kind: QueueKind, tracesDir: string): string | null {
  if (kind === 'generated') return null;
  const file = path.join(tracesDir, traceFiles[kind]);
  return existsSync(file) ? null : `${file} is not there`;
}

/** Seconds since the epoch: when the youngest job was queued. */
export const benchNowS = 1_800_000_000;
const secondsApart = 7;
/** One in so many jobs is held, waits for something else, or is complete. */
const oddOneIn = 33;

/**
 * `count` jobs, oldest first; the first `running` run, one on each node of `hosts` in turn. One in
 * twenty queued ones is an element of an array.
 */
export function* benchJobs(
  kind: QueueKind,
  count: number,
  hosts: readonly string[],
  tracesDir: string,
): Generator<BenchJob> {
  const ask = asksOf(kind, tracesDir);
  for (let n = 0; n < count; n += 1) {
    const host = hosts[n];
    const { owner, queue, resources } = ask(n);
    const common = {
      owner,
      queue,
      resources,
      name: `job-${n % 500}`,
      queuedAtS: benchNowS - (count - n) * secondsApart,
    };
    if (host !== undefined) {
      yield {
        ...common,
        id: String(n),
        state: 'R',
        comment: 'Job started on Fri Jan 15 at 08:00',
        execHost: `${host}/0-3`,
      };
      continue;
    }
    const id = n % 20 === 0 ? `${n - (n % 1000)}[${n % 1000}]` : String(n);
    yield { ...common, ...standing(n), id, execHost: null };
  }
}

const lackOfNodes = 'Not Running: Not enough of the right type of nodes are available';

function standing(n: number): Pick<BenchJob, 'state' | 'comment'> {
  if (n % oddOneIn === 1) return { state: 'H', comment: null };
  if (n % oddOneIn === 2) return { state: 'C', comment: null };
  if (n % oddOneIn === 3)
    return { state: 'Q', comment: 'Not Running: User has reached limit on running jobs' };
  return { state: 'Q', comment: n % 2 === 0 ? lackOfNodes : null };
}

function asksOf(kind: QueueKind, tracesDir: string): (n: number) => Ask {
  switch (kind) {
    case 'generated':
      return generated;
    case 'wagap':
      return repeated(linesOf(traceFiles.wagap, tracesDir).map(askOfWagap));
    case 'nasa':
    case 'hpc2n':
      return repeated(linesOf(traceFiles[kind], tracesDir).map(askOfSwf));
  }
}

const nodesAsked = [
  '1',
  '1:ppn=2',
  '1:ppn=4',
  '1:ppn=8',
  '1:ppn=16',
  '2:ppn=4',
  '4:ppn=8',
  '8:ppn=16',
  '1:ppn=4:bigmem',
  '1:ppn=1:fast',
  '2:ppn=8:bigmem',
  '1:ppn=8+2:ppn=4',
  '16:ppn=2',
  '1:ppn=2:rack-3',
  '1:ppn=12',
  '3:ppn=3',
];

function generated(n: number): Ask {
  const nodes = nodesAsked[(n * 7) % nodesAsked.length] ?? '1';
  const nodect = nodes.split('+').reduce((sum, part) => sum + Number.parseInt(part, 10), 0);
  return {
    owner: `user${n % 300}`,
    queue: ['batch', 'long', 'short', 'gpu', 'night', 'test'][n % 6] ?? 'batch',
    resources: [
      ...(n % 3 === 0 ? [['mem', `${512 * (1 + (n % 8))}mb`] as const] : []),
      ['nodes', nodes],
      ['nodect', String(nodect)],
      ['neednodes', nodes],
      ['walltime', walltime(600 * (1 + (n % 48)))],
    ],
  };
}

function repeated(asks: readonly Ask[]): (n: number) => Ask {
  return (n) => asks[n % asks.length] ?? generated(n);
}

const swfFields = 18;

function linesOf(file: string, tracesDir: string): string[][] {
  const text = gunzipSync(readFileSync(path.join(tracesDir, file))).toString('utf8');
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith(';'))
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields.length >= swfFields);
}

/** Beside SWF's 18 fields: the hosts used, the queue's name, the job's own `-l nodes=` string. */
function askOfWagap(fields: readonly string[]): Ask {
  const nodes = fields[20] ?? '1';
  return {
    owner: `user${fields[11] ?? '0'}`,
    queue: fields[19] ?? 'batch',
    resources: [
      ['mem', `${fields[9] ?? '0'}b`],
      ['nodes', nodes],
      ['nodect', String(nodes.split('+').reduce((sum, part) => sum + (Number.parseInt(part, 10) || 1), 0))],
      ['neednodes', nodes],
      ['walltime', walltime(Number(fields[8]))],
    ],
  };
}

function askOfSwf(fields: readonly string[]): Ask {
  const processors = Math.max(1, Number(fields[7]), Number(fields[4]));
  const runS = Math.max(60, Number(fields[8]), Number(fields[3]));
  return {
    owner: `user${fields[11] ?? '0'}`,
    queue: `queue${fields[14] ?? '0'}`,
    resources: [
      ['procs', String(processors)],
      ['walltime', walltime(runS)],
    ],
  };
}

function walltime(seconds: number): string {
  const two = (n: number): string => String(Math.floor(n)).padStart(2, '0');
  return `${two(seconds / 3600)}:${two((seconds / 60) % 60)}:${two(seconds % 60)}`;
}
