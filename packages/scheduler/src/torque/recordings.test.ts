/** Every recorded `qstat … -x` and `pbsnodes -x` of real TORQUE, through the client that judges them. */
import { describe, expect, test } from 'vitest';
import type { Argv } from '@mesos-torque/common/run-command.ts';
import { parsePbsnodes } from './pbsnodes.ts';
import { parseQstat } from './qstat.ts';
import { recording, recordings, resultOf, type Recording } from './testing/recordings.ts';
import { TorqueClient } from './torque-client.ts';

const all = [...recordings('6.1'), ...recordings('4.2')];
// -Q and -B ignore -x, and print tables.
const qstats = all.filter(({ command }) => /^qstat .*-x\b/.test(command) && !/ -[QB]\b/.test(command));
const pbsnodes = all.filter(({ command }) => /^pbsnodes -x\b/.test(command));

const noJobs = recording('fresh-qstat-Bf', '4.2');

/** A client whose every command ends as recorded; asked for the number of jobs, the server says none. */
function clientOf(recorded: Recording): TorqueClient {
  const run = (argv: Argv) => Promise.resolve(resultOf(argv.includes('-B') ? noJobs : recorded));
  return new TorqueClient({ run, binDir: null, timeoutMs: 30_000 });
}

/** Elements of that name, counted without our parser. */
function count(recorded: Recording, element: string, mark = `<${element}>`): number {
  return recorded.stdout.toString().split(mark === '' ? element : mark).length - 1;
}

test('there are recordings of both versions to try', () => {
  expect(qstats.length).toBeGreaterThanOrEqual(28);
  expect(pbsnodes.length).toBeGreaterThanOrEqual(27);
});

describe.each(qstats)('$version $name: $command', (recorded) => {
  test('is the whole queue when qstat exits 0, unknown otherwise', async () => {
    const queue = await clientOf(recorded).readQueue();

    expect(queue.ok).toBe(recorded.exitCode === 0);
    if (queue.ok) expect(queue.value.jobs).toHaveLength(count(recorded, 'Job'));
  });
});

const printed = all.filter(({ command }) => command === 'qmgr -c "print server"');

describe.each(printed)('$version $name: $command', (recorded) => {
  test('is the settings when qmgr exits 0, unknown otherwise', async () => {
    const settings = await clientOf(recorded).readSettings();

    expect(settings.ok).toBe(recorded.exitCode === 0);
    if (settings.ok) expect(settings.value.queues).toHaveLength(count(recorded, 'create queue ', ''));
  });
});

/** Recordings of a server that has no nodes, as its words on standard error tell. */
const withoutNodes = [
  'fresh-pbsnodes-x',
  'fresh-pbsnodes-x-missing',
  'zero-pbsnodes',
  'zero-again-pbsnodes-x',
];

describe.each(pbsnodes)('$version $name: $command', (recorded) => {
  test('is all nodes when pbsnodes exits 0 or says that there are none, unknown otherwise', async () => {
    const nodes = await clientOf(recorded).readNodes();

    expect(nodes.ok).toBe(recorded.exitCode === 0 || withoutNodes.includes(recorded.name));
    if (nodes.ok) expect(nodes.value).toHaveLength(count(recorded, 'Node'));
  });
});

test.each(all.filter(({ command }) => /^qstat .*-[QB].*-x|^qstat .*-x.*-[QB]/.test(command)))(
  'a table is no queue: $version $name',
  (recorded) => {
    expect(parseQstat(recorded.stdout)).toMatchObject({ ok: false, problem: { kind: 'garbled' } });
  },
);

test('a queue is no list of nodes, and nodes are no queue', () => {
  const jobs = qstats.find(({ name }) => name === 'zoo-qstat-x');
  const nodes = pbsnodes.find(({ name }) => name === 'zoo-pbsnodes-x');

  expect(parsePbsnodes(jobs?.stdout ?? new Uint8Array())).toMatchObject({ ok: false });
  expect(parseQstat(nodes?.stdout ?? new Uint8Array())).toMatchObject({ ok: false });
});
