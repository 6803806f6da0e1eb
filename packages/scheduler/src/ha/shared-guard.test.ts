import { expect, test } from 'vitest';
import { FakeZooKeeper } from '../zookeeper/testing/fake-zookeeper.ts';
import type { ZooSession } from '../zookeeper/session.ts';
import { sharedGuard } from './shared-guard.ts';

function session(zoo: FakeZooKeeper): ZooSession {
  const opened = zoo.open(2000);
  if (!opened.ok) throw new Error(opened.problem.detail);
  return opened.value;
}

const off = { wanted: true, offByUs: true, life: '17@boot' };

test('who follows knows that scheduling was switched off by us', async () => {
  const zoo = new FakeZooKeeper();
  const first = sharedGuard(session(zoo), '/ha');
  expect(await first.load()).toBeNull();
  await first.save({ ...off, offByUs: false });
  await first.save(off);
  expect(await sharedGuard(session(zoo), '/ha').load()).toEqual(off);
});

test('one whose session was given up writes nothing', async () => {
  const zoo = new FakeZooKeeper();
  const mine = session(zoo);
  const old = sharedGuard(mine, '/ha');
  await old.save(off);
  zoo.expire(mine);
  await expect(old.save({ ...off, wanted: false })).rejects.toThrow('expired');
  expect(await sharedGuard(session(zoo), '/ha').load()).toEqual(off);
});

test('no answer is an error, and not a record that was never made', async () => {
  const zoo = new FakeZooKeeper();
  const guard = sharedGuard(session(zoo), '/ha');
  zoo.answering = false;
  await expect(guard.load()).rejects.toThrow('no answer');
});
