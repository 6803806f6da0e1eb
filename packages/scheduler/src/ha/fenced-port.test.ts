import { expect, test } from 'vitest';
import { fencedLaunch, fencedPort, fencedRun } from './fenced-port.ts';

class Port {
  readonly #done: string[] = [];
  read(): readonly string[] {
    return this.#done;
  }
  act(what: string): Promise<unknown> {
    this.#done.push(what);
    return Promise.resolve({ ok: true, value: null });
  }
}

test('acts need leave at the moment they are done; what is harmless does not', async () => {
  let leads = true;
  const port = fencedPort(new Port(), ['read'], () => leads);
  expect(await port.act('one')).toEqual({ ok: true, value: null });
  leads = false;
  expect(await port.act('two')).toEqual({
    ok: false,
    problem: { kind: 'refused', detail: 'act was not done: this scheduler does not lead any more' },
  });
  expect(port.read()).toEqual(['one']);
});

test('commands and daemons are fenced one by one', async () => {
  const asked: string[] = [];
  let leads = true;
  const run = fencedRun(
    (argv) => {
      asked.push(argv.join(' '));
      leads = false;
      return Promise.resolve({ kind: 'spawn-failed', error: 'none here' });
    },
    () => leads,
  );
  const limits = { timeoutMs: 1000, outputBytesMax: 1000 };
  await run(['pbsnodes', '-o', 'node1'], limits);
  expect(await run(['qmgr', '-c', 'delete node node1'], limits)).toEqual({
    kind: 'spawn-failed',
    error: 'this scheduler does not lead any more',
  });
  expect(asked).toEqual(['pbsnodes -o node1']);

  const launch = fencedLaunch(
    () => {
      throw new Error('started');
    },
    () => leads,
  );
  const daemon = launch(['pbs_server'], { name: 'pbs_server', env: {} });
  expect(daemon.pid).toBeNull();
  expect(await daemon.ended).toMatchObject({ kind: 'spawn-failed' });
});
