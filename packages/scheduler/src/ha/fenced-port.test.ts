import { expect, test } from 'vitest';
import { fencedPort } from './fenced-port.ts';

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
