import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { traceFile, whyLeftOut } from '../replay/testing/builders.ts';
import { run, temporaryFolder } from './testing/run.ts';

const folder = temporaryFolder();
afterAll(() => {
  folder.remove();
});

/** Twelve jobs on four nodes: bursts, a wide job, a pause of an hour, a cancelled one. */
const swf = [
  '; MaxNodes: 4',
  '; MaxProcs: 4',
  ...[
    [0, 300, 1],
    [10, 1, 1],
    [20, 120, 4],
    [30, 60, 2],
    [40, 5, 1],
    [600, 30, 1],
    [610, 30, 3],
    [4000, 900, 2],
    [4001, 900, 2],
    [4002, 10, 1],
    [4500, -1, 2],
    [9000, 2, 4],
  ].map(([submit, runS, processors], i) => {
    const status = runS === -1 ? 5 : 1;
    return `${i + 1} ${submit} -1 ${runS} ${processors} -1 -1 ${processors} 1000 -1 ${status} 1 1 -1 -1 -1 -1 -1`;
  }),
].join('\n');

const trace = folder.file('small.swf', swf);

describe('replay', () => {
  test('prints a table with the baselines, the default and the policies given', async () => {
    const thrifty = folder.file('thrifty.yaml', 'policy:\n  idleTime: 30s\n');

    const { code, out, err } = await run('replay', '--trace', trace, '--policy', thrifty);

    expect(err).toBe('');
    expect(code).toBe(0);
    expect(out).toMatchInlineSnapshot(`
      "11 jobs (swf) on 4 agents with 4 slots; scheduler easy; a node boots in 20 s.
      Left out: 1 job: cancelled before it started.

      POLICY        JOBS  WAIT MEAN  MEDIAN  95%    SLOWDOWN  OF STATIC  NODE-HOURS USED  IDLE  HELD  OF STATIC  PEAK  GROWS/DAY  SHRINKS/DAY
      static        11    177 s      0 s     898 s  13.376    1.000      1.3              8.7   10    1.000      4     0          0
      2010          11    161 s      20.5 s  919 s  10.552    0.789      1.3              0.3   1.6   0.161      4     153.2      114.9
      default       11    127 s      22.5 s  921 s  9.928     0.742      1.3              4.4   5.7   0.566      4     114.9      76.6
      thrifty.yaml  11    133 s      22.5 s  921 s  10.079    0.754      1.3              0.3   1.6   0.159      4     172.3      134

      36 % of the jobs run for less than a node takes to boot. One of a second that waits for it has a slowdown of 2.1, so
      policy.idleTime and policy.minSlotsHeld, which leave nodes standing for such jobs, trade slowdown for idle node-hours.
      Slowdown: (wait + run) / run, runs counted as 10 s at the least. Node-hours: slots held, in nodes of average size.
      "
    `);
  });

  test('-o yaml gives the same as --json, a document each, and wide the table', async () => {
    const json = await run('replay', '--trace', trace, '--json');
    const yaml = await run('replay', '--trace', trace, '-o', 'yaml');

    const rows = json.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(parseAllDocuments(yaml.out).map((one) => one.toJS() as unknown)).toEqual(rows);
    expect((await run('replay', '--trace', trace, '-o', 'wide')).out).toBe(
      (await run('replay', '--trace', trace)).out,
    );
  });

  test('--json prints one object per policy, and nothing else on standard output', async () => {
    const { code, out, err } = await run('replay', '--trace', trace, '--json');

    const rows = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
    expect(code).toBe(0);
    expect(rows.map(({ policy }) => policy)).toEqual(['static', '2010', 'default']);
    for (const row of rows) {
      expect(Object.keys(row)).toEqual([
        ...[
          'policy',
          'jobs',
          'waitMeanS',
          'waitP50S',
          'waitP95S',
          'slowdownMean',
          'nodeHoursUsed',
          'nodeHoursHeld',
        ],
        ...['nodesPeak', 'grows', 'shrinks', 'notUnderstood'],
      ]);
      expect(row).toMatchObject({ jobs: 11, notUnderstood: 0 });
    }
    expect(err).toContain('Left out: 1 job: cancelled before it started.');
  });

  test('a packed trace, its first jobs alone', async () => {
    const packed = folder.file('small.swf.gz', gzipSync(swf));

    const { out } = await run('replay', '--trace', packed, '--jobs', '3', '--json');

    expect(JSON.parse(out.split('\n')[0] ?? '')).toMatchObject({ policy: 'static', jobs: 3 });
  });

  test('malformed lines and requests that are not understood are counted and named', async () => {
    const line = (nodes: string): string => `1 5 0 10 1 1 1 1 60 1024 1 1 1 1 -1 1 1 1 - q ${nodes}`;
    const file = folder.file('grid.txt', [line('1:ppn=2'), 'nonsense', line('1:ppn=1.5')].join('\n'));

    const { code, out } = await run('replay', '--trace', file, '--cluster', '2x4:a');

    expect(code).toBe(0);
    expect(out).toContain('Left out: malformed lines: 1:\n  line 2: 1 fields instead of 21: "nonsense"');
    expect(out).toContain('Left out: 1 job: request not understood:\n  1 job: "1:ppn=1.5"');
  });

  test.each([
    ['a trace that is not there', ['--trace', 'no-such-file'], 'no-such-file: cannot be read'],
    ['no trace', [], "required option '--trace <file>' not specified"],
    ['another scheduler', ['--trace', trace, '--scheduler', 'lifo'], 'choose one of fifo, first-fit, easy'],
    ['a boot time without a unit', ['--trace', trace, '--boot', '20'], '--boot: "20" is not possible'],
    ['a boot time that no node survives', ['--trace', trace, '--boot', '30m'], 'policy.launchTimeout'],
    [
      'a cluster that is none',
      ['--trace', trace, '--cluster', 'big'],
      '--cluster: "big" is no kind of agents',
    ],
    ['no jobs', ['--trace', trace, '--jobs', '0'], '--jobs: "0" is not possible'],
    ['another form', ['--trace', trace, '--format', 'csv'], 'choose one of swf, wagap, accounting'],
    [
      'a policy that is not there',
      ['--trace', trace, '--policy', 'no-such.yaml'],
      'no-such.yaml: cannot be read',
    ],
  ])('is refused: %s', async (_, args, told) => {
    const { code, out, err } = await run('replay', ...args);

    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toContain(told);
  });

  test('a trace that does not tell of its machine asks for one, and shows how', async () => {
    const file = folder.file('plain.swf', '1 0 -1 10 1 -1 -1 1 -1 -1 1 1 1 -1 -1 -1 -1 -1\n');

    const { code, err } = await run('replay', '--trace', file);

    expect(code).toBe(2);
    expect(err).toContain('--cluster 20x80:zewura,48x12:zegox (count x slots : name)');
  });

  test.each([
    ['empty', ''],
    ['nonsense', 'a,b\nc,d\n'],
    ['half a packed file', gzipSync(swf).subarray(0, 60)],
    ['malformed in every line', '1 x -1 10 1 -1 -1 1 -1 -1 1 1 1 -1 -1 -1 -1 -1\n'],
  ])('a file without jobs is an error: %s', async (name, content) => {
    const file = folder.file(`${name}.txt`, content);

    const { code, err } = await run('replay', '--trace', file, '--cluster', '1x1');

    expect(code).toBe(2);
    expect(err).toContain(`${name}.txt: `);
  });

  test('a policy with an error names it', async () => {
    const bad = folder.file('bad.yaml', 'policy:\n  idleTime: soon\n');

    const { code, err } = await run('replay', '--trace', trace, '--policy', bad);

    expect(code).toBe(2);
    expect(err).toContain('bad.yaml:2: policy.idleTime: "soon" is not possible');
  });
});

// Cut to keep the suite short; a cut of a few hundred jobs hangs on single jobs (the first 300 of HPC2N: 1.23).
describe.each([
  ['NASA-iPSC-1993-3.1-cln.swf.gz', 1200],
  ['hpc2n-excerpt.swf.gz', 1000],
] as const)('the first jobs of %s', (name, jobs) => {
  const file = traceFile(name);

  test.skipIf(file === null)(
    `wait under the default policy hardly longer than on a static cluster, at well under its node-hours${whyLeftOut(file)}`,
    { timeout: 240_000 },
    async () => {
      const { out } = await run('replay', '--trace', file ?? '', '--jobs', String(jobs), '--json');

      const rows = out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as { policy: string; slowdownMean: number; nodeHoursHeld: number });
      const [standing, , elastic] = rows;
      expect(elastic?.policy).toBe('default');
      expect((elastic?.slowdownMean ?? Infinity) / (standing?.slowdownMean ?? 0)).toBeLessThanOrEqual(1.1);
      expect((elastic?.nodeHoursHeld ?? Infinity) / (standing?.nodeHoursHeld ?? 0)).toBeLessThan(0.75);
    },
  );
});
