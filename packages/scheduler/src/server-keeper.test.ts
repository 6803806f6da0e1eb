import { expect, test } from 'vitest';
import { silentLog } from '@mesos-torque/common/logger.ts';
import type { CommandResult } from '@mesos-torque/common/run-command.ts';
import { readConfig, type Config } from './config.ts';
import { createVirtualClock } from './loop/testing/virtual-clock.ts';
import { keepServerSetUp } from './server-keeper.ts';
import { recording } from './torque/testing/recordings.ts';
import { exited } from './torque/testing/scripted-run.ts';
import { TorqueClient } from './torque/torque-client.ts';

function aConfig(manageServer: boolean): Config {
  const settings = [
    'mesos.master=m:5050',
    'torque.server=head.torque.test',
    `torque.manageServer=${String(manageServer)}`,
  ];
  const read = readConfig({ file: null, environment: {}, settings }, 'head.torque.test');
  if (!read.ok) throw new Error(read.errors.join('; '));
  return read.value;
}

/** A server that is down for the first `failures` commands and then answers as a fresh one. */
function aServer(failures: number): { client: TorqueClient; sentences: string[] } {
  const sentences: string[] = [];
  let asked = 0;
  const answer = (program: string, sentence: string): CommandResult => {
    if (program === 'pbsnodes') return exited(2, '', 'pbsnodes: No nodes found\n');
    if (sentence === 'print server') return exited(0, recording('fresh-qmgr-print-server').stdout.toString());
    sentences.push(sentence);
    return exited(0);
  };
  const run = (argv: readonly string[]): Promise<CommandResult> => {
    asked += 1;
    const down = exited(
      1,
      '',
      'pbsnodes: cannot connect to server head.torque.test, error=111 (Connection refused)\n',
    );
    return Promise.resolve(asked <= failures ? down : answer(argv[0] ?? '', argv.at(-1) ?? ''));
  };
  return { client: new TorqueClient({ run, binDir: null, timeoutMs: 1000 }), sentences };
}

test('a server that is down is tried again until it is set up', async () => {
  const clock = createVirtualClock(0);
  const { client, sentences } = aServer(2);
  const keeper = keepServerSetUp(aConfig(true), client, clock, silentLog);
  expect(keeper.problem()).not.toBeNull();

  await clock.runUntil(120_000, () => false);

  expect(keeper.problem()).toBeNull();
  expect(sentences[0]).toMatch(/^create node head\.torque\.test np=48,requestid=mesos-torque\.placeholder$/);
  // pbs_sched adds up the nodes of running jobs against it: as many as there are slots.
  expect(sentences).toContain('set server resources_available.nodect=48');
});

test('a server that the administrator keeps is left alone', async () => {
  const clock = createVirtualClock(0);
  const { client, sentences } = aServer(0);
  const keeper = keepServerSetUp(aConfig(false), client, clock, silentLog);
  await clock.runUntil(120_000, () => false);
  expect(keeper.problem()).toBeNull();
  expect(sentences).toEqual([]);
});
