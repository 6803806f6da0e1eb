/** The figures of a run, for people and for programs. */
import { unreachable } from '@mesos-torque/common/units.ts';
import { sessionTimeoutMs, type RoundResult } from './play-round.ts';
import type { TakeoverKind, TimedTakeover } from './takeover.ts';

export interface ChaosReport {
  readonly seed: number;
  readonly ha: boolean;
  readonly rounds: number;
  readonly roundsGood: number;
  readonly jobs: number;
  readonly reruns: number;
  readonly launches: number;
  readonly faultsDone: number;
  readonly faultsNotReached: number;
  /** With another scheduler standing for election, and with ZooKeeper there: what the promise is made for. */
  readonly takeovers: number;
  /** Null where there was none. Milliseconds. */
  readonly takeoverMedianMs: number | null;
  readonly takeoverMostMs: number | null;
  /** The session's time-out and a second. Milliseconds. */
  readonly takeoverPromisedMs: number;
  readonly takeoversLate: number;
  /** The rest: nobody stood when the leader died, or ZooKeeper was away; each the longest of them, null where there was none. */
  readonly takeoversWithoutStandby: Apart;
  readonly takeoversWithoutZooKeeper: Apart;
  readonly processesLeft: number;
  readonly seconds: number;
  readonly problems: readonly string[];
}

export interface Apart {
  readonly count: number;
  readonly mostMs: number | null;
}

const promisedMs = sessionTimeoutMs + 1_000;

export function reportOf(
  { seed, ha }: { readonly seed: number; readonly ha: boolean },
  results: readonly RoundResult[],
  processesLeft: number,
): ChaosReport {
  const sum = (of: (result: RoundResult) => number): number =>
    results.reduce((total, result) => total + of(result), 0);
  const all = results.flatMap((result) => result.takeovers);
  const takeovers = msOf(all, 'promised');
  const faults = results.flatMap((result) => result.faults);
  const notReached = faults.filter((fault) => fault.endsWith('did not come to it')).length;
  return {
    seed,
    ha,
    rounds: results.length,
    roundsGood: results.filter(({ problems }) => problems.length === 0).length,
    jobs: sum(({ jobs }) => jobs),
    reruns: sum(({ reruns }) => reruns),
    launches: sum(({ launches }) => launches),
    faultsDone: faults.length - notReached,
    faultsNotReached: notReached,
    takeovers: takeovers.length,
    takeoverMedianMs: takeovers[Math.floor(takeovers.length / 2)] ?? null,
    takeoverMostMs: takeovers.at(-1) ?? null,
    takeoverPromisedMs: promisedMs,
    takeoversLate: takeovers.filter((ms) => ms > promisedMs).length,
    takeoversWithoutStandby: apart(msOf(all, 'without-standby')),
    takeoversWithoutZooKeeper: apart(msOf(all, 'without-zookeeper')),
    processesLeft,
    seconds: Math.round(sum(({ seconds }) => seconds)),
    problems: results.flatMap(({ round, problems }) =>
      problems.map((problem) => `round ${String(round)}: ${problem}`),
    ),
  };
}

/** From the shortest to the longest. */
function msOf(takeovers: readonly TimedTakeover[], kind: TakeoverKind): readonly number[] {
  return takeovers
    .filter((takeover) => takeover.kind === kind)
    .map(({ ms }) => ms)
    .sort((a, b) => a - b);
}

function apart(sortedMs: readonly number[]): Apart {
  return { count: sortedMs.length, mostMs: sortedMs.at(-1) ?? null };
}

/** `4123 ms`, and what the promise does not hold for. */
export function takeoverText({ kind, ms }: TimedTakeover): string {
  switch (kind) {
    case 'promised':
      return `${String(ms)} ms`;
    case 'without-standby':
      return `${String(ms)} ms (nobody stood by)`;
    case 'without-zookeeper':
      return `${String(ms)} ms (ZooKeeper was away)`;
    default:
      return unreachable(kind);
  }
}

function apartText(what: string, { count, mostMs }: Apart): readonly string[] {
  return mostMs === null ? [] : [`           ${what}: ${String(count)}, ${String(mostMs)} ms at the most`];
}

export function tableOf(report: ChaosReport): readonly string[] {
  const takeovers =
    report.takeoverMedianMs === null
      ? 'none'
      : `${String(report.takeovers)}: median ${String(report.takeoverMedianMs)} ms, ${String(report.takeoverMostMs)} ms at the most, ${String(report.takeoversLate)} after more than the promised ${String(report.takeoverPromisedMs)} ms`;
  return [
    '',
    `rounds     ${String(report.rounds)} played, ${String(report.roundsGood)} good (seed ${String(report.seed)}${report.ha ? ', several schedulers and masters' : ''})`,
    `faults     ${String(report.faultsDone)} done, ${String(report.faultsNotReached)} whose moment did not come`,
    `takeovers  ${takeovers}`,
    ...apartText('while nobody stood by', report.takeoversWithoutStandby),
    ...apartText('while ZooKeeper was away', report.takeoversWithoutZooKeeper),
    `jobs       ${String(report.jobs)} submitted, ${String(report.reruns)} of them begun more than once`,
    `tasks      ${String(report.launches)} launched`,
    `processes  ${String(report.processesLeft)} left`,
    `time       ${String(report.seconds)} s`,
    ...report.problems.map((problem) => `PROBLEM    ${problem}`),
  ];
}
