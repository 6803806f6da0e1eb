import { expect, test } from 'vitest';
import type { CommandResult } from '@mesos-torque/common/run-command.ts';
import { tryRights } from './rights.ts';
import { recording, resultOf } from './testing/recordings.ts';
import { exited, scriptedRun } from './testing/scripted-run.ts';
import { TorqueClient } from './torque-client.ts';

const asUser = resultOf(recording('qmgr-delete-all-user'));
const asManager = resultOf(recording('qmgr-delete-node-missing'));
const asOperator = resultOf(recording('qmgr-set-node-missing'));
const asNobody = exited(
  2,
  '',
  'qmgr obj=x svr=default: Unauthorized Request  MSG=error in permissions (PERM_OPorMGR)\n',
);
const withHierarchy = exited(
  2,
  '',
  'qmgr obj=x svr=default: Nodes may not be dynamically created or deleted if there is a mom_hierarchy file. MSG=Can not delete node.\n',
);

async function tried(
  ...answers: readonly CommandResult[]
): Promise<{ rights: unknown; lines: readonly string[] }> {
  const { run, lines } = scriptedRun(...answers);
  const rights = await tryRights(new TorqueClient({ run, binDir: null, timeoutMs: 1000 }));
  return { rights, lines };
}

test('a manager is told that the node is unknown', async () => {
  const { rights, lines } = await tried(asManager);

  expect(rights).toEqual({ ok: true, value: 'manager' });
  expect(lines).toEqual(['qmgr -c delete node rights-trial.mesos-torque.invalid']);
});

test.each([
  ['operator', asOperator],
  ['none', asNobody],
] as const)('one who may not delete may be %s', async (value, second) => {
  const { rights, lines } = await tried(asUser, second);

  expect(rights).toEqual({ ok: true, value });
  expect(lines[1]).toBe('qmgr -c set node rights-trial.mesos-torque.invalid state=offline');
});

test('a mom_hierarchy file is told from a lack of rights', async () => {
  expect((await tried(withHierarchy)).rights).toEqual({ ok: true, value: 'manager-with-hierarchy' });
});

test.each([
  ['server', 'down-qmgr'],
  ['trqauthd', 'noauthd-qmgr'],
])('without a %s nothing is known', async (_, name) => {
  expect((await tried(resultOf(recording(name)))).rights).toMatchObject({
    ok: false,
    problem: { kind: 'unreachable' },
  });
});

test('a trial that succeeds is no trial', async () => {
  expect((await tried(exited(0))).rights).toMatchObject({ ok: false, problem: { kind: 'garbled' } });
});
