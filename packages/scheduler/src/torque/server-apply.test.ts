import { describe, expect, test } from 'vitest';
import { applySetup } from './server-apply.ts';
import { changesLeft, planUndo } from './server-undo.ts';
import type { WantedSetup } from './server-setup.ts';
import { readServer, type ServerView } from './server-view.ts';
import { applyPlanned } from './server-apply.ts';
import { fakeServer, type FakeServer } from './testing/fake-server.ts';
import { memoryRecord } from './testing/memory-record.ts';
import { recording } from './testing/recordings.ts';

const isSafe = () => Promise.resolve({ ok: true, value: null } as const);
const fresh = recording('fresh-qmgr-print-server').stdout.toString();

const wanted: WantedSetup = {
  placeholder: { node: 'head.torque.test', np: 48, requestId: 'mesos-torque.placeholder' },
  nodect: 48,
  schedulerIterationS: 10,
  nodeCheckRateS: 90,
  keepCompletedS: 600,
  limits: { nodes: 10, slots: 48, memMib: 1024, ownerMark: 'mesos-torque' },
  queue: 'batch',
  managers: ['torque@head.torque.test'],
};

async function viewOf({ client }: FakeServer): Promise<ServerView> {
  const view = await readServer(client);
  if (!view.ok) throw new Error(view.problem.detail);
  return view.value;
}

async function undo(server: FakeServer, record: ReturnType<typeof memoryRecord>): Promise<readonly string[]> {
  const plan = planUndo(await viewOf(server), record.changes);
  const done = await applyPlanned(server.client, plan.steps);
  if (!done.ok) throw new Error(done.problem.detail);
  record.changes.splice(0, Infinity, ...changesLeft(plan, record.changes));
  return done.value.map(({ sentence }) => sentence);
}

describe('a set-up', () => {
  test('is recorded before it is made, and the second one finds nothing to do', async () => {
    const server = fakeServer({ printed: fresh });
    const record = memoryRecord();

    const first = await applySetup(server.client, wanted, record, isSafe);
    const second = await applySetup(server.client, wanted, record, isSafe);

    expect(first.ok && first.value.length).toBe(12);
    expect(record.changes.length).toBe(12);
    expect(second).toEqual({ ok: true, value: [] });
  });

  test('that cannot be recorded changes nothing', async () => {
    const server = fakeServer({ printed: fresh });
    const record = memoryRecord({ append: () => Promise.reject(new Error('ENOSPC: no space left')) });

    const applied = await applySetup(server.client, wanted, record, isSafe);

    expect(server.sentences).toEqual([]);
    expect(applied).toMatchObject({
      ok: false,
      problem: { detail: expect.stringContaining('ENOSPC: no space left') as string },
    });
  });

  test.each([
    ['operator', 'this user is an operator, and it takes a manager'],
    ['none', 'this user is no manager'],
  ] as const)('by a user whose rights are "%s" is not even begun', async (rights, why) => {
    // A refused `set server resources_…` of an operator makes 6.1.3 forget the nodect that it shows.
    const server = fakeServer({ printed: fresh, rights });
    const record = memoryRecord();

    const applied = await applySetup(server.client, wanted, record, isSafe);

    expect(applied).toMatchObject({
      ok: false,
      problem: { kind: 'refused', detail: `setting up pbs_server: ${why}` },
    });
    expect(server.sentences).toEqual([]);
    expect(record.changes).toEqual([]);
  });

  test('that must make a node is not begun where a mom_hierarchy file forbids it', async () => {
    const server = fakeServer({ printed: fresh, hierarchyFile: true });

    const applied = await applySetup(server.client, wanted, memoryRecord(), isSafe);

    expect(applied).toMatchObject({ ok: false, problem: { kind: 'conflict' } });
    expect(server.sentences).toEqual([]);
  });
});

