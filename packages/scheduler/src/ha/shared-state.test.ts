import { expect, test } from 'vitest';
import type { DurableState, StatePort } from '../loop/ports.ts';
import { createVirtualClock } from '../loop/testing/virtual-clock.ts';
import { FakeZooKeeper } from '../zookeeper/testing/fake-zookeeper.ts';
import type { ZooSession } from '../zookeeper/session.ts';
import { sharedState } from './shared-state.ts';
import { noWishes } from '../core/wishes.ts';

const none = (): Promise<null> => Promise.resolve(null);

const clock = createVirtualClock(0);

/** What a leader sees; `over` says why its reign ended. */
function reignWith(session: ZooSession): {
  readonly session: ZooSession;
  mayAct: () => boolean;
  end: (why: string) => void;
  over: string | null;
} {
  const reign = {
    session,
    over: null as string | null,
    mayAct: () => reign.over === null,
    end: (why: string) => {
      reign.over = why;
    },
  };
  return reign;
}

function stateOf(
  session: ZooSession,
  first: () => Promise<DurableState | null> = none,
): StatePort & { readonly over: () => string | null } {
  const reign = reignWith(session);
  return { ...sharedState({ reign, path: '/ha', first, clock }), over: () => reign.over };
}

function session(zoo: FakeZooKeeper): ZooSession {
  const opened = zoo.open(2000);
  if (!opened.ok) throw new Error(opened.problem.detail);
  return opened.value;
}

function numbered(nextSerial: number): DurableState {
  return { frameworkId: 'f-1', nextSerial, intents: [], wishes: noWishes };
}

test('the next leader reads what the last one wrote', async () => {
  const zoo = new FakeZooKeeper();
  const old = stateOf(session(zoo));
  expect(await old.load()).toBeNull();
  await old.save(numbered(1));
  await old.save(numbered(2));
  expect(await stateOf(session(zoo)).load()).toEqual(numbered(2));
});

test('what was kept in a file is taken over once', async () => {
  const zoo = new FakeZooKeeper();
  const file = (): Promise<DurableState> => Promise.resolve(numbered(7));
  const state = stateOf(session(zoo), file);
  expect(await state.load()).toEqual(numbered(7));
  await state.save(numbered(8));
  expect(await stateOf(session(zoo), file).load()).toEqual(numbered(8));
});

test('who was leader cannot write any more once another one has', async () => {
  const zoo = new FakeZooKeeper();
  const [old, next] = [stateOf(session(zoo)), stateOf(session(zoo))];
  await old.load();
  await old.save(numbered(1));
  await next.load();
  await next.save(numbered(2));
  await expect(old.save(numbered(3))).rejects.toThrow('another scheduler has written the state since');
  await expect(old.save(numbered(4))).rejects.toThrow('another scheduler has written the state since');
  // What it goes by is not what is: it stands again, and reads anew.
  expect(old.over()).toContain('another scheduler has written the state since');
  expect(await stateOf(session(zoo)).load()).toEqual(numbered(2));
});

test.each(['done', 'lost'])(
  'a write that was not answered and was %s stands in nobody’s way',
  async (fate) => {
    const zoo = new FakeZooKeeper();
    const real = session(zoo);
    let silent = false;
    const state = stateOf({
      ...real,
      async write(path, data, version) {
        if (!silent) return real.write(path, data, version);
        silent = false;
        if (fate === 'done') await real.write(path, data, version);
        return { ok: false, problem: { kind: 'timed-out', detail: 'writing /ha/state: no answer' } };
      },
    });
    await state.load();
    await state.save(numbered(1));
    silent = true;
    await expect(state.save(numbered(2))).rejects.toThrow('no answer');
    await state.save(numbered(3));
    expect(state.over()).toBeNull();
    expect(await stateOf(session(zoo)).load()).toEqual(numbered(3));
  },
);

test('a state that cannot be read is an error that names it, and not an empty one', async () => {
  const zoo = new FakeZooKeeper();
  zoo.put('/ha/state', 'not packed');
  await expect(stateOf(session(zoo)).load()).rejects.toThrow('reading the state in /ha/state');
});

test('an answer that is late by a while is waited for as long as we lead', async () => {
  const zoo = new FakeZooKeeper();
  await stateOf(session(zoo)).save(numbered(5));
  const reign = reignWith(session(zoo));
  const state = sharedState({ reign, path: '/ha', first: none, clock });
  zoo.answering = false;
  const loaded = state.load();
  await clock.runUntil(clock.nowMs() + 2000, () => false);
  zoo.answering = true;
  await clock.runUntil(clock.nowMs() + 500, () => false);
  expect(await loaded).toEqual(numbered(5));

  zoo.answering = false;
  const vain = expect(state.load()).rejects.toThrow('no answer');
  reign.end('its lease was over');
  await clock.runUntil(clock.nowMs() + 500, () => false);
  await vain;
});
