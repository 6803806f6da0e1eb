import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseAccounting } from './accounting.ts';

const recorded = readFileSync(
  new URL('../../../../../fixtures/torque-6.1/logs/accounting.txt', import.meta.url),
  'utf8',
);

function ended(values: string): string {
  return `11/22/2026 06:22:17;E;92.head.torque.test;${values}`;
}

test('of the recorded log every job that ran is read, and nothing is malformed', () => {
  const { jobs, skipped, malformedCount } = parseAccounting(recorded);

  const records = recorded.split('\n').filter((line) => line.split(';')[1] === 'E');
  const leftOut = [...skipped.values()].reduce((sum, count) => sum + count, 0);
  expect(malformedCount).toBe(0);
  expect(jobs.length + leftOut).toBe(records.length);
  expect(jobs.length).toBeGreaterThan(20);
});

test('the recorded job of three nodes', () => {
  const { jobs } = parseAccounting(recorded.split('\n').find((line) => line.includes(';E;92.')) ?? '');

  expect(jobs).toMatchObject([
    {
      submitMs: 1_795_328_410_000,
      runMs: 40_000,
      walltimeMs: 300_000,
      asked: { kind: 'request', request: { kind: 'nodes', parts: [{ count: 3, ppn: 2 }] } },
    },
  ]);
});

test('names with spaces and equals signs do not hide what follows', () => {
  const { jobs, malformedCount } = parseAccounting(
    ended('user=alice jobname=my start account=a=b qtime=100 start=110 end=170 Resource_List.nodes=2:ppn=4'),
  );

  expect(malformedCount).toBe(0);
  expect(jobs).toMatchObject([
    {
      submitMs: 100_000,
      runMs: 60_000,
      walltimeMs: null,
      asked: { request: { parts: [{ count: 2, ppn: 4 }] } },
    },
  ]);
});

test('a job that ended without having started is left out', () => {
  const { jobs, skipped } = parseAccounting(ended('qtime=100 end=170 Exit_status=271'));

  expect(jobs).toEqual([]);
  expect([...skipped]).toEqual([['ended without having started', 1]]);
});

test.each([
  ['nonsense', 'line 1: no accounting record: "nonsense"'],
  [ended('start=1 end=2'), 'line 1: job "92.head.torque.test": no time of submission (qtime)'],
  [ended('qtime=1 start=2 end=never'), 'line 1: job "92.head.torque.test": no time of its end (end)'],
  [
    ended('qtime=1 start=20 end=10'),
    'line 1: job "92.head.torque.test": ended at 10, before its start at 20',
  ],
])('is named: %s', (line, told) => {
  expect(parseAccounting(line).malformed).toEqual([told]);
});

test('other records and empty lines are passed over', () => {
  const text =
    '\n11/22/2026 06:13:05;Q;1.head.torque.test;queue=batch\n11/22/2026 06:14:13;D;1.head;requestor=root\n';

  expect(parseAccounting(text)).toMatchObject({ jobs: [], malformedCount: 0 });
});
