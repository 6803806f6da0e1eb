import { describe, expect, test } from 'vitest';
import type { CommandResult } from '@mesos-torque/common/run-command.ts';
import type { CreateNodeDecision } from '../core/decisions.ts';
import { aNode } from '../core/testing/builders.ts';
import { withMark } from './ownership-mark.ts';
import { recording, resultOf, type Version } from './testing/recordings.ts';
import { exited, scriptedRun, shown } from './testing/scripted-run.ts';
import { TorqueClient } from './torque-client.ts';

function recorded(name: string, version: Version = '6.1'): CommandResult {
  return resultOf(recording(name, version));
}

function clientOn(...script: readonly CommandResult[]) {
  const { run, lines } = scriptedRun(...script);
  return { client: new TorqueClient({ run, binDir: null, timeoutMs: 30_000 }), lines };
}

/** A node to be created, with what the story is about. */
function node(of: Partial<CreateNodeDecision> = {}): CreateNodeDecision {
  return {
    kind: 'create-node',
    taskId: 'mom.node1.torque.test.7',
    node: 'node1.torque.test',
    np: 2,
    gpus: 0,
    properties: [],
    ports: null,
    requestId: 'mesos-torque.fw-0000.mom.node1.torque.test.7',
    hostAddresses: [],
    why: { code: 'named', text: 'the executor has named its mom' },
    ...of,
  };
}

describe('creating a node', () => {
  test('is one sentence for qmgr, with everything in it', async () => {
    const { client, lines } = clientOn(recorded('alt-create'));

    const created = await client.createNode(
      node({ np: 4, gpus: 1, properties: ['bigmem', 'fast'], ports: { service: 30001, manager: 30002 } }),
    );

    expect(created.ok).toBe(true);
    expect(lines).toEqual([
      'qmgr -c create node node1.torque.test np=4,gpus=1,mom_service_port=30001,mom_manager_port=30002,' +
        'properties="bigmem,fast",requestid=mesos-torque.fw-0000.mom.node1.torque.test.7',
    ]);
  });

  test('a second time succeeds: the node carries the same request id', async () => {
    const { client, lines } = clientOn(
      recorded('qmgr-create-node-twice'),
      shown('node1.torque.test', 'free', node().requestId),
    );

    expect(await client.createNode(node())).toEqual({ ok: true, value: null });
    expect(lines[1]).toBe('pbsnodes -x node1.torque.test');
  });

  test('where another one stands is a conflict that names whose it is', async () => {
    const { client } = clientOn(
      recorded('qmgr-create-node-twice'),
      shown('node1.torque.test', 'free', 'mesos-torque.fw-0001.mom.node1.torque.test.1'),
      recorded('qmgr-create-node-twice'),
      shown('node1.torque.test', 'free'),
    );

    const ofAnotherFramework = await client.createNode(node());
    const ofTheAdministrator = await client.createNode(node());

    expect(ofAnotherFramework).toMatchObject({ problem: { kind: 'conflict' } });
    expect(ofAnotherFramework).toHaveProperty('problem.detail', expect.stringContaining('fw-0001'));
    expect(ofTheAdministrator).toHaveProperty('problem.detail', expect.stringContaining('not ours'));
  });

  test('of a name that does not resolve is told with the address that the agent has', async () => {
    const { client } = clientOn(recorded('qmgr-create-node-unknown-host'));

    expect(await client.createNode(node({ hostAddresses: ['10.0.0.31'] }))).toHaveProperty(
      'problem.detail',
      expect.stringMatching(/Unknown node \(pbs_server cannot resolve the name of 10\.0\.0\.31\)$/),
    );
  });

  test.each([
    [
      'qmgr-create-node-unknown-host',
      'not-found',
      'registering node1.torque.test: qmgr exited 2: Unknown node (pbs_server cannot resolve the name)',
    ],
    [
      'qmgr-create-node-user',
      'refused',
      'registering node1.torque.test: qmgr exited 2: Unauthorized Request MSG=error in permissions (PERM_MANAGER)',
    ],
    [
      'qmgr-create-node-unknown-attr',
      'refused',
      'registering node1.torque.test: qmgr exited 2: Undefined attribute foo',
    ],
    [
      'down-qmgr-create',
      'unreachable',
      'registering node1.torque.test: qmgr exited 3: cannot connect to server (errno=111) Connection refused',
    ],
    [
      'noauthd-qmgr',
      'unreachable',
      'registering node1.torque.test: qmgr exited 3: cannot connect to server (errno=15137) could not connect to trqauthd',
    ],
    [
      'remote-qmgr',
      'refused',
      'registering node1.torque.test: qmgr exited 3: cannot connect to server (errno=15008) trqauthd unable to authenticate. User or PID of calling process not found or does not match',
    ],
    ['qmgr-z', 'refused', 'registering node1.torque.test: qmgr exited 2: nothing was said'],
  ])('fails as recorded in %s', async (name, kind, detail) => {
    // A server that knows no such attribute is asked once more, with the mark as a property.
    const { client } = clientOn(recorded(name), recorded(name));

    expect(await client.createNode(node())).toEqual({ ok: false, problem: { kind, detail } });
  });

  test.each([
    [{ node: 'x; delete node y' }, 'is no host name'],
    [{ node: 'node1 np=9' }, 'is no host name'],
    [{ node: '-node1' }, 'is no host name'],
    [{ node: `${'a'.repeat(64)}.test` }, 'is no host name'],
    [{ node: `${'a.'.repeat(127)}test` }, 'is no host name'],
    [{ properties: ['ok', 'a",np="9'] }, 'is no node property'],
    [{ properties: ['2big'] }, 'is no node property'],
    [{ requestId: 'a b' }, 'is no request id'],
    [{ np: 0 }, 'np=0 is not from 1 to 65535'],
    [{ np: 1.5 }, 'np=1.5 is not from 1 to 65535'],
    [{ ports: { service: 70_000, manager: 1 } }, 'mom_service_port=70000 is not from 1'],
  ])('with %j reaches no command line', async (of, error) => {
    const { client, lines } = clientOn();

    const created = await client.createNode(node(of));

    expect(created).toMatchObject({ ok: false, problem: { kind: 'refused' } });
    expect(created).toHaveProperty('problem.detail', expect.stringContaining(error));
    expect(lines).toEqual([]);
  });

  test('is done in lower case, as TORQUE compares names', async () => {
    const { client, lines } = clientOn(exited(0));

    await client.createNode(node({ node: 'Node1.Torque.TEST' }));

    expect(lines[0]).toContain('create node node1.torque.test ');
  });
});

