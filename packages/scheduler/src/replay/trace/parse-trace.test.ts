import { describe, expect, test } from 'vitest';
import { traceFile, traceText, whyLeftOut } from '../testing/builders.ts';
import { detectFormat, parseTrace } from './parse-trace.ts';

const swf = '1 0 -1 60 4 -1 -1 4 -1 -1 1 1 1 -1 -1 -1 -1 -1';
const wagap = '0 1356996147 0 56011 64 1 1024 64 86400 68719476736 1 62 1 1 -1 1 1 1 - q_1d 8:ppn=8:cl_zegox';
const accounting = '11/22/2026 06:13:05;Q;1.head.torque.test;queue=batch';

test.each([
  ['swf', swf],
  ['wagap', wagap],
  ['accounting', accounting],
] as const)('knows %s by its lines, after comments, empty lines and nonsense', (format, line) => {
  expect(detectFormat(`; a comment\n\nnonsense\n${line}\n`)).toBe(format);
});

test('knows nothing of another text', () => {
  expect(detectFormat('POLICY,JOBS\n1,2\n')).toBeNull();
});

test("a wagap line is planned by the job's own nodes, with memory in bytes", () => {
  const { jobs } = parseTrace(wagap, 'wagap');

  expect(jobs).toMatchObject([
    {
      runMs: 56_011_000,
      walltimeMs: 86_400_000,
      asked: {
        request: { parts: [{ count: 8, ppn: 8, properties: ['cl_zegox'] }], memMibPerNode: 8192 },
      },
    },
  ]);
});

test('wagap lines with other numbers of fields are named', () => {
  const { jobs, malformed } = parseTrace(`${wagap}\n${swf}\n${wagap} more\n`, 'wagap');

  expect(jobs).toHaveLength(1);
  expect(malformed.map((line) => line.slice(0, 40))).toEqual([
    'line 2: 18 fields instead of 21: "1 0 -1',
    'line 3: 22 fields instead of 21: "0 1356',
  ]);
});

describe.each([
  ['NASA-iPSC-1993-3.1-cln.swf.gz', 'swf', 18_239, { nodes: 128, slots: 1 }],
  ['hpc2n-excerpt.swf.gz', 'swf', 3_145, { nodes: 240, slots: 1 }],
  ['wagap-2013-head.txt.gz', 'wagap', 2_000, null],
] as const)('%s', (name, format, jobs, machine) => {
  const file = traceFile(name);
  test.skipIf(file === null)(`is read whole${whyLeftOut(file)}`, () => {
    const text = traceText(file ?? '');

    const trace = parseTrace(text, format);

    expect(detectFormat(text)).toBe(format);
    expect(trace.jobs).toHaveLength(jobs);
    expect(trace.malformed).toEqual([]);
    expect(trace.machine).toEqual(machine);
  });
});
