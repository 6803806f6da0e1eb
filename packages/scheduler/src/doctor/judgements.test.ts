import { describe, expect, test } from 'vitest';
import { aPolicy } from '../core/testing/builders.ts';
import { parsePrinted } from '../torque/server-attributes.ts';
import { exited } from '../torque/testing/scripted-run.ts';
import { judgeAllocation } from './allocation.ts';
import { judgeArtifact } from './artifact.ts';
import { usualTrust } from '@mesos-torque/common/tls-trust.ts';
import { judgeAccess } from './mesos-checks.ts';
import { judgeName, judgeNames, type NameSeen } from './names.ts';
import { judgeNodeVersion } from './node-version.ts';
import { judgeHttpPort, judgeServerPort, judgeSocket } from './ports.ts';
import { judgePrograms } from './programs.ts';
import { judgeQueues } from './queues.ts';
import { judgeDirectory, type DirectorySeen } from './state-directory.ts';
import { judgeScheduler } from './torque-scheduler.ts';

describe('names', () => {
  const seen = (addresses: readonly string[], back: readonly (string | null)[]): NameSeen => ({
    name: 'node1.torque.test',
    addresses,
    reverse: new Map(addresses.map((address, i) => [address, back[i] ?? null])),
  });

  test.each([
    [seen(['10.77.0.11'], ['node1.torque.test']), 'ok', 'node1.torque.test is 10.77.0.11, and back'],
    [seen([], []), 'wrong', 'does not resolve to an IPv4 address'],
    [
      seen(['127.0.1.1'], ['node1.torque.test']),
      'wrong',
      'resolves to 127.0.1.1 here, where other hosts cannot',
    ],
    [
      seen(['10.77.0.11'], ['node1']),
      'wrong',
      'node1.torque.test is 10.77.0.11, but 10.77.0.11 resolves back to node1',
    ],
    [seen(['10.77.0.11'], [null]), 'warning', '10.77.0.11 resolves back to no name'],
  ] as const)('%j is %s', (name, status, words) => {
    const verdict = judgeName(name, true);

    expect(verdict.status).toBe(status);
    expect(verdict.found).toContain(words);
    expect(verdict.remedy === null).toBe(status === 'ok');
  });

  test('of agents are told with the first that does not agree', () => {
    const good = seen(['10.77.0.11'], ['node1.torque.test']);
    const bad = seen(['10.77.0.12'], ['node2']);

    expect(judgeNames('agents', [good, good], false)).toMatchObject({ status: 'ok' });
    expect(judgeNames('agents', [good, bad], false)).toMatchObject({
      status: 'wrong',
      found: '1 of 2 agents: node1.torque.test is 10.77.0.12, but 10.77.0.12 resolves back to node2',
    });
    expect(judgeNames('agents', [], false).status).toBe('unknown');
  });
});

describe('queues', () => {
  test.each([
    ['', 'wrong', 'mesos-torque setup --queue batch'],
    [
      'create queue b\nset queue b enabled = True\nset queue b started = True\nset server default_queue = b\n',
      'ok',
      null,
    ],
    [
      'create queue b\nset queue b enabled = True\nset server default_queue = b\n',
      'wrong',
      'qmgr -c "set queue b started=true"',
    ],
    [
      'create queue b\nset queue b enabled = True\nset queue b started = True\n',
      'warning',
      'qmgr -c "set server default_queue=b"',
    ],
    ['create queue b\nset server default_queue = a\n', 'wrong', 'qmgr -c "set server default_queue=b"'],
  ] as const)('%j are %s', (printed, status, remedy) => {
    const parsed = parsePrinted(printed);

    expect(parsed.ok && judgeQueues(parsed.value)).toMatchObject({ status, remedy });
  });
});

test('programs tell their version on either output, and which is missing', () => {
  const places = new Map([['qstat', '/usr/bin/qstat']]);
  const of = (stdout: string, stderr: string) =>
    judgePrograms({ places, lookedIn: ['/usr/bin'], version: exited(0, stdout, stderr) });

  expect(of('Version: 6.1.3.h5\nCommit: 4decc\n', '').found).toBe('TORQUE 6.1.3.h5 in /usr/bin');
  expect(of('', 'Version: 4.2.10\n').found).toBe('TORQUE 4.2.10 in /usr/bin');
  expect(of('pbs_version = 19.1', '').status).toBe('warning');
  const missing = judgePrograms({ places: new Map([['qmgr', null]]), lookedIn: ['/a', '/b'], version: null });
  expect(missing).toMatchObject({ status: 'wrong', found: 'qmgr not found in /a:/b' });
});

test('the safe allocation shall be chosen', () => {
  const unlimited = { ...aPolicy().safeAllocation, cpuMilli: null, memMib: null, nodes: null };
  const limited = aPolicy({ safeAllocation: { ...unlimited, cpuMilli: 48_000, memMib: 49_152 } });

  expect(judgeAllocation(limited, ['policy.safeAllocation.cpus'])).toMatchObject({
    status: 'ok',
    found: '48 cpus, 49,152 MiB',
  });
  expect(judgeAllocation(limited, ['policy.idleTime']).status).toBe('warning');
  expect(judgeAllocation(aPolicy({ safeAllocation: unlimited }), ['policy.safeAllocation.cpus']).status).toBe(
    'warning',
  );
});

