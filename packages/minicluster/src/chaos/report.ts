/** The figures of a run, for people and for programs. */
import type { RoundResult } from './play-round.ts';

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
  readonly takeovers: number;
  /** Null where there was none. Milliseconds. */
  readonly takeoverMedianMs: number | null;
  readonly takeoverMostMs: number | null;
  readonly processesLeft: number;
  readonly seconds: number;
  readonly problems: readonly string[];
}

export function reportOf(
  { seed, ha }: { readonly seed: number; readonly ha: boolean },
  results: readonly RoundResult[],
  processesLeft: number,
): ChaosReport {
  const sum = (of: (result: RoundResult) => number): number =>
    results.reduce((total, result) => total + of(result), 0);
  const takeovers = results.flatMap(({ takeoversMs }) => takeoversMs).sort((a, b) => a - b);
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
    processesLeft,
    seconds: Math.round(sum(({ seconds }) => seconds)),
    problems: results.flatMap(({ round, problems }) =>
      problems.map((problem) => `round ${String(round)}: ${problem}`),
    ),
  };
}

export function tableOf(report: ChaosReport): readonly string[] {
  const takeovers =
    report.takeoverMedianMs === null
      ? 'none'
      : `${String(report.takeovers)}: median ${String(report.takeoverMedianMs)} ms, ${String(report.takeoverMostMs)} ms at the most`;
  return [
    '',
    `rounds     ${String(report.rounds)} played, ${String(report.roundsGood)} good (seed ${String(report.seed)}${report.ha ? ', several schedulers and masters' : ''})`,
    `faults     ${String(report.faultsDone)} done, ${String(report.faultsNotReached)} whose moment did not come`,
    `takeovers  ${takeovers}`,
    `jobs       ${String(report.jobs)} submitted, ${String(report.reruns)} of them begun more than once`,
    `tasks      ${String(report.launches)} launched`,
    `processes  ${String(report.processesLeft)} left`,
    `time       ${String(report.seconds)} s`,
    ...report.problems.map((problem) => `PROBLEM    ${problem}`),
  ];
}
