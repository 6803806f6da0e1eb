import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { readSetup, type SetupConfig } from '../config.ts';
import { fakeServer, type FakeServer, type FakeServerOptions } from '../torque/testing/fake-server.ts';
import { memoryRecord } from '../torque/testing/memory-record.ts';
import { recording } from '../torque/testing/recordings.ts';
import { setUpWith, type SetupParts, type SetupReport, type SetupRequest } from './run-setup.ts';
import { setupRecords } from './setup-record.ts';
import { noWishes } from './wanted-setup.ts';

const fresh = recording('fresh-qmgr-print-server').stdout.toString();

function aConfig(...settings: readonly string[]): SetupConfig {
  const read = readSetup({ file: null, environment: {}, settings }, 'head.torque.test');
  if (!read.ok) throw new Error(read.errors.join('; '));
  return read.value;
}

interface Story {
  readonly server: FakeServer;
  readonly parts: SetupParts;
  act(request: Partial<SetupRequest>, config?: SetupConfig): Promise<SetupReport>;
}

function aStory(options: Partial<FakeServerOptions> = {}, others: Partial<SetupParts> = {}): Story {
  const server = fakeServer({ printed: fresh, ...options });
  const parts: SetupParts = {
    torque: server.client,
    records: memoryRecord(),
    ownFramework: () => Promise.resolve('ours-0000'),
    schedulerRuns: () => Promise.resolve(null),
    makeSafe: () => Promise.resolve({ ok: true, value: null }),
    grant: () => Promise.resolve('qmgr -c "set server managers += alice@head.torque.test"'),
    ...others,
  };
  const base: SetupRequest = { act: 'apply', dryRun: false, force: false, wishes: noWishes };
  return {
    server,
    parts,
    act: (request, config = aConfig()) => setUpWith(parts, config, { ...base, ...request }),
  };
}

test('mesos.master need not be known to set up pbs_server', () => {
  expect(aConfig().torque.placeholder).toEqual({ node: 'head.torque.test', np: 48 });
});

test('a dry run changes nothing and shows what is right already', async () => {
  const story = aStory();

  const report = await story.act({ dryRun: true });

  expect(report.steps.map(({ sentence }) => sentence)[0]).toMatch(/^create node head\.torque\.test /);
  expect(report.right).toMatchObject([{ what: 'server keep_completed', found: '300' }]);
  expect(story.server.sentences).toEqual([]);
});

test('pbs_sched is let loose only when the server knows nodect, and that after everything else', async () => {
  const printedAtProbe: string[] = [];
  const story = aStory(
    { printed: fresh },
    {
      makeSafe: () => {
        printedAtProbe.push(story.server.printed());
        return Promise.resolve({ ok: true, value: null });
      },
    },
  );

  const report = await story.act({});

  expect(report.problem).toBeNull();
  expect(printedAtProbe).toHaveLength(1);
  expect(printedAtProbe[0]).toContain('set server resources_available.nodect = 48');
  expect(printedAtProbe[0]).not.toContain('set server scheduling = True');
  expect(story.server.sentences.at(-1)).toBe('set server scheduling=True');
});

test('where that cannot be had scheduling stays off, and the report says so', async () => {
  const why = 'torque.probeUser: id -u nobody exited 1';
  const story = aStory(
    { printed: fresh },
    { makeSafe: () => Promise.resolve({ ok: false, problem: { kind: 'not-found', detail: why } }) },
  );

  const report = await story.act({});

  expect(report.problem).toBe(`setting up pbs_server: scheduling stays off: ${why}`);
  expect(story.server.printed()).not.toContain('set server scheduling = True');
});

test('an ordinary user learns the sentences, and which line grants the right', async () => {
  const report = await aStory({ rights: 'none' }).act({});

  expect(report.steps.length).toBeGreaterThan(3);
  expect(report.problem).toBe('setting up pbs_server: this user is no manager');
  expect(report.remedy).toContain('qmgr -c "set server managers += alice@head.torque.test"');
});

test('limits for qsub come with the safe allocation, where they are wished for', async () => {
  const config = aConfig(
    'policy.safeAllocation.nodes=10',
    'policy.npMax=4',
    'policy.safeAllocation.mem=8GiB',
    'executor.mem=128MiB',
  );

  const report = await aStory().act({ wishes: { ...noWishes, queueLimits: true } }, config);

  expect(report.steps.map(({ sentence }) => sentence)).toEqual(
    expect.arrayContaining([
      'set server resources_max.nodect=10',
      'set server resources_max.procct=40',
      'set server resources_max.mem=8064mb',
    ]),
  );
});