describe('the executor', () => {
  const sha256 = 'a591a6d40bf420404a011733cfb7b190d62c65bf0bcda32b57b277d9ad9f146e';
  const url = 'http://head:8470/artifact/x';
  const answer = (status: number, body: string) =>
    ({ kind: 'answer', status, location: null, body: Buffer.from(body) }) as const;

  test.each([
    [answer(200, 'Hello World'), 'scheduler', 'ok'],
    [answer(200, 'Hello Proxy'), 'doctor', 'wrong'],
    [answer(404, 'nothing'), 'scheduler', 'wrong'],
    [answer(502, 'Bad Gateway'), 'doctor', 'wrong'],
    [{ kind: 'failed', why: 'ENOTFOUND' }, 'doctor', 'wrong'],
  ] as const)('%j from the %s is %s', (fetched, by, status) => {
    expect(judgeArtifact({ url, sha256, fetched, by }).status).toBe(status);
  });
});

describe('ports', () => {
  const port = { host: '0.0.0.0', port: 8470, obstacle: null, ours: false };

  test('of ours are free, or taken by us', () => {
    expect(judgeHttpPort(port).status).toBe('ok');
    expect(judgeHttpPort({ ...port, obstacle: 'EADDRINUSE', ours: true }).status).toBe('ok');
    expect(judgeHttpPort({ ...port, obstacle: 'EADDRINUSE' })).toMatchObject({
      status: 'wrong',
      found: '0.0.0.0:8470 is taken by another program',
    });
    expect(judgeHttpPort({ ...port, obstacle: 'EADDRNOTAVAIL' }).status).toBe('wrong');
  });

  test('of the server are where moms report', () => {
    expect(judgeServerPort('head', { kind: 'connected' }).status).toBe('ok');
    expect(judgeServerPort('head', { kind: 'failed', code: 'ECONNREFUSED' }).status).toBe('warning');
  });

  test('a socket that a killed scheduler left does not matter', () => {
    expect(judgeSocket('/s', { kind: 'failed', code: 'ECONNREFUSED' }).status).toBe('ok');
    expect(judgeSocket('/s', { kind: 'failed', code: 'EACCES' }).status).toBe('unknown');
    expect(judgeSocket('/s', { kind: 'failed', code: 'EINVAL' }).status).toBe('wrong');
  });
});

test('the state directory is ours to write and names who holds it', () => {
  const seen: DirectorySeen = {
    directory: '/var/lib/mesos-torque',
    exists: true,
    obstacle: null,
    isOpenToOthers: false,
    holder: null,
  };

  expect(judgeDirectory(seen, 'torque').status).toBe('ok');
  expect(judgeDirectory({ ...seen, holder: { pid: 7, host: 'head' } }, 'torque').found).toContain(
    'process 7 on head',
  );
  expect(judgeDirectory({ ...seen, isOpenToOthers: true }, 'torque').status).toBe('warning');
  expect(judgeDirectory({ ...seen, exists: false, obstacle: 'EACCES at /var/lib' }, 'torque')).toEqual({
    status: 'wrong',
    found: '/var/lib/mesos-torque cannot be made by torque: EACCES at /var/lib',
    remedy: 'as root: install -d -m 700 -o torque /var/lib/mesos-torque; or set stateDir',
  });
});

test('the secret is for us alone', () => {
  const access = {
    credential: null,
    agentCredential: null,
    tls: usualTrust,
    scheme: 'http',
    zookeeperDigest: null,
  } as const;
  const credential = { principal: 'torque', secret: 'hunter2' };

  expect(judgeAccess({ kind: 'access', access }, { principal: null }).status).toBe('ok');
  const known = { ...access, credential, scheme: 'https' } as const;
  expect(judgeAccess({ kind: 'access', access: known }, { principal: 'torque' })).toMatchObject({
    status: 'ok',
    found: 'principal torque, its secret can be read by us alone; masters are spoken to over TLS',
  });
  expect(judgeAccess({ kind: 'unreadable', why: 'chmod 600 /s' }, { principal: 'torque' })).toMatchObject({
    status: 'wrong',
    found: 'chmod 600 /s',
  });
});

test("TORQUE's scheduler runs, or nothing does", () => {
  const dead = judgeScheduler(
    'pbs_sched',
    { kind: 'not-running', why: 'sched.lock names no process' },
    [],
    false,
  );
  const poll = {
    parameter: 'RMPOLLINTERVAL',
    ok: false,
    found: 'not set (30 s)',
    remedy: 'RMPOLLINTERVAL 00:00:10',
  } as const;

  expect(dead).toMatchObject({ status: 'wrong', remedy: expect.stringContaining('pbs_sched') as string });
  expect(judgeScheduler('maui', { kind: 'running' }, [poll], false).status).toBe('warning');
  expect(judgeScheduler('maui', { kind: 'running' }, [], false).status).toBe('ok');
});

test('Node is not too old', () => {
  expect(judgeNodeVersion('v24.21.0').status).toBe('ok');
  expect(judgeNodeVersion('v18.20.1').status).toBe('wrong');
});
