import { expect, test } from 'vitest';
import type { RoundResult } from './play-round.ts';
import { reportOf, tableOf } from './report.ts';
import { timed, type TimedTakeover } from './takeover.ts';

const sessionMs = 4_000;
const span = (fromMs: number, untilMs: number): { fromMs: number; untilMs: number } => ({ fromMs, untilMs });

test('a takeover is held against the promise only where another scheduler stood by and ZooKeeper was there', () => {
  const quick = { span: span(10_000, 14_100), hadStandby: true };
  expect(timed(quick, [], sessionMs)).toEqual({ kind: 'promised', ms: 4_100 });
  expect(timed({ ...quick, hadStandby: false }, [], sessionMs).kind).toBe('without-standby');
  expect(timed(quick, [span(14_000, 16_000)], sessionMs).kind).toBe('without-zookeeper');
  expect(timed(quick, [span(15_000, 16_000)], sessionMs).kind).toBe('promised');
});

test('the time of sessions begins anew when ZooKeeper is back', () => {
  const after = { span: span(10_000, 17_000), hadStandby: true };
  expect(timed(after, [span(5_000, 6_500)], sessionMs).kind).toBe('without-zookeeper');
  expect(timed(after, [span(4_000, 5_900)], sessionMs).kind).toBe('promised');
});

test('the report counts apart what is not promised, and says how many were late', () => {
  const takeovers: readonly TimedTakeover[] = [
    { kind: 'promised', ms: 4_200 },
    { kind: 'promised', ms: 5_001 },
    { kind: 'promised', ms: 3_900 },
    { kind: 'without-standby', ms: 11_000 },
    { kind: 'without-zookeeper', ms: 8_100 },
  ];
  const report = reportOf({ seed: 1, ha: true }, [round(takeovers)], 0);
  expect(report).toMatchObject({
    takeovers: 3,
    takeoverMedianMs: 4_200,
    takeoverMostMs: 5_001,
    takeoversLate: 1,
    takeoversWithoutStandby: { count: 1, mostMs: 11_000 },
    takeoversWithoutZooKeeper: { count: 1, mostMs: 8_100 },
  });
  expect(tableOf(report)).toContain('           while nobody stood by: 1, 11000 ms at the most');
});

function round(takeovers: readonly TimedTakeover[]): RoundResult {
  return {
    round: 0,
    seconds: 30,
    faults: ['kill-leader at node created 1 +3 ms: mesos-torque was killed'],
    takeovers,
    jobs: 6,
    reruns: 0,
    launches: 3,
    problems: [],
  };
}
