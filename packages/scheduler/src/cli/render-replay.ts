/** What a replay came to, for people and for programs. */
import { grouped } from '@mesos-torque/common/units.ts';
import { slotsOf } from '../replay/cluster.ts';
import type { SchedulerName } from '../replay/model/schedulers.ts';
import { baselines, type Row } from '../replay/replay.ts';
import type { Timing } from '../replay/timing.ts';
import type { Trace } from '../replay/trace/trace.ts';
import type { Workload } from '../replay/workload.ts';
import { table } from './table.ts';
import { clean } from './terminal.ts';

const listedMax = 20;

/** What is replayed, and what of the trace is not and why. */
export function introduction(
  trace: Trace,
  workload: Workload,
  options: { readonly scheduler: SchedulerName; readonly timing: Timing },
): string {
  const { cluster, jobs, impossible, notUnderstood, reasons, assumed } = workload;
  const { timing } = options;
  const agents = `${grouped(cluster.length)} agents with ${grouped(slotsOf(cluster))} slots`;
  return [
    `${grouped(jobs.length)} jobs (${trace.format}) on ${agents}; scheduler ${options.scheduler}; ` +
      `a node boots in ${timing.bootMs / 1000} s.\n`,
    ...[...trace.skipped].map(([why, count]) => `Left out: ${jobsText(count)}: ${why}.\n`),
    trace.malformedCount === 0
      ? ''
      : `Left out: malformed lines: ${grouped(trace.malformedCount)}:\n${listed(trace.malformed, trace.malformedCount)}`,
    notUnderstood === 0
      ? ''
      : `Left out: ${jobsText(notUnderstood)}: request not understood:\n${listedCounts(reasons)}`,
    impossible === 0 ? '' : `Left out: ${jobsText(impossible)}: too large for the whole cluster.\n`,
    assumed.size === 0
      ? ''
      : `Properties that the cluster's description leaves out, taken as those of every agent:\n${listedCounts(assumed)}`,
  ].join('');
}

function jobsText(count: number): string {
  return `${grouped(count)} ${count === 1 ? 'job' : 'jobs'}`;
}

function listedCounts(counts: ReadonlyMap<string, number>): string {
  const lines = [...counts].sort((a, b) => b[1] - a[1]).map(([what, count]) => `${jobsText(count)}: ${what}`);
  return listed(lines, lines.length);
}

function listed(lines: readonly string[], count: number): string {
  const shown = lines.slice(0, listedMax).map((line) => `  ${clean(line)}\n`);
  return shown.join('') + (count > shown.length ? `  and ${grouped(count - shown.length)} more\n` : '');
}

export function renderRows(rows: readonly Row[], workload: Workload, timing: Timing): string {
  const standing = rows.find((row) => row.policy === baselines.static);
  const head = [
    ...[
      'POLICY',
      'JOBS',
      'WAIT MEAN',
      'MEDIAN',
      '95%',
      'SLOWDOWN',
      'OF STATIC',
      'NODE-HOURS USED',
      'IDLE',
      'HELD',
    ],
    ...['OF STATIC', 'PEAK', 'GROWS/DAY', 'SHRINKS/DAY'],
  ];
  const cells = rows.map((row) => [
    row.policy,
    grouped(row.jobs),
    seconds(row.waitMeanS),
    seconds(row.waitP50S),
    seconds(row.waitP95S),
    row.slowdownMean.toFixed(3),
    ratio(row.slowdownMean, standing?.slowdownMean),
    hours(row.nodeHoursUsed),
    hours(row.nodeHoursHeld - row.nodeHoursUsed),
    hours(row.nodeHoursHeld),
    ratio(row.nodeHoursHeld, standing?.nodeHoursHeld),
    grouped(row.nodesPeak),
    perDay(row.grows, row),
    perDay(row.shrinks, row),
  ]);
  return `\n${table(head, cells)}\n${explanation(workload, timing)}`;
}

/** Short jobs make the mean slowdown, and they are the ones that feel a node's boot. */
function explanation({ jobs }: Workload, { bootMs }: Timing): string {
  const short = jobs.filter(({ runMs }) => runMs < bootMs).length;
  const worst = Math.max(1, (bootMs + 1000) / 10_000).toFixed(1);
  return (
    `${((100 * short) / jobs.length).toFixed(0)} % of the jobs run for less than a node takes to boot. One of a second that ` +
    `waits for it has a slowdown of ${worst}, so\npolicy.idleTime and policy.minSlotsHeld, which leave nodes standing for ` +
    'such jobs, trade slowdown for idle node-hours.\nSlowdown: (wait + run) / run, runs counted as 10 s at the least. ' +
    'Node-hours: slots held, in nodes of average size.\n'
  );
}

function ratio(value: number, base: number | undefined): string {
  return base === undefined || base === 0 ? '' : (value / base).toFixed(3);
}

function seconds(s: number): string {
  return `${grouped(Number(s.toFixed(s < 100 ? 1 : 0)))} s`;
}

function hours(value: number): string {
  return grouped(Number(value.toFixed(value < 100 ? 1 : 0)));
}

function perDay(count: number, { spanDays }: Row): string {
  return spanDays === 0 ? '0' : grouped(Number((count / spanDays).toFixed(1)));
}

/** Jobs that a policy never ran; empty when there are none. */
export function strandedNotes(rows: readonly Row[]): string {
  return rows
    .filter((row) => row.stranded.length > 0)
    .map(({ policy, stranded }) => {
      const [first] = stranded;
      const asked = first === undefined ? '' : `, the first of ${grouped(first.slots)} slots`;
      return `${clean(policy)}: ${jobsText(stranded.length)} never ran${asked}: their nodes never came.\n`;
    })
    .join('');
}

/** One object on one line. `grows` and `shrinks` are nodes in all. */
export function rowForPrograms(row: Row, { notUnderstood }: Workload): Readonly<Record<string, unknown>> {
  return {
    policy: row.policy,
    jobs: row.jobs,
    waitMeanS: rounded(row.waitMeanS),
    waitP50S: rounded(row.waitP50S),
    waitP95S: rounded(row.waitP95S),
    slowdownMean: rounded(row.slowdownMean),
    nodeHoursUsed: rounded(row.nodeHoursUsed),
    nodeHoursHeld: rounded(row.nodeHoursHeld),
    nodesPeak: row.nodesPeak,
    grows: row.grows,
    shrinks: row.shrinks,
    notUnderstood,
  };
}

function rounded(value: number): number {
  return Number(value.toFixed(3));
}