test('an undo is refused while a scheduler runs that would set it up again', async () => {
  const story = aStory({}, { schedulerRuns: () => Promise.resolve('process 7 on head') });
  await story.act({});
  const before = story.server.printed();

  const report = await story.act({ act: 'undo' });

  expect(report.problem).toBe('a scheduler runs (process 7 on head) and would set the server up again');
  expect(story.server.printed()).toBe(before);
});

test('an undo is refused while jobs wait, and goes on when forced', async () => {
  const story = aStory();
  await story.act({});
  const queued = recording('zoo-qstat-f-x').stdout.toString();
  const { torque } = story.parts;
  const readQueue = torque.readQueue.bind(torque);
  torque.readQueue = async () => {
    const { parseQstat } = await import('../torque/qstat.ts');
    return parseQstat(Buffer.from(queued));
  };

  const refused = await story.act({ act: 'undo' });
  const forced = await story.act({ act: 'undo', force: true });
  torque.readQueue = readQueue;

  expect(refused.problem).toMatch(/^[0-9]+ jobs wait; without the placeholder and nodect/);
  expect(forced).toMatchObject({ problem: null, conflicts: [] });
  expect(await story.parts.records.of(null).load()).toEqual([]);
});

test('an undo is refused while nodes of another framework stand on the same server, and goes on when forced', async () => {
  const story = aStory();
  await story.act({});
  story.server.change('create node n1 np=2,requestid=mesos-torque.ours-0000.mom.n1.7');
  story.server.change('create node n2 np=2,requestid=other-mark.theirs-0003.mom.n2.4');
  const before = story.server.printed();

  const refused = await story.act({ act: 'undo' });
  expect(refused.problem).toBe(
    'head.torque.test has 1 node of another framework (n2: theirs-0003), whose jobs need the placeholder and nodect, too',
  );
  expect(refused.remedy).toContain('--force');
  expect(story.server.printed()).toBe(before);

  expect(await story.act({ act: 'undo', force: true })).toMatchObject({ problem: null, conflicts: [] });
  expect(await story.parts.records.of(null).load()).toEqual([]);
});

test('nodes of ours are no obstacle, and of which framework they are is said where that is not known', async () => {
  const story = aStory();
  await story.act({});
  story.server.change('create node n1 np=2,requestid=mesos-torque.ours-0000.mom.n1.7');

  const inAnotherDirectory = await setUpWith(
    { ...story.parts, ownFramework: () => Promise.resolve(null) },
    aConfig(),
    { act: 'undo', dryRun: false, force: false, wishes: noWishes },
  );
  story.parts.torque.readQueue = () => Promise.resolve({ ok: true, value: { jobs: [] } });
  const inOurs = await story.act({ act: 'undo' });

  expect(inAnotherDirectory.problem).toContain(
    '1 node of a framework that this state directory does not know',
  );
  expect(inOurs.problem).toBeNull();
});

test('what was changed on one server is not taken back on another', async () => {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'mesos-torque-servers-'));
  const records = setupRecords(directory, () => 0);
  const first = aStory({}, { records });
  // The other one's administrator has set the same value himself.
  const second = aStory({ name: 'second.torque.test' }, { records });
  second.server.change('set server scheduler_iteration=10');
  expect((await first.act({})).problem).toBeNull();

  const onSecond = await second.act({ act: 'undo' });
  const onFirst = await first.act({ act: 'undo', force: true });
  rmSync(directory, { recursive: true });

  expect(onSecond).toMatchObject({ steps: [], conflicts: [], problem: null });
  expect(second.server.sentences).toEqual([]);
  expect(onFirst.steps.length).toBeGreaterThan(3);
  expect(onFirst.problem).toBeNull();
});

test('a record that cannot be read is said, and nothing is done', async () => {
  const story = aStory();
  const records = memoryRecord({ load: () => Promise.reject(new Error('reading setup.json: cut')) });

  const report = await setUpWith({ ...story.parts, records }, aConfig(), {
    act: 'apply',
    dryRun: false,
    force: false,
    wishes: noWishes,
  });

  expect(report.problem).toBe('reading setup.json: cut');
  expect(story.server.sentences).toEqual([]);
});
