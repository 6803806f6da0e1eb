import { expect, test } from 'vitest';
import type { CommandResult } from '@mesos-torque/common/run-command.ts';
import { exited, scriptedRun } from './testing/scripted-run.ts';
import { TorqueCommands } from './torque-commands.ts';

test('programs are taken from the folder that is configured', async () => {
  const { run, lines } = scriptedRun(exited(0));
  const commands = new TorqueCommands({ run, binDir: '/opt/torque/bin', timeoutMs: 1000 });

  await commands.qmgr('delete node node1');

  expect(lines).toEqual(['/opt/torque/bin/qmgr -c delete node node1']);
});

test('one command of each program runs at a time, and few wait', async () => {
  const ends: ((result: CommandResult) => void)[] = [];
  const run = () =>
    new Promise<CommandResult>((resolve) => {
      ends.push(resolve);
    });
  const commands = new TorqueCommands({ run, binDir: null, timeoutMs: 1000 });

  const deletions = Array.from({ length: 70 }, (_, i) => commands.qmgr(`delete node node${i}`));
  const refused = await Promise.all(deletions.slice(64));
  expect(ends).toHaveLength(1);

  for (let i = 0; i < 64; i += 1) {
    ends[i]?.(exited(0));
    await deletions[i];
  }
  expect(refused.every((outcome) => !outcome.ok)).toBe(true);
  expect((await Promise.all(deletions.slice(0, 64))).every((outcome) => outcome.ok)).toBe(true);
});
