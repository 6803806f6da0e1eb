import { describe, expect, test } from 'vitest';
import type { Outcome } from '../loop/ports.ts';
import { recording, resultOf } from '../torque/testing/recordings.ts';
import { scriptedRun } from '../torque/testing/scripted-run.ts';
import { TorqueCommands, type Printed } from '../torque/torque-commands.ts';
import { judgeHierarchy, judgeRights, judgeServer, judgeTrqauthd } from './server.ts';

/** What `qmgr -c "list server"` came to, as recorded. */
async function listed(name: string, version: '6.1' | '4.2' = '6.1'): Promise<Outcome<Printed>> {
  const { run } = scriptedRun(resultOf(recording(name, version)));
  return new TorqueCommands({ run, binDir: null, timeoutMs: 1000 }).qmgr('list server');
}

const gone = { kind: 'failed', code: 'ECONNREFUSED' } as const;

describe('trqauthd', () => {
  test.each([
    ['down-noauthd-qmgr', '6.1', 'wrong'],
    ['down-noauthd-qmgr', '4.2', 'wrong'],
    ['remote-qmgr', '6.1', 'wrong'],
    ['down-qmgr', '6.1', 'ok'],
    ['fresh-qmgr-list-server', '6.1', 'ok'],
  ] as const)('of %s (%s) is %s', async (name, version, status) => {
    expect(judgeTrqauthd(await listed(name, version), { kind: 'connected' }, false).status).toBe(status);
  });

  test('that is down is started by root', async () => {
    const listedNothing = await listed('down-noauthd-qmgr');

    expect(judgeTrqauthd(listedNothing, gone, false).remedy).toBe('as root on this host: trqauthd');
    expect(judgeTrqauthd(listedNothing, gone, true)).toMatchObject({
      status: 'unknown',
      found: expect.stringContaining('mesos-torque run starts trqauthd') as string,
    });
  });

  test('that was killed and left its socket reads as if the server was down', async () => {
    expect(judgeTrqauthd(await listed('down-qmgr'), gone, false).status).toBe('wrong');
  });
});

describe('pbs_server', () => {
  test('that is down is started, and never created anew', async () => {
    const verdict = judgeServer(await listed('down-qmgr'), 'head.torque.test', false);

    expect(verdict.status).toBe('wrong');
    expect(verdict.remedy).toMatch(/^as root on head\.torque\.test: pbs_server \(never with -t create/);
  });

  test('tells its name and version', async () => {
    expect(judgeServer(await listed('fresh-qmgr-list-server'), 'head.torque.test', false)).toEqual({
      status: 'ok',
      found: 'head.torque.test answers, TORQUE 6.1.3.h5',
      remedy: null,
    });
    expect(
      judgeServer(await listed('qmgr-fresh-list-server', '4.2'), 'head.torque.test', false).found,
    ).toContain('4.2.10');
  });

  test('of another name than moms are told is wrong', async () => {
    const verdict = judgeServer(await listed('fresh-qmgr-list-server'), 'other.torque.test', false);

    expect(verdict).toMatchObject({
      status: 'wrong',
      remedy: expect.stringContaining('torque.server=head.torque.test') as string,
    });
  });
});

describe('rights', () => {
  const alice = {
    user: 'alice',
    host: 'head.torque.test',
    grantManager: 'qmgr -c "set server managers += alice@head.torque.test"',
  };

  test.each([
    ['manager', 'ok'],
    ['operator', 'wrong'],
    ['none', 'wrong'],
  ] as const)('of a %s are %s', (value, status) => {
    expect(judgeRights({ ok: true, value }, alice, 'head', []).status).toBe(status);
  });

  test('that are missing come with the line that grants them', () => {
    const verdict = judgeRights({ ok: true, value: 'none' }, alice, 'head.torque.test', ['alice@login']);

    expect(verdict.found).toContain('alice@head.torque.test is an ordinary user');
    expect(verdict.found).toContain('the server has alice@login, and sees us as alice@head.torque.test');
    expect(verdict.remedy).toBe(
      'as root on head.torque.test: qmgr -c "set server managers += alice@head.torque.test"',
    );
  });

  test('of a manager are of no use with a mom_hierarchy file', () => {
    expect(judgeHierarchy({ ok: true, value: 'manager-with-hierarchy' }).status).toBe('wrong');
    expect(judgeHierarchy({ ok: true, value: 'manager' }).status).toBe('ok');
    expect(judgeHierarchy({ ok: true, value: 'none' }).status).toBe('unknown');
  });
});
