import { afterEach, expect, test } from 'vitest';
import { silentLog } from '@mesos-torque/common/logger.ts';
import { createVirtualClock } from '../loop/testing/virtual-clock.ts';
import { FakeZooKeeper } from '../zookeeper/testing/fake-zookeeper.ts';
import { createElection } from './election.ts';
import type { Election, Reign } from './election.ts';

const sessionMs = 10_000;
const leaseMs = 6000;

const clock = createVirtualClock(0);
const pass = (ms: number): Promise<void> => clock.runUntil(clock.nowMs() + ms, () => false);
const elections: Election[] = [];
afterEach(async () => {
  for (const election of elections.splice(0)) election.close();
  await pass(60_000);
});

interface Candidate {
  readonly election: Election;
  reign: Reign | null;
  /** When and why the reign was over. */
  end: string | null;
}

function candidate(zoo: FakeZooKeeper, name: string): Candidate {
  const election = createElection({
    path: '/ha',
    openSession: () => Promise.resolve(zoo.open(sessionMs)),
    name,
    about: `{"host":"${name}"}`,
    clock,
    now: () => ({ wallMs: clock.nowMs(), steadyMs: clock.nowMs() }),
    log: silentLog,
  });
  elections.push(election);
  const seen: Candidate = { election, reign: null, end: null };
  void election.lead().then((reign) => {
    seen.reign = reign;
    void reign?.over.then((why) => (seen.end = why));
  });
  return seen;
}

test('the first one leads, the second waits, knows the leader and follows at once when it resigns', async () => {
  const zoo = new FakeZooKeeper();
  const a = candidate(zoo, 'a');
  await pass(10);
  const b = candidate(zoo, 'b');
  await pass(20_000);
  expect(a.reign?.mayAct()).toBe(true);
  expect(b.reign).toBeNull();
  expect(b.election.otherLeader()).toBe('{"host":"a"}');

  await a.reign?.resign();
  await pass(1000);
  expect(a.reign?.mayAct()).toBe(false);
  expect(b.reign?.mayAct()).toBe(true);
});

test('a leader that ZooKeeper does not answer stops by itself, long before its session can end', async () => {
  const zoo = new FakeZooKeeper();
  const a = candidate(zoo, 'a');
  await pass(10);
  zoo.answering = false;
  await pass(leaseMs - 1000);
  expect(a.reign?.mayAct()).toBe(true);
  await pass(1500);
  expect(a.reign?.mayAct()).toBe(false);
  expect(a.end).toBe('ZooKeeper has not answered for 6,000 ms, of a session of 10,000 ms');
});

test('a short silence ends no reign', async () => {
  const zoo = new FakeZooKeeper();
  const a = candidate(zoo, 'a');
  await pass(10);
  for (let times = 0; times < 5; times += 1) {
    zoo.answering = false;
    await pass(4000);
    zoo.answering = true;
    await pass(2000);
  }
  expect(a.reign?.mayAct()).toBe(true);
});

test('when its session is given up the next one leads, and it stands again behind', async () => {
  const zoo = new FakeZooKeeper();
  const a = candidate(zoo, 'a');
  await pass(10);
  const b = candidate(zoo, 'b');
  await pass(10);
  if (a.reign === null) throw new Error('a does not lead');
  zoo.expire(a.reign.session);
  await pass(1500);
  expect(a.reign.mayAct()).toBe(false);
  expect(a.end).toContain('lost its session');
  expect(b.reign?.mayAct()).toBe(true);

  const again = a.election.lead();
  await pass(2000);
  expect(a.election.otherLeader()).toBe('{"host":"b"}');
  await b.reign?.resign();
  await pass(2000);
  expect((await again)?.mayAct()).toBe(true);
});

test('never two at once, whatever ZooKeeper does', async () => {
  const zoo = new FakeZooKeeper();
  const all = ['a', 'b', 'c'].map((name) => candidate(zoo, name));
  for (let step = 0; step < 40; step += 1) {
    zoo.answering = step % 5 !== 4;
    // A server that forgets sessions does so after their time-out, not before.
    await pass(step % 5 === 4 ? sessionMs : 700);
    if (step % 5 === 4) zoo.expire();
    expect(all.filter(({ reign }) => reign?.mayAct() === true).length).toBeLessThanOrEqual(1);
    for (const one of all) {
      if (one.reign === null || one.reign.mayAct()) continue;
      one.reign = null;
      void one.election.lead().then((reign) => (one.reign = reign));
    }
  }
  zoo.answering = true;
  await pass(5000);
  expect(all.filter(({ reign }) => reign?.mayAct() === true)).toHaveLength(1);
});

test('who is asked to stop finishes what is under way, and stands no more', async () => {
  const zoo = new FakeZooKeeper();
  const a = candidate(zoo, 'a');
  await pass(10);
  const b = candidate(zoo, 'b');
  await pass(2000);
  a.election.close();
  b.election.close();
  await pass(20_000);
  expect(a.reign?.mayAct()).toBe(true);
  await a.reign?.resign();
  await pass(2000);
  expect(b.reign).toBeNull();
  expect(await b.election.lead()).toBeNull();
});

test('a standby that is not answered for a moment keeps its place: it leads as soon as the dead leader is given up', async () => {
  const zoo = new FakeZooKeeper();
  const a = candidate(zoo, 'a');
  await pass(10);
  const b = candidate(zoo, 'b');
  await pass(2000);
  if (a.reign === null) throw new Error('a does not lead');
  zoo.answering = false;
  await pass(4000);
  expect(b.election.problem()).toContain('no answer');
  expect(b.election.otherLeader()).toBeNull();
  zoo.answering = true;
  // What a standby has given up without telling would still be there, and first in line.
  zoo.expire(a.reign.session);
  await pass(1000);
  expect(b.reign?.mayAct()).toBe(true);
  expect(b.election.problem()).not.toContain('no answer');
});

test('a candidacy that could not be taken back is no obstacle to the next one of the same scheduler', async () => {
  const zoo = new FakeZooKeeper();
  const a = candidate(zoo, 'a');
  await pass(10);
  const b = candidate(zoo, 'b');
  await pass(2000);
  zoo.answering = false;
  // So long that both give up; neither can tell ZooKeeper, which keeps both sessions.
  await pass(2 * sessionMs + 2000);
  expect(a.reign?.mayAct()).toBe(false);
  await a.reign?.resign();
  zoo.answering = true;
  a.reign = null;
  void a.election.lead().then((reign) => (a.reign = reign));
  await pass(3000);
  expect([a.reign, b.reign].filter((reign) => reign?.mayAct() === true)).toHaveLength(1);
});

test('while ZooKeeper is away it says so, and leads when it is back', async () => {
  const zoo = new FakeZooKeeper();
  zoo.answering = false;
  const a = candidate(zoo, 'a');
  await pass(3000);
  expect(a.election.problem()).toBe('connecting to ZooKeeper: no answer');
  zoo.answering = true;
  await pass(1000);
  expect(a.reign?.mayAct()).toBe(true);
});
