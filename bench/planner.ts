/**
 * How long a pass takes, and how much memory, by the size of queue and cluster: what `qstat -f -x -t` and
 * `pbsnodes -x` print is parsed, planned on and checked, as the loop does it. Each row is measured in a
 * process of its own. A naive parser of the same texts, in another process, is there to compare with.
 *
 *     pnpm bench planner [--quick] [--json] [--traces DIR]
 */
import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs, promisify } from 'node:util';
import { benchJobs, missingTrace, type QueueKind } from './planner/jobs.ts';
import { measure, type Measured, type RowTask } from './planner/measure.ts';
import { rowLine, showGrowth, showHead, type Row, type RowSize } from './planner/show.ts';
import { pbsnodesText, qstatText } from './planner/torque-text.ts';
import { benchNodes, busyHosts } from './planner/world.ts';

const sizes = [1, 10, 100].map((factor) => ({ jobs: 1000 * factor, nodes: 100 * factor }));
const tracesDefault = path.join(import.meta.dirname, '../../shared/traces');
/** The naive parser's tree of 100,000 jobs takes more than Node's usual limit. */
const heapMibMax = 8192;

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      json: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      traces: { type: 'string', default: tracesDefault },
      row: { type: 'string' },
    },
  });
  if (values.row !== undefined) {
    console.log(JSON.stringify(await measure(JSON.parse(values.row) as RowTask)));
    return;
  }
  const folder = await mkdtemp(path.join(os.tmpdir(), 'bench-planner-'));
  try {
    await measureAll(values, folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

interface Options {
  readonly json: boolean;
  readonly quick: boolean;
  readonly traces: string;
}

async function measureAll({ json, quick, traces }: Options, folder: string): Promise<void> {
  if (!json) showHead();
  const rows: Row[] = [];
  for (const size of rowSizes(quick)) {
    const missing = missingTrace(size.queue, traces);
    if (missing !== null) {
      console.error(`skipped ${size.queue}, ${size.jobs} jobs: ${missing} (--traces DIR)`);
      continue;
    }
    const row = await measureRow(size, traces, folder);
    rows.push(row);
    console.log(json ? JSON.stringify(row) : rowLine(row));
  }
  if (!json) showGrowth(rows);
}

/** Every number of jobs with every number of nodes for the generated queue; those of the traces grow together. */
function rowSizes(quick: boolean): RowSize[] {
  const some = quick ? sizes.slice(0, 2) : sizes;
  const generated = some.flatMap(({ jobs }) =>
    some.map(({ nodes }): RowSize => ({ queue: 'generated', jobs, nodes, offers: nodes })),
  );
  const real = (['wagap', 'nasa', 'hpc2n'] as const satisfies readonly QueueKind[]).flatMap((queue) =>
    some.map((size): RowSize => ({ queue, ...size, offers: size.nodes })),
  );
  return [...generated, ...real];
}

async function measureRow(size: RowSize, traces: string, folder: string): Promise<Row> {
  const { queue, jobs, nodes, offers } = size;
  const busy = busyHosts(jobs, nodes);
  const qstatFile = path.join(folder, 'qstat.xml');
  const pbsnodesFile = path.join(folder, 'pbsnodes.xml');
  await pipeline(
    Readable.from(qstatText(benchJobs(queue, jobs, busy, traces))),
    createWriteStream(qstatFile),
  );
  await pipeline(Readable.from(pbsnodesText(benchNodes(nodes, busy))), createWriteStream(pbsnodesFile));
  const rounds = jobs >= 100_000 ? 3 : jobs >= 10_000 ? 7 : 15;
  const texts = { qstatFile, pbsnodesFile, offers };
  const ours = await inItsOwnProcess({ what: 'ours', ...texts, rounds });
  const naive = await inItsOwnProcess({ what: 'naive', ...texts, rounds: Math.ceil(rounds / 3) });
  return {
    jobs,
    nodes,
    offers,
    parseMs: rounded(ours.parseMs),
    planMs: rounded(ours.planMs),
    naiveParseMs: rounded(naive.parseMs),
    rssMiB: rounded(ours.rssMiB),
    blockMsMax: rounded(ours.blockMsMax),
    queue,
  };
}

async function inItsOwnProcess(task: RowTask): Promise<Measured> {
  const main = path.join(import.meta.dirname, 'main.ts');
  const flags = task.what === 'naive' ? [`--max-old-space-size=${heapMibMax}`] : [];
  const argv = [...flags, main, 'planner', '--row', JSON.stringify(task)];
  const { stdout } = await promisify(execFile)(process.execPath, argv);
  return JSON.parse(stdout) as Measured;
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
