import { expect, test } from 'vitest';
import { readSettingsIfManager, sayWhatGrants } from './right-to-manage.ts';
import { failed } from './torque/torque-commands.ts';
import { fakeServer } from './torque/testing/fake-server.ts';
import { recording } from './torque/testing/recordings.ts';

const printed = recording('fresh-qmgr-print-server').stdout.toString();
const server = 'head.torque.test';

test.each([
  ['none', /^this user is no manager of pbs_server: only a manager may create and delete nodes; as root on /],
  ['operator', /^this user is an operator of pbs_server, and no manager: only a manager .* as root on /],
] as const)(
  'with the rights %s the settings are refused, with the command that gives the right',
  async (rights, words) => {
    const { client: torque } = fakeServer({ printed, rights });

    const read = await readSettingsIfManager({ torque, server });

    expect(read).toMatchObject({
      ok: false,
      problem: { kind: 'refused', detail: expect.stringMatching(words) as string },
    });
    expect(read).toMatchObject({
      problem: {
        detail: expect.stringMatching(
          /head\.torque\.test: qmgr -c "set server managers \+= [^@ ]+@[^ "]+"$/,
        ) as string,
      },
    });
  },
);

test('where the server may not get new nodes at all, that is said, and no right is asked for', async () => {
  const { client: torque } = fakeServer({ printed, hierarchyFile: true });

  expect(await readSettingsIfManager({ torque, server })).toMatchObject({
    problem: {
      kind: 'refused',
      detail: expect.stringMatching(/^the server_priv\/mom_hierarchy file .* restart pbs_server$/) as string,
    },
  });
});

test('a manager reads them', async () => {
  const { client: torque, sentences } = fakeServer({ printed });

  expect(await readSettingsIfManager({ torque, server })).toMatchObject({ ok: true });
  expect(sentences).toEqual([]);
});

test('a server that is down is not taken for a right that is missing', async () => {
  const { client: torque } = fakeServer({ printed, failures: 9 });

  expect(await readSettingsIfManager({ torque, server })).toMatchObject({ problem: { kind: 'unreachable' } });
});

test('other refusals are left as they are', async () => {
  const other = failed('refused', 'qmgr exited 2: Illegal attribute or resource value');

  expect(await sayWhatGrants(other, { torque: fakeServer({ printed }).client, server })).toEqual(other);
});
