import { expect, test } from 'vitest';
import { parseSwf } from './swf.ts';

/** A line of 18 fields: job, submit, wait, run, processors, …, requested processors, time, memory, status, … */
function line(parts: {
  readonly submit?: number | string;
  readonly run?: number;
  readonly processors?: number;
  readonly requested?: number;
  readonly time?: number;
  readonly memory?: number;
  readonly status?: number;
}): string {
  const { submit = 0, run = 60, processors = 4, requested = -1, time = -1, memory = -1, status = 1 } = parts;
  return `1 ${submit} -1 ${run} ${processors} -1 -1 ${requested} ${time} ${memory} ${status} 1 1 -1 -1 -1 -1 -1`;
}

test('a job is its submission, run time, walltime and processors; what was requested counts first', () => {
  const { jobs } = parseSwf(line({ submit: 10, run: 60, processors: 4, requested: 8, time: 3600 }));

  expect(jobs).toEqual([
    {
      number: 1,
      submitMs: 10_000,
      runMs: 60_000,
      walltimeMs: 3_600_000,
      asked: { kind: 'processors', count: 8, memMibPerProcessor: 0 },
    },
  ]);
});

test('memory is in kilobytes per processor', () => {
  const { jobs } = parseSwf(line({ memory: 2049 }));

  expect(jobs[0]?.asked).toMatchObject({ memMibPerProcessor: 3 });
});

test('the header tells of the machine', () => {
  const { machine } = parseSwf('; MaxNodes: 120\n; MaxProcs: 240\n; MaxProcs: 7 in a partition\n');

  expect(machine).toEqual({ nodes: 120, slots: 2 });
});

test('without a machine in the header none is guessed', () => {
  expect(parseSwf(line({})).machine).toBeNull();
});

test.each([
  ['cancelled before it started', { status: 5, run: -1 }],
  ['cancelled before it started', { status: 5, run: 0 }],
  ['part of a job that has a line of its own', { status: 2 }],
  ['part of a job that has a line of its own', { status: 4 }],
  ['run time not known', { run: -1 }],
  ['number of processors not known', { processors: -1 }],
])('is left out: %s', (why, parts) => {
  const { jobs, skipped, malformedCount } = parseSwf(line(parts));

  expect(jobs).toEqual([]);
  expect([...skipped]).toEqual([[why, 1]]);
  expect(malformedCount).toBe(0);
});

test('a job that was cancelled while it ran is replayed, and so is one of less than a second', () => {
  const { jobs } = parseSwf([line({ status: 5, run: 30 }), line({ run: 0 })].join('\n'));

  expect(jobs.map(({ runMs }) => runMs)).toEqual([30_000, 0]);
});

test.each([
  ['1 2 3', 'line 2: 3 fields instead of 18: "1 2 3"'],
  [line({ submit: 'soon' }), 'line 2: field 2 is no number: "soon"'],
  [line({ submit: -7 }), 'line 2: the time of submission is -7'],
  [line({ run: 999_999_999_999 }), 'line 2: 999999999999 s is no time'],
  [line({ processors: 99_999_999 }), 'line 2: 99999999 processors'],
  ['\u0000\u001b[2J', String.raw`line 2: 1 fields instead of 18: "\u{0}\u{1b}[2J"`],
])('a malformed line is named and does not end the reading: %j', (bad, told) => {
  const { jobs, malformed, malformedCount } = parseSwf([line({}), bad, line({})].join('\n'));

  expect(jobs).toHaveLength(2);
  expect(malformed).toEqual([told]);
  expect(malformedCount).toBe(1);
});

test('of many malformed lines all are counted and the first are named', () => {
  const { malformed, malformedCount } = parseSwf('x\n'.repeat(1000));

  expect(malformedCount).toBe(1000);
  expect(malformed).toHaveLength(20);
});

test('jobs come in the order of submission, and ends of lines may be those of Windows', () => {
  const { jobs } = parseSwf([line({ submit: 9 }), line({ submit: 3 }), ''].join('\r\n'));

  expect(jobs.map(({ submitMs }) => submitMs)).toEqual([3000, 9000]);
});
