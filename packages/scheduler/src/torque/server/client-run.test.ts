import { expect, test } from 'vitest';
import type { RunOptions } from '@mesos-torque/common/run-command.ts';
import { recording, resultOf } from '../testing/recordings.ts';
import { exited } from '../testing/scripted-run.ts';
import { clientRun } from './client-run.ts';

const limits = { timeoutMs: 1000, outputBytesMax: 1000 };

test('every client is told the server by PBS_DEFAULT, beside our own environment', async () => {
  const seen: (RunOptions['env'] | undefined)[] = [];
  const clients = clientRun(
    (_argv, options) => {
      seen.push(options.env);
      return Promise.resolve(exited(0));
    },
    { PATH: '/opt/bin', NOTHING: undefined },
    'head.torque.test',
  );
  await clients.run(['qstat'], limits);
  expect(seen).toEqual([{ PATH: '/opt/bin', PBS_DEFAULT: 'head.torque.test' }]);
});

test('where no server is named TORQUE itself says which', () => {
  expect(clientRun(() => Promise.resolve(exited(0)), { PATH: '/bin' }, null).env).toEqual({ PATH: '/bin' });
});

test.each([
  ['down-qstat', true],
  ['down-qsub', true],
  ['down-noauthd-qsub', false],
  ['zero-qsub-1', false],
])('%s: that nobody serves is heard: %s', async (name, isHeard) => {
  const heard: string[] = [];
  const clients = clientRun(() => Promise.resolve(resultOf(recording(name))), {}, null);
  clients.onRefused((why) => heard.push(why));
  await clients.run(['qsub'], limits);
  expect(heard.length > 0).toBe(isHeard);
});