describe('an undo', () => {
  test('brings back what was there, last change first, what cannot be unset too', async () => {
    const server = fakeServer({ printed: fresh });
    const record = memoryRecord();
    const before = server.printed();
    await applySetup(server.client, wanted, record, isSafe);

    expect(await undo(server, record)).toEqual([
      'set server scheduling=False',
      'unset server resources_max.mem',
      'unset server resources_max.procct',
      'unset server resources_max.nodect',
      'set server keep_completed=300',
      'set server node_check_rate=150',
      'set server scheduler_iteration=600',
      'unset server resources_available.nodect',
      'delete node head.torque.test',
      'set server managers -= torque@head.torque.test',
      'unset server default_queue',
      'delete queue batch',
    ]);
    const after = server.printed().replace(/set server (?:scheduling|scheduler_iteration) = .*\n/g, '');
    expect(after).toBe(before);
    expect(record.changes).toEqual([]);
    expect(await undo(server, record)).toEqual([]);
  });

  test('leaves what somebody has changed since, and says both sides', async () => {
    const server = fakeServer({ printed: fresh });
    const record = memoryRecord();
    await applySetup(server.client, wanted, record, isSafe);
    server.change('set server keep_completed=60');
    server.change('set node head.torque.test np=100');

    const { conflicts } = planUndo(await viewOf(server), record.changes);
    await undo(server, record);

    expect(conflicts).toEqual([
      { target: { kind: 'server', attribute: 'keep_completed' }, found: '60', ours: '600', before: '300' },
      {
        target: { kind: 'node', node: 'head.torque.test' },
        found: 'np=100 requestid=mesos-torque.placeholder',
        ours: 'np=48 requestid=mesos-torque.placeholder',
        before: null,
      },
    ]);
    expect(server.printed()).toContain('keep_completed = 60\n');
    expect(record.changes.map(({ target }) => target.kind)).toEqual(['node', 'server']);
  });

  test('goes back over several set-ups to what the first one found', async () => {
    const server = fakeServer({ printed: fresh });
    const record = memoryRecord();
    await applySetup(server.client, wanted, record, isSafe);
    const larger = { ...wanted, placeholder: { ...wanted.placeholder, np: 96 }, keepCompletedS: 1200 };
    await applySetup(server.client, larger, record, isSafe);

    const sentences = await undo(server, record);

    expect(sentences).toContain('delete node head.torque.test');
    expect(sentences).toContain('set server keep_completed=300');
    expect(sentences.length).toBe(12);
  });

  test('passes over changes that were recorded and never made', async () => {
    const server = fakeServer({ printed: fresh });
    const record = memoryRecord();
    await record.append([
      { target: { kind: 'server', attribute: 'keep_completed' }, before: '300', after: '600' },
      { target: { kind: 'node', node: 'head.torque.test' }, before: null, after: 'np=48' },
    ]);

    const plan = planUndo(await viewOf(server), record.changes);

    expect(plan).toMatchObject({ steps: [], conflicts: [] });
    expect(plan.asBefore.length).toBe(2);
  });

  test('does not delete a node that others made in the place of ours', async () => {
    const server = fakeServer({ printed: fresh });
    const record = memoryRecord();
    await applySetup(server.client, wanted, record, isSafe);
    server.change('delete node head.torque.test');
    server.change('create node head.torque.test np=48');

    expect(planUndo(await viewOf(server), record.changes).conflicts).toMatchObject([{ found: 'np=48' }]);
  });
});

test('a change that qmgr took and the server did not is noticed', async () => {
  const server = fakeServer({ printed: fresh });
  const view = await viewOf(server);
  const step = {
    sentence: 'unset server node_check_rate',
    why: 'a test',
    change: { target: { kind: 'server', attribute: 'node_check_rate' }, before: '150', after: null },
  } as const;
  expect(view.server.get('node_check_rate')).toEqual(['150']);

  expect(await applyPlanned(server.client, [step])).toMatchObject({
    ok: false,
    problem: {
      detail:
        'setting up pbs_server: unset server node_check_rate: qmgr exited 0, but server node_check_rate reads 150',
    },
  });
});