describe('a server of 4.2, which knows no requestid', () => {
  const mark = node().requestId;
  const noSuch = exited(2, '', 'qmgr obj=node1.torque.test svr=default: Undefined attribute \n');

  test('is given the mark as a property, and the new node is cleared: it is down,offline until then', async () => {
    const { client, lines } = clientOn(noSuch, exited(0), exited(0), exited(0), exited(0));

    expect((await client.createNode(node({ properties: ['fast'] }))).ok).toBe(true);
    expect((await client.createNode(node())).ok).toBe(true);
    expect(lines.slice(1)).toEqual([
      `qmgr -c create node node1.torque.test np=2,properties="fast,${mark}"`,
      'pbsnodes -c node1.torque.test',
      `qmgr -c create node node1.torque.test np=2,properties="${mark}"`,
      'pbsnodes -c node1.torque.test',
    ]);
  });

  test('shows it back, and the planner sees no difference', () => {
    const shownAs = aNode('node1', { properties: ['fast', mark] });

    expect(withMark(shownAs, 'mesos-torque')).toMatchObject({ requestId: mark, properties: ['fast'] });
    expect(withMark(aNode('node1', { properties: ['fast'] }), 'mesos-torque').requestId).toBeNull();
  });
});

describe('marking a node', () => {
  test('offline succeeds when it reads offline after it', async () => {
    const { client, lines } = clientOn(
      shown('node4.torque.test', 'free'),
      recorded('pbsnodes-o'),
      recorded('pbsnodes-x-offline'),
    );

    expect(await client.setOffline('node4.torque.test', false)).toEqual({ ok: true, value: null });
    expect(lines).toEqual([
      'pbsnodes -x node4.torque.test',
      'pbsnodes -o node4.torque.test',
      'pbsnodes -x node4.torque.test',
    ]);
  });

  // TORQUE has one mark: set over an administrator's, it would be cleared and the node deleted as ours.
  test('offline does nothing where somebody else was first', async () => {
    const { client, lines } = clientOn(recorded('pbsnodes-x-offline'));

    const marked = await client.setOffline('node4.torque.test', false);

    expect(marked).toMatchObject({ ok: false, problem: { kind: 'theirs' } });
    expect(lines).toEqual(['pbsnodes -x node4.torque.test']);
  });

  test('offline is repeated without that look where the mark was known', async () => {
    const { client, lines } = clientOn(recorded('pbsnodes-o'), recorded('pbsnodes-x-offline'));

    expect((await client.setOffline('node4.torque.test', true)).ok).toBe(true);
    expect(lines[0]).toBe('pbsnodes -o node4.torque.test');
  });

  test('online succeeds when it does not read offline after it', async () => {
    const { client } = clientOn(recorded('pbsnodes-c'), recorded('pbsnodes-x-cleared'));

    expect(await client.clearOffline('node4.torque.test')).toEqual({ ok: true, value: null });
  });

  test('is no success where pbsnodes exits 0 and nothing happened', async () => {
    const { client } = clientOn(recorded('pbsnodes-o'), shown('node4.torque.test', 'free'));

    expect(await client.setOffline('node4.torque.test', true)).toEqual({
      ok: false,
      problem: {
        kind: 'refused',
        detail: 'setting node4.torque.test offline: pbsnodes -o exited 0, but it reads free',
      },
    });
  });

  // Until then a node reads offline by itself, and pbs_server forgets the mark.
  test('is no success before pbs_server has sent its host list', async () => {
    const { client } = clientOn(exited(0), recorded('node-down-pbsnodes-x'));

    const marked = await client.setOffline('node1.torque.test', true);

    expect(marked).toMatchObject({ ok: false, problem: { kind: 'conflict' } });
  });

  test.each([
    [
      'fresh-pbsnodes-o-missing',
      '6.1',
      'not-found',
      'pbsnodes exited 0: Error setting note attribute for node1.torque.test - Unknown node',
    ],
    ['user-pbsnodes-o', '6.1', 'refused', 'PERM_OPorMGR'],
    ['pbsnodes-o-user', '4.2', 'refused', 'PERM_OPorMGR'],
  ] as const)(
    'that exits 0 and failed is seen on standard error: %s of %s',
    async (name, version, kind, detail) => {
      const { client, lines } = clientOn(recorded(name, version));

      const marked = await client.setOffline('node1.torque.test', true);

      expect(marked).toMatchObject({ ok: false, problem: { kind } });
      expect(marked).toHaveProperty('problem.detail', expect.stringContaining(detail));
      expect(lines).toHaveLength(1);
    },
  );

  test('that is gone when looked at is not found', async () => {
    const { client } = clientOn(recorded('pbsnodes-c'), recorded('pbsnodes-x-missing'));

    expect(await client.clearOffline('node4.torque.test')).toMatchObject({ problem: { kind: 'not-found' } });
  });
});

