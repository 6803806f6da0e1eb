import { describe, expect, test } from 'vitest';
import type { CheckResult } from '../doctor/check.ts';
import type { SetupReport, SetupRequest } from '../setup/run-setup.ts';
import { run, runWith } from './testing/run.ts';

describe('setup', () => {
  const step: SetupReport['steps'][number] = {
    sentence: 'set server resources_available.nodect=48',
    why: 'jobs shall wait',
    change: {
      target: { kind: 'server', attribute: 'resources_available.nodect' },
      before: null,
      after: '48',
    },
  };
  const base: SetupReport = {
    act: 'apply',
    dryRun: true,
    steps: [step],
    right: [{ what: 'server keep_completed', found: '300', why: 'jobs shall stay listed' }],
    conflicts: [],
    problem: null,
    remedy: null,
  };

  test('shows each sentence with its reason, and what is right already', async () => {
    const { code, out } = await runWith({ setup: () => Promise.resolve(base) }, 'setup', '--dry-run');

    expect(code).toBe(0);
    expect(out).toBe(
      "Would be done:\n  qmgr -c 'set server resources_available.nodect=48'\n      jobs shall wait\n" +
        '\nRight already:\nWHAT                   VALUE  BECAUSE\nserver keep_completed  300    jobs shall stay listed\n' +
        '\nNothing was changed. Without --dry-run it is done.\n',
    );
  });

  test('hands over what is wished for', async () => {
    const requests: SetupRequest[] = [];
    const setup = (_: unknown, request: SetupRequest) => {
      requests.push(request);
      return Promise.resolve({ ...base, steps: [] });
    };

    await runWith({ setup }, 'setup', '--queue', 'batch', '--manager', 'torque@head', '--queue-limits');
    await runWith({ setup }, 'setup', '--undo', '--force', '--dry-run');

    expect(requests).toEqual([
      {
        act: 'apply',
        dryRun: false,
        force: false,
        wishes: { queueLimits: true, queue: 'batch', managers: ['torque@head'] },
      },
      { act: 'undo', dryRun: true, force: true, wishes: { queueLimits: false, queue: null, managers: [] } },
    ]);
  });

  test('ends with 1 where something could not be done, or was changed by others', async () => {
    const failed = { ...base, dryRun: false, problem: 'this user is no manager', remedy: 'ask root' };
    const conflict = {
      target: { kind: 'server', attribute: 'keep_completed' },
      found: '60',
      ours: '600',
      before: null,
    } as const;
    const undone: SetupReport = {
      ...base,
      act: 'undo',
      dryRun: false,
      steps: [],
      right: [],
      conflicts: [conflict],
    };

    const first = await runWith({ setup: () => Promise.resolve(failed) }, 'setup');
    const second = await runWith({ setup: () => Promise.resolve(undone) }, 'setup', '--undo');

    expect(first.code).toBe(1);
    expect(first.out).toContain('To be done:\n');
    expect(first.out).toContain('\nNot done: this user is no manager\nRemedy: ask root\n');
    expect(second).toMatchObject({ code: 1 });
    expect(second.out).toBe(
      '\nLeft alone: server keep_completed reads "60"; we had set "600", and before us it was not set. Somebody has changed it since.\n',
    );
  });

  test.each([
    [['--force']],
    [['--undo', '--queue', 'batch']],
    [['--queue', 'b atch']],
    [['--manager', 'root']],
    [['--manager', 'root@head,alice@head']],
  ])('%j is no command line', async (flags) => {
    expect(await run('setup', ...flags)).toMatchObject({ code: 2, out: '' });
  });
});

describe('doctor', () => {
  const checks: readonly CheckResult[] = [
    { name: 'Node', status: 'ok', found: 'v24', remedy: null },
    { name: 'trqauthd', status: 'wrong', found: 'none answers', remedy: 'as root: trqauthd' },
    { name: 'rights', status: 'unknown', found: 'not tried: it needs "trqauthd", see there', remedy: null },
  ];
  const doctor = (...of: readonly CheckResult[]) => ({ doctor: () => Promise.resolve(of) });

  test('says in a line each what is, and below it what mends it', async () => {
    const { code, out } = await runWith(doctor(...checks), 'doctor', '--set', 'mesos.master=m:5050');

    expect(code).toBe(1);
    expect(out).toBe(
      'ok       Node      v24\n' +
        'WRONG    trqauthd  none answers\n' +
        '                   -> as root: trqauthd\n' +
        'unknown  rights    not tried: it needs "trqauthd", see there\n' +
        '\n1 ok, 1 wrong, 0 warnings, 1 not tried.\n',
    );
  });

  test('is an object for programs', async () => {
    const { out } = await runWith(doctor(...checks), 'doctor', '--json', '--set', 'mesos.master=m:5050');

    expect(JSON.parse(out)).toEqual({ checks });
  });

  test('ends with 0 where nothing is wrong, with 2 without a configuration', async () => {
    const [first] = checks;
    if (first === undefined) throw new Error('there is a check');

    expect((await runWith(doctor(first), 'doctor', '--set', 'mesos.master=m:5050')).code).toBe(0);
    expect(await runWith(doctor(first), 'doctor')).toMatchObject({ code: 2, out: '' });
  });

  test('learns which options somebody has set', async () => {
    const given: string[] = [];
    const asked = {
      doctor: (_: unknown, keys: readonly string[]) => {
        given.push(...keys);
        return Promise.resolve([]);
      },
    };

    await runWith(asked, 'doctor', '--set', 'mesos.master=m:5050', '--set', 'policy.safeAllocation.cpus=8');

    expect(given).toEqual(['mesos.master', 'policy.safeAllocation.cpus']);
  });
});
