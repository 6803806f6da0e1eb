import { once } from 'node:events';
import { connect as netConnect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sayNotChecked } from '@mesos-torque/common/testing/not-checked.ts';
import { systemClock, type Clock } from '@mesos-torque/common/clock.ts';
import { readZooAddress } from './address.ts';
import type { ZooAddress } from './address.ts';
import { makePath } from './make-path.ts';
import { openZooSession, zooDataBytesMax } from './session.ts';
import type { ZooSession } from './session.ts';
import { startZooKeeper, zooKeeperMissing } from './testing/real-zookeeper.ts';
import type { RealZooKeeper } from './testing/real-zookeeper.ts';

const missing = zooKeeperMissing();
if (missing !== null) sayNotChecked('sessions with a real ZooKeeper', missing);

const text = (data: string): Buffer => Buffer.from(data);

describe.skipIf(missing !== null)('a session with a real ZooKeeper', () => {
  let server: RealZooKeeper;
  const open: ZooSession[] = [];

  beforeAll(async () => {
    server = await startZooKeeper();
  }, 40_000);
  afterAll(async () => {
    await Promise.all(open.map((session) => session.close()));
    await server.remove();
  });

  const address = (): ZooAddress => {
    const reading = readZooAddress(server.address('/test'));
    if (!reading.ok) throw new Error(reading.why);
    return reading.address;
  };
  const connect = async (timeoutMs = 2000): Promise<ZooSession> => {
    const session = await openZooSession({
      address: address(),
      timeoutMs,
      requestTimeMsMax: 1500,
      connectTimeMsMax: 1500,
      clock: systemClock,
    });
    if (!session.ok) throw new Error(session.problem.detail);
    open.push(session.value);
    return session.value;
  };

  test('writes what it reads, and refuses what another wrote in between', async () => {
    const session = await connect();
    expect(session.timeoutMs).toBe(2000);
    await makePath(session, '/a/b');
    expect(await session.create('/a/b/c', text('one'), 'persistent')).toEqual({ ok: true, value: '/a/b/c' });
    expect(await session.write('/a/b/c', text('two'), 0)).toEqual({ ok: true, value: 1 });
    expect(await session.write('/a/b/c', text('three'), 0)).toMatchObject({ problem: { kind: 'conflict' } });
    expect(await session.read('/a/b/c')).toEqual({ ok: true, value: { data: text('two'), version: 1 } });
    expect(await session.create('/a/b/c', text(''), 'persistent')).toMatchObject({
      problem: { kind: 'conflict' },
    });
    expect(await session.remove('/a/b')).toMatchObject({ problem: { kind: 'conflict' } });
    expect(await session.remove('/a/b/c')).toEqual({ ok: true, value: null });
    expect(await session.read('/a/b/c')).toMatchObject({ problem: { kind: 'not-found' } });
  });

  test('more than ZooKeeper takes is refused with the numbers, before it is sent', async () => {
    const session = await connect();
    await session.create('/large', text(''), 'persistent');
    const written = await session.write('/large', Buffer.alloc(zooDataBytesMax + 1), 0);
    expect(written).toMatchObject({
      problem: { kind: 'refused', detail: expect.stringContaining('too many by 1') as unknown },
    });
    expect((await session.write('/large', Buffer.alloc(zooDataBytesMax), 0)).ok).toBe(true);
  });

  test('what is ephemeral goes with its session', async () => {
    const [owner, other] = await Promise.all([connect(), connect()]);
    const made = await owner.create('/mine-', text(''), 'ephemeral-sequential');
    expect(made).toMatchObject({ ok: true, value: expect.stringMatching(/^\/mine-\d{10}$/) as unknown });
    await owner.close();
    expect(made.ok && (await other.read(made.value))).toMatchObject({ problem: { kind: 'not-found' } });
    expect(await owner.children('/')).toMatchObject({ ok: false });
  });

  test('a server that stops answering is left for another one, with the same session', async () => {
    const ways = await Promise.all([wayTo(server.port), wayTo(server.port)]);
    const session = await openZooSession({
      address: { servers: ways.map(({ port }) => `127.0.0.1:${port}`), path: '/test', digest: null },
      timeoutMs: 4000,
      requestTimeMsMax: 500,
      connectTimeMsMax: 2000,
      clock: systemClock,
    });
    if (!session.ok) throw new Error(session.problem.detail);
    open.push(session.value);
    const made = await session.value.create('/kept-', text(''), 'ephemeral-sequential');
    for (const way of ways.filter((each) => each.isTaken())) way.silence();
    expect(await session.value.children('/')).toMatchObject({ problem: { kind: 'timed-out' } });
    await expect.poll(async () => (await session.value.children('/')).ok, { timeout: 3500 }).toBe(true);
    expect(made.ok && (await session.value.read(made.value)).ok).toBe(true);
    for (const way of ways) way.close();
  });

  test('a server that does not answer is a time-out, and not a wait for ever', async () => {
    const session = await connect();
    server.freeze();
    // The signal takes its time to reach all of the server: what was on its way may be answered yet.
    let asked = await session.children('/');
    for (let tries = 0; asked.ok && tries < 1000; tries += 1) asked = await session.children('/');
    server.thaw();
    expect(asked).toMatchObject({
      problem: { kind: 'timed-out', detail: 'listing /: no answer within 1,500 ms' },
    });
  });
});