describe('deleting a node', () => {
  test('is done by qmgr', async () => {
    const { client, lines } = clientOn(recorded('qmgr-delete-node-idle'));

    expect((await client.deleteNode('node4.torque.test')).ok).toBe(true);
    expect(lines).toEqual(['qmgr -c delete node node4.torque.test']);
  });

  test('that is not there is done already', async () => {
    const { client } = clientOn(recorded('qmgr-delete-node-missing'), recorded('qmgr-delete-missing', '4.2'));

    expect((await client.deleteNode('node9.torque.test')).ok).toBe(true);
    expect((await client.deleteNode('node9.torque.test')).ok).toBe(true);
  });

  test('with a job on it may hang, and then may still happen', async () => {
    const { client } = clientOn(recorded('qmgr-delete-node-busy'));

    expect(await client.deleteNode('node4.torque.test')).toMatchObject({ problem: { kind: 'timed-out' } });
  });
});

describe('reading', () => {
  test('no nodes is what pbsnodes says in words', async () => {
    const { client } = clientOn(recorded('fresh-pbsnodes-x'), recorded('zero-pbsnodes'));

    expect(await client.readNodes()).toEqual({ ok: true, value: [] });
    expect(await client.readNodes()).toEqual({ ok: true, value: [] });
  });

  // Were they believed, every task of ours would be killed for want of its node.
  test.each([
    ['nothing at all', exited(0)],
    ['a list without a node', exited(0, '<Data></Data>')],
    ['only a warning that is not its own', exited(0, '', 'locale: cannot set LC_ALL\n')],
  ])('%s is not the same as no nodes', async (_what, result) => {
    const { client } = clientOn(result);

    const read = await client.readNodes();

    expect(read).toMatchObject({ ok: false, problem: { kind: 'garbled' } });
    expect(read.ok ? '' : read.problem.detail).toContain('pbsnodes listed no node');
  });

  test.each([
    [
      { kind: 'spawn-failed', error: 'no program of that name' },
      'unreachable',
      'qstat could not be started: no program of that name',
    ],
    [
      { ...exited(0), kind: 'timed-out', timeoutMs: 30_000 },
      'timed-out',
      'qstat gave no answer within 30000 ms',
    ],
    [{ ...exited(0), kind: 'signal', signal: 'SIGKILL' }, 'unreachable', 'qstat was ended by SIGKILL'],
    [{ ...exited(0), kind: 'too-much-output', bytesMax: 9 }, 'garbled', 'qstat printed more than 9 bytes'],
    [
      exited(0, '<Data>'),
      'garbled',
      'qstat output: at byte 0: cut off after 6 bytes, within <Data>; its end: "<Data>"',
    ],
  ] as const)('the queue fails with %j', async (result, kind, detail) => {
    const { client } = clientOn(result as CommandResult);

    expect(await client.readQueue()).toEqual({
      ok: false,
      problem: { kind, detail: `reading the queue: ${detail}` },
    });
  });

  test('asks for every job, with the elements of arrays', async () => {
    const { client, lines } = clientOn(recorded('zoo-qstat-f-t-x'));

    expect((await client.readQueue()).ok).toBe(true);
    expect(lines).toEqual(['qstat -f -x -t']);
  });
});

test('a scheduling cycle is asked for by saying again that there is scheduling', async () => {
  const { client, lines } = clientOn(exited(0), recorded('down-qmgr'));

  expect(await client.kickScheduler()).toEqual({ ok: true, value: null });
  expect(await client.kickScheduler()).toMatchObject({ problem: { kind: 'unreachable' } });
  expect(lines[0]).toBe('qmgr -c set server scheduling=true');
});
