import { afterAll, describe, expect, test } from 'vitest';
import { run, schedulerCode, temporaryFolder } from './testing/run.ts';

const folder = temporaryFolder();
afterAll(() => {
  folder.remove();
});

describe('config', () => {
  test('--print shows every option with value, unit, default and reason', async () => {
    const ended = await run('config', '--print', '--set', 'policy.idleTime=90s');

    expect(ended).toMatchObject({ code: 0, err: '' });
    expect(ended.out).toContain('mesos.master: (must be given)\n');
    expect(ended.out).toContain(
      'policy.idleTime: 90s   (from flag)\n' +
        '    How long a node above the floor is idle before it is drained.\n' +
        '    Type: duration, in ms, s, m, h, d, w. Environment: MESOS_TORQUE_POLICY_IDLE_TIME\n' +
        '    Default 30m: jobs come in bursts, and the next one finds the nodes of the last; ',
    );
  });

  test('--print --json shows them to programs', async () => {
    const ended = await run('config', '--print', '--json');
    const shown = JSON.parse(ended.out) as readonly Record<string, unknown>[];

    expect(shown.find(({ key }) => key === 'policy.minSlotsHeld')).toMatchObject({
      value: '0',
      origin: 'default',
      unit: 'nodes',
      default: '0',
      environment: 'MESOS_TORQUE_POLICY_MIN_SLOTS_HELD',
    });
  });

  test('checks a file', async () => {
    const good = await run('config', '--config', folder.file('good.yaml', 'mesos: {master: "m:5050"}\n'));
    const bad = await run('config', '--config', folder.file('bad.yaml', 'mesos: {master: 5050}\n'));

    expect(good).toMatchObject({ code: 0, err: '' });
    expect(bad).toMatchObject({ code: 2, out: '' });
    expect(bad.err).toContain('bad.yaml:1: mesos.master: 5050 is not possible');
  });
});

describe('run', () => {
  test('hands the configuration over and ends with the code that comes back', async () => {
    const ended = await run('run', '--set', 'mesos.master=m:5050', '--set', 'policy.minSlotsHeld=1');

    expect(ended.code).toBe(schedulerCode);
    expect(ended.ran).toMatchObject([{ mesos: { master: 'm:5050' }, policy: { minSlotsHeld: 1 } }]);
  });

  test('does not begin with a configuration that is not whole', async () => {
    const ended = await run('run');

    expect(ended).toMatchObject({ code: 2, out: '', ran: [] });
    expect(ended.err).toContain('mesos.master is missing');
  });
});

test('version is a line of its own', async () => {
  expect((await run('version')).out).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test.each([[['nonsense']], [['plan', '--nonsense']], [['run', 'extra']]])(
  '%j is no command line',
  async (args) => {
    expect(await run(...args)).toMatchObject({ code: 2, out: '', ran: [] });
  },
);