test('where no server listens, connecting fails within its time', async () => {
  const session = await openZooSession({
    address: { servers: ['127.0.0.1:1'], path: '/x', digest: null },
    timeoutMs: 1000,
    requestTimeMsMax: 300,
    connectTimeMsMax: 300,
    clock: systemClock,
  });
  expect(session).toEqual({
    ok: false,
    problem: {
      kind: 'unreachable',
      detail: 'connecting to ZooKeeper at 127.0.0.1:1: no answer within 300 ms',
    },
  });
});

test.each([
  ['garbage', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ['an answer of no length', Buffer.alloc(64)],
])('what is no ZooKeeper and says %s is no session, and does not end the process', async (_what, words) => {
  const open = new Set<Socket>();
  const clock = countingClock();
  const listener = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => undefined);
    // Who does not read is not told of the end.
    socket.resume();
    // Now, and when the attempt was given up.
    socket.write(words);
    const late = setTimeout(() => socket.write(words), 350);
    socket.on('close', () => {
      open.delete(socket);
      clearTimeout(late);
    });
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  const session = await openZooSession({
    address: { servers: [`127.0.0.1:${port}`], path: '/x', digest: null },
    timeoutMs: 1000,
    requestTimeMsMax: 300,
    connectTimeMsMax: 300,
    clock,
  });
  expect(session).toMatchObject({ problem: { kind: 'unreachable' } });
  // An attempt that waited for its turn may come after that, and is answered, too, until it is cut off.
  await expect
    .poll(() => ({ timers: clock.pending(), open: open.size }), { timeout: 10_000 })
    .toEqual({
      timers: 0,
      open: 0,
    });
  listener.close();
});

/** The real one, which knows how many of its timers are still to come. */
function countingClock(): Clock & { pending(): number } {
  let pending = 0;
  return {
    nowMs: () => systemClock.nowMs(),
    after(delayMs, then) {
      let isOver = false;
      const end = (): void => {
        if (!isOver) pending -= 1;
        isOver = true;
      };
      pending += 1;
      const cancel = systemClock.after(delayMs, () => {
        end();
        then();
      });
      return () => {
        end();
        cancel();
      };
    },
    pending: () => pending,
  };
}

interface Way {
  readonly port: number;
  isTaken(): boolean;
  /** Connections are taken and kept, and nothing is said on them any more. */
  silence(): void;
  close(): void;
}

/** A way to the server that can go dead, as behind a machine that hangs. */
async function wayTo(serverPort: number): Promise<Way> {
  const taken = new Set<Socket>();
  let isSilent = false;
  const listener = createServer((socket) => {
    taken.add(socket);
    socket.on('error', () => undefined);
    if (isSilent) return;
    const onward = netConnect(serverPort, '127.0.0.1');
    onward.on('error', () => undefined);
    socket.pipe(onward).pipe(socket);
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    port: (listener.address() as AddressInfo).port,
    isTaken: () => taken.size > 0,
    silence() {
      isSilent = true;
      for (const socket of taken) socket.unpipe().pause();
    },
    close() {
      listener.close();
      for (const socket of taken) socket.destroy();
    },
  };
}
