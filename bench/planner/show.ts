/** The benchmark's rows for people. */
import type { QueueKind } from './jobs.ts';

export interface RowSize {
  readonly queue: QueueKind;
  readonly jobs: number;
  readonly nodes: number;
  readonly offers: number;
}

/** Times in milliseconds. */
export interface Row extends RowSize {
  readonly parseMs: number;
  readonly planMs: number;
  readonly naiveParseMs: number;
  readonly rssMiB: number;
  readonly blockMsMax: number;
}

const columns = [
  'jobs',
  'nodes',
  'offers',
  'parseMs',
  'planMs',
  'naiveParseMs',
  'rssMiB',
  'blockMsMax',
] as const;

export function showHead(): void {
  console.log(['queue'.padEnd(10), ...columns.map((column) => column.padStart(13))].join(''));
}

export function rowLine(row: Row): string {
  const cells = columns.map((column) => row[column].toLocaleString('en').padStart(13));
  return [row.queue.padEnd(10), ...cells].join('');
}

/** By how much a pass takes longer for ten times as many jobs, and as many nodes and offers. */
export function showGrowth(rows: readonly Row[]): void {
  console.log('\nten times as many      at                          parse and plan take');
  for (const row of rows.filter(({ queue }) => queue === 'generated')) {
    const moreJobs = larger(rows, row, row.jobs * 10, row.nodes);
    if (moreJobs !== null)
      console.log(growthLine('jobs', `${row.nodes.toLocaleString('en')} nodes`, row, moreJobs));
    const moreNodes = larger(rows, row, row.jobs, row.nodes * 10);
    if (moreNodes !== null) {
      console.log(growthLine('nodes and offers', `${row.jobs.toLocaleString('en')} jobs`, row, moreNodes));
    }
  }
}

function larger(rows: readonly Row[], { queue }: Row, jobs: number, nodes: number): Row | null {
  return rows.find((row) => row.queue === queue && row.jobs === jobs && row.nodes === nodes) ?? null;
}

function growthLine(what: string, where: string, from: Row, to: Row): string {
  const [before, after] = [from, to].map(({ parseMs, planMs }) => parseMs + planMs);
  const times = ((after ?? 0) / (before ?? 1)).toFixed(1);
  const change = `${(before ?? 0).toFixed(0)} → ${(after ?? 0).toFixed(0)} ms`;
  return `${what.padEnd(22)} ${where.padEnd(14)} ${change.padStart(22)}  ${times.padStart(6)} times`;
}
