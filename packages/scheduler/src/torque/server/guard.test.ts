import { expect, test } from 'vitest';
import type { Outcome } from '../../loop/ports.ts';
import { failed } from '../torque-commands.ts';
import { guardServer, holdScheduling, type GuardedServer } from './guard.ts';
import type { GuardRecord, GuardRecordPort } from './guard-record.ts';

const done: Outcome<null> = { ok: true, value: null };

/**
 * A server under stock pbs_sched: a cycle with nodect unread deletes the wide jobs. `dieAt` is the act before
 * which we are killed, counted from 1.
 */
class Model implements GuardedServer {
  scheduling: boolean;
  nodectRead = false;
  wideJobs: number;
  jobsDeleted = 0;
  readonly acts: string[] = [];
  dieAt = Infinity;
  failing: string | null = null;

  constructor(scheduling: boolean, wideJobs = 3) {
    this.scheduling = scheduling;
    this.wideJobs = wideJobs;
  }

  /** Somebody starts it anew; its setting stays, what it has read does not. */
  restart(scheduling = this.scheduling): void {
    this.nodectRead = false;
    this.scheduling = scheduling;
  }

  cycle(): void {
    if (!this.scheduling || this.nodectRead) return;
    this.jobsDeleted += this.wideJobs;
    this.wideJobs = 0;
  }

  #act(name: string): Outcome<null> {
    if (this.acts.length + 1 >= this.dieAt) throw new Error('killed');
    this.acts.push(name);
    return this.failing === name ? failed('refused', `${name} failed`) : done;
  }

  readScheduling = (): Promise<Outcome<boolean>> => Promise.resolve({ ok: true, value: this.scheduling });

  setScheduling = (on: boolean): Promise<Outcome<null>> =>
    attempt(() => {
      const result = this.#act(on ? 'on' : 'off');
      if (result.ok) this.scheduling = on;
      this.cycle();
      return result;
    });

  hasWaitingJobs = (): Promise<Outcome<boolean>> => Promise.resolve({ ok: true, value: this.wideJobs > 0 });

  probe = (): Promise<Outcome<null>> =>
    attempt(() => {
      const result = this.#act('probe');
      this.nodectRead = result.ok;
      return result;
    });

  setUp = (): Promise<Outcome<null>> => attempt(() => this.#act('set up'));
}

function attempt<T>(act: () => T): Promise<T> {
  return new Promise((resolve) => {
    resolve(act());
  });
}

function aRecord(before: GuardRecord | null = null): GuardRecordPort & { now: GuardRecord | null } {
  const record = {
    now: before,
    load: () => Promise.resolve(record.now),
    save: (value: GuardRecord) => attempt(() => void (record.now = value)),
  };
  return record;
}

const guard = (server: Model, record: GuardRecordPort, life: string | null = 'life 2') =>
  guardServer({ server, record, life, needsProbe: true, isAnew: true });

test('a server that was started anew: off, settings, probe, on; no job is deleted', async () => {
  const server = new Model(true);
  const record = aRecord();
  expect(await guard(server, record)).toEqual({ ok: true, value: { scheduling: 'on', setUpProblem: null } });
  server.cycle();
  expect(server.acts).toEqual(['off', 'set up', 'probe', 'on']);
  expect(server.jobsDeleted).toBe(0);
  expect(record.now).toEqual({ wanted: true, offByUs: false, life: 'life 2' });
});

test('switching it on without the probe is the trap: the wide jobs are deleted', async () => {
  const server = new Model(false);
  await server.setScheduling(true);
  expect(server.jobsDeleted).toBe(3);
});

test('without waiting jobs nothing is submitted', async () => {
  const server = new Model(true, 0);
  await guard(server, aRecord());
  expect(server.acts).toEqual(['off', 'set up', 'on']);
});

test('a scheduler that deletes nothing is not stopped for it', async () => {
  const server = new Model(true);
  await guardServer({ server, record: aRecord(), life: null, needsProbe: false, isAnew: true });
  expect(server.acts).toEqual(['set up', 'on']);
});

test('where the probe fails scheduling stays off, and the next try mends it', async () => {
  const server = new Model(true);
  const record = aRecord();
  server.failing = 'probe';
  expect(await guard(server, record)).toMatchObject({ ok: false });
  expect(server.scheduling).toBe(false);

  server.failing = null;
  await guard(server, record);
  expect(server.scheduling).toBe(true);
  expect(server.jobsDeleted).toBe(0);
});

test('a set-up that fails is told, and does not keep scheduling off', async () => {
  const server = new Model(true);
  server.failing = 'set up';
  expect(await guard(server, aRecord())).toMatchObject({
    ok: true,
    value: { setUpProblem: 'set up failed' },
  });
  expect(server.scheduling).toBe(true);
  expect(server.jobsDeleted).toBe(0);
});

test('a server that was not started anew is not switched off, whatever fails', async () => {
  for (const failing of ['set up', 'probe']) {
    const server = new Model(true);
    server.nodectRead = true;
    server.failing = failing;
    await guardServer({ server, record: aRecord(), life: null, needsProbe: true, isAnew: false });
    expect(server.acts).not.toContain('off');
    expect(server.scheduling).toBe(true);
  }
});

test('killed before any act, the next start finishes it', async () => {
  for (const dieAt of [1, 2, 3, 4]) {
    const server = new Model(true);
    const record = aRecord({ wanted: true, offByUs: false, life: 'life 1' });
    server.dieAt = dieAt;
    await expect(guard(server, record)).rejects.toThrow('killed');

    server.dieAt = Infinity;
    // The same life: scheduling is off by our own hand, which is on record.
    expect(await guard(server, record)).toEqual({
      ok: true,
      value: { scheduling: 'on', setUpProblem: null },
    });
    expect(server.scheduling).toBe(true);
    expect(server.jobsDeleted).toBe(0);
  }
});

test('started by pbs_server -a false it is switched on again, as it was before', async () => {
  const server = new Model(false);
  await guard(server, aRecord({ wanted: true, offByUs: false, life: 'life 1' }));
  expect(server.scheduling).toBe(true);
});

test('switched off in the same life it stays off: that was somebody else', async () => {
  const server = new Model(false);
  const record = aRecord({ wanted: true, offByUs: false, life: 'life 2' });
  expect(await guard(server, record)).toEqual({
    ok: true,
    value: { scheduling: 'off-by-others', setUpProblem: null },
  });
  expect(server.scheduling).toBe(false);
});

test('what others switched off stays off through restarts, too', async () => {
  const server = new Model(false);
  await guard(server, aRecord({ wanted: false, offByUs: false, life: 'life 1' }));
  expect(server.scheduling).toBe(false);
});

test('a server of which nothing was ever said is switched on: a new one has it off', async () => {
  const server = new Model(false, 0);
  await guard(server, aRecord());
  expect(server.scheduling).toBe(true);
});

test('held before an orderly stop, its next start by anybody deletes nothing, and ours switches it on', async () => {
  const server = new Model(true);
  server.nodectRead = true;
  const record = aRecord();
  await holdScheduling({ server, record, life: 'life 1' });

  server.restart();
  server.cycle();
  expect(server.jobsDeleted).toBe(0);
  await guard(server, record);
  expect(server.scheduling).toBe(true);
  expect(server.jobsDeleted).toBe(0);
});
