import { expect, test } from 'vitest';
import { readCommandLine } from './command-line.ts';

test('an agent gives no arguments', () => {
  expect(readCommandLine([])).toEqual({ kind: 'run' });
});

test('a check looks at what it is told to', () => {
  const line = readCommandLine([
    '--check',
    '--pbs-server',
    'head.example.org',
    '--ports',
    '31001,31002',
    '--json',
  ]);
  expect(line).toEqual({
    kind: 'check',
    check: {
      pbsServer: 'head.example.org',
      scheduler: null,
      home: null,
      path: null,
      pbsMom: 'pbs_mom',
      momctl: 'momctl',
      servicePort: 31_001,
      managerPort: 31_002,
      json: true,
    },
  });
});

test.each([
  [['--chek'], "Unknown option '--chek'"],
  [['now'], 'now'],
  [['--json'], 'goes with --check only'],
  [['--check', '--ports', '15002'], 'give two different ports'],
  [['--check', '--ports', '1,70000'], 'give two different ports'],
  [['--check', '--ports', '5,5'], 'give two different ports'],
  [['--check', '--scheduler', 'head:8470'], 'begins with http://'],
])('%j is wrong', (args, why) => {
  expect(readCommandLine(args)).toEqual({ kind: 'wrong', why: expect.stringContaining(why) as string });
});

test('--help and --version are answered', () => {
  expect(readCommandLine(['--help'])).toEqual({ kind: 'help' });
  expect(readCommandLine(['--version'])).toEqual({ kind: 'version' });
});
