import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from './clock.ts';
import type { Endpoint } from './endpoint.ts';
import { defaultStreamLimits, EventStream, inTurn } from './event-stream.ts';
import type { EventStreamLimits, Servers, StreamItem } from './event-stream.ts';
import { silentLog } from './logger.ts';
import { encodeRecord } from './recordio.ts';
import { usualTrust } from './tls-trust.ts';
import { LoopbackServer } from './testing/loopback-server.ts';
import type { Answerer } from './testing/loopback-server.ts';

const json = 'application/json';

describe('a subscription', () => {
  test('asks as Mesos wants to be asked, and hands over events one at a time and in order', async () => {
    const server = await started(streamOf('SUBSCRIBED', 'a', 'b', 'c'));
    let handling = 0;
    const seen: string[] = [];
    const stream = opened({ server }, async (item) => {
      handling += 1;
      expect(handling).toBe(1);
      await new Promise(setImmediate);
      seen.push(shown(item));
      handling -= 1;
    });

    await expect.poll(() => seen).toEqual(['SUBSCRIBED', 'a', 'b', 'c']);

    expect(server.received).toHaveLength(1);
    expect(server.received[0]).toMatchObject({
      path: '/api/v1/scheduler',
      headers: { 'content-type': json, accept: json, 'content-length': '9' },
    });
    expect(server.received[0]?.headers['mesos-stream-id']).toBeUndefined();
    expect(stream.connection).toEqual({ endpoint: server.endpoint, streamId: 'stream-1' });
  });

  test('goes through a unix socket where there is one', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'stream-'));
    cleanups.push(() => {
      rmSync(folder, { recursive: true });
    });
    const socketPath = path.join(folder, 'agent.sock');
    const server = await LoopbackServer.start(streamOf('SUBSCRIBED'), socketPath);
    cleanups.push(() => server.close());
    const endpoint: Endpoint = { scheme: 'http', host: 'agent1', port: 5051, socketPath };

    const { seen } = watched({ servers: inTurn([endpoint]) });

    await expect.poll(() => seen).toEqual(['SUBSCRIBED']);
    expect(server.received[0]?.headers.host).toBe('agent1:5051');
  });
});

test('as long as no server is known it says why, and it takes the first that is', async () => {
  const server = await started(streamOf('SUBSCRIBED'));
  let asked = 0;
  const servers: Servers = {
    next() {
      asked += 1;
      return asked < 3
        ? { ok: false, why: 'zk://z1/mesos: no master is registered there' }
        : { ok: true, endpoint: server.endpoint };
    },
  };

  const { seen } = watched({ servers });

  await expect.poll(() => seen).toEqual(['zk://z1/mesos: no master is registered there', 'SUBSCRIBED']);
});

describe('a lost connection', () => {
  test('is said once and made again', async () => {
    let times = 0;
    const server = await started((received, response) => {
      times += 1;
      if (times === 1) streamOf('SUBSCRIBED', 'a', end)(received, response);
      else if (times < 4) response.writeHead(503).end('No leader elected');
      else streamOf('SUBSCRIBED', 'b')(received, response);
    });

    const { seen } = watched({ server });

    await expect
      .poll(() => seen)
      .toEqual([
        'SUBSCRIBED',
        'a',
        expect.stringContaining('the server ended the stream'),
        'SUBSCRIBED',
        'b',
      ]);
    expect(times).toBe(4);
  });

  test('by silence is found out after the heartbeats that were missed', async () => {
    const server = await started(streamOf('SUBSCRIBED'));

    const { seen } = watched({ server, heartbeatMs: 20 });

    await expect
      .poll(() => seen.slice(0, 3))
      .toEqual([
        'SUBSCRIBED',
        expect.stringContaining('nothing came for 100 ms: 5 heartbeats missed'),
        'SUBSCRIBED',
      ]);
  });

  test('is not taken for one while heartbeats come', async () => {
    const server = await started((received, response) => {
      streamOf('SUBSCRIBED')(received, response);
      let beats = 0;
      const timer = setInterval(() => {
        beats += 1;
        response.write(encodeRecord(Buffer.from(beats < 60 ? 'HEARTBEAT' : 'enough')));
        if (beats === 60) clearInterval(timer);
      }, 10);
    });

    // 60 beats in 600 ms and more, where 500 ms of silence would be too long.
    const { seen } = watched({ server, heartbeatMs: 100 });

    await expect.poll(() => seen).toEqual(['SUBSCRIBED', 'enough']);
  });

  test('in the middle of a record says so', async () => {
    const server = await started((received, response) => {
      streamOf('SUBSCRIBED')(received, response);
      response.end('10\nabc');
    });
    const { seen } = watched({ server });
    await expect.poll(() => seen[1]).toContain('stream ended within a record: 3 of 10 bytes came');
  });

  test('by a server that breaks off says so', async () => {
    const server = await started((received, response) => {
      streamOf('SUBSCRIBED')(received, response);
      setImmediate(() => response.destroy());
    });
    const { seen } = watched({ server });
    await expect.poll(() => seen[1]).toContain('stream broke off: aborted');
  });
});

describe('a server that gives no subscription', () => {
  test.each([
    [503, 'Master has not finished recovery', 'answered 503 "Master has not finished recovery"'],
    [404, 'Not found', 'answered 404 "Not found"'],
  ])('for now (%d) is asked again', async (status, body, why) => {
    const server = await started((_received, response) => {
      response.writeHead(status).end(body);
    });
    const { seen } = watched({ server });
    await expect.poll(() => server.received.length).toBeGreaterThan(2);
    expect(seen).toEqual([expect.stringContaining(why)]);
  });

  test.each([400, 401, 403, 415])('for good (%d) is not asked again', async (status) => {
    const server = await started((_received, response) => {
      response.writeHead(status).end('because');
    });
    const { seen } = watched({ server });
    await expect.poll(() => seen).toEqual([`refused ${status} "because"`]);
    expect(server.received).toHaveLength(1);
  });

  test.each<[string, Answerer, string]>([
    ['sends no SUBSCRIBED', streamOf('HEARTBEAT'), 'no SUBSCRIBED within 200 ms'],
    ['never answers', () => undefined, 'no SUBSCRIBED within 200 ms'],
    [
      'is something else',
      (_received, response) => {
        response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>');
      },
      'answered with Content-Type "text/html" instead of application/json',
    ],
    [
      'has a stream id that is too long',
      (_received, response) => {
        response.writeHead(200, { 'Content-Type': json, 'Mesos-Stream-Id': 'x'.repeat(129) });
        response.write(encodeRecord(Buffer.from('SUBSCRIBED')));
      },
      'is longer than 128 bytes',
    ],
    [
      'announces a record of 2 GB',
      (received, response) => {
        streamOf()(received, response);
        response.write('2147483648\n');
      },
      'record length "2147483648" is more than the limit of',
    ],
  ])('because it %s is left for another attempt', async (_what, answer, why) => {
    const server = await started(answer);
    const { seen } = watched({ server, limits: { subscribedTimeMsMax: 200 } });
    await expect.poll(() => seen).toEqual([expect.stringContaining(why)]);
    await expect.poll(() => server.received.length).toBeGreaterThan(1);
  });

  test('because nobody listens is one of several that are tried in turn', async () => {
    const gone = await started(streamOf());
    const { endpoint } = gone;
    await gone.close();
    cleanups.pop();
    const server = await started(streamOf('SUBSCRIBED'));

    const { seen } = watched({ servers: inTurn([endpoint, server.endpoint]) });

    await expect.poll(() => seen).toEqual([expect.stringContaining('ECONNREFUSED'), 'SUBSCRIBED']);
  });
});

describe('redirects', () => {
  test('lead to the leader, with our own path', async () => {
    const leader = await started(streamOf('SUBSCRIBED'));
    const follower = await started((_received, response) => {
      const { port } = leader.endpoint;
      response.writeHead(307, { Location: `//127.0.0.1:${port}/master/api/v1/scheduler` }).end();
    });

    const { seen, stream } = watched({ server: follower });

    await expect.poll(() => seen).toEqual(['SUBSCRIBED']);
    expect(stream.connection?.endpoint).toEqual(leader.endpoint);
    expect(leader.received[0]?.path).toBe('/api/v1/scheduler');
  });

  test('in a circle are given up for a while', async () => {
    const to =
      (server: () => LoopbackServer): Answerer =>
      (_received, response) => {
        response.writeHead(307, { Location: `//127.0.0.1:${server().endpoint.port}/` }).end();
      };
    const a: LoopbackServer = await started(to(() => b));
    const b: LoopbackServer = await started(to(() => a));

    const { seen } = watched({ server: a, limits: { redirectsMax: 3 } });

    await expect.poll(() => seen).toEqual([expect.stringContaining('redirected more than 3 times in a row')]);
  });
});

describe('a handler that is too slow', () => {
  test('costs the subscription, is said, and loses nothing that was taken', async () => {
    let times = 0;
    const server = await started((received, response) => {
      times += 1;
      if (times === 1) streamOf('SUBSCRIBED', '1', '2', '3', '4', '5')(received, response);
      else streamOf('SUBSCRIBED')(received, response);
    });
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const seen: string[] = [];
    opened({ server, limits: { queue: { itemsMax: 3, bytesMax: 1_000_000 } } }, async (item) => {
      await held;
      seen.push(shown(item));
    });

    // One is with the handler, three wait, the fifth finds no room. No new stream until those are handled.
    await expect.poll(() => server.received.length).toBe(1);
    release();

    await expect
      .poll(() => seen)
      .toEqual(['SUBSCRIBED', '1', '2', '3', expect.stringContaining('the queue is full'), 'SUBSCRIBED']);
  });

  test('does not keep the socket from being drained', async () => {
    const megabyte = 'x'.repeat(1_000_000);
    const answered: ServerResponse[] = [];
    const server = await started((received, response) => {
      answered.push(response);
      streamOf('SUBSCRIBED')(received, response);
      for (let n = 0; n < 20; n += 1) response.write(encodeRecord(Buffer.from(megabyte)));
    });

    opened({ server }, () => new Promise(() => undefined));

    await expect.poll(() => answered[0]?.writableLength).toBe(0);
  });
});

test('a closed stream says nothing more and connects no more', async () => {
  const responses: ServerResponse[] = [];
  const server = await started((received, response) => {
    responses.push(response);
    streamOf('SUBSCRIBED')(received, response);
  });
  const { seen, stream } = watched({ server });
  await expect.poll(() => seen).toEqual(['SUBSCRIBED']);
  const closed = once(responses[0]!, 'close');

  stream.close();

  await closed;
  expect(stream.connection).toBeNull();
  expect(seen).toEqual(['SUBSCRIBED']);
  expect(server.received).toHaveLength(1);
});

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

interface Setting {
  readonly server?: LoopbackServer;
  readonly servers?: Servers;
  readonly limits?: Partial<EventStreamLimits>;
  readonly heartbeatMs?: number;
}

/** A stream whose records are words: SUBSCRIBED, HEARTBEAT, or an event. */
function opened(setting: Setting, deliver: (item: StreamItem<string>) => Promise<void>): EventStream<string> {
  const stream = new EventStream<string>(
    {
      servers: setting.servers ?? inTurn([setting.server!.endpoint]),
      path: '/api/v1/scheduler',
      contentType: json,
      headers: {},
      tls: usualTrust,
      subscribeCall: () => Buffer.from('SUBSCRIBE'),
      read: (record) => {
        const event = Buffer.from(record).toString();
        if (event === 'HEARTBEAT') return { kind: 'heartbeat' };
        if (event === 'SUBSCRIBED')
          return { kind: 'subscribed', heartbeatMs: setting.heartbeatMs ?? null, event };
        return { kind: 'event', event };
      },
      limits: { ...defaultStreamLimits, backoff: { firstMs: 2, mostMs: 10 }, ...setting.limits },
      clock: systemClock,
      random: () => 0.5,
      log: silentLog,
    },
    deliver,
  );
  cleanups.push(() => {
    stream.close();
  });
  stream.open();
  return stream;
}

function watched(setting: Setting): { readonly seen: string[]; readonly stream: EventStream<string> } {
  const seen: string[] = [];
  const stream = opened(setting, (item) => {
    seen.push(shown(item));
    return Promise.resolve();
  });
  return { seen, stream };
}

function shown(item: StreamItem<string>): string {
  switch (item.kind) {
    case 'event':
      return item.event;
    case 'disconnected':
      return item.why;
    case 'refused':
      return `refused ${item.status} ${item.said}`;
  }
}

async function started(answer: Answerer): Promise<LoopbackServer> {
  const server = await LoopbackServer.start(answer);
  cleanups.push(() => server.close());
  return server;
}

const end = Symbol('end of the stream');

function streamOf(...records: (string | typeof end)[]): Answerer {
  return (_received, response) => {
    response.writeHead(200, { 'Content-Type': json, 'Mesos-Stream-Id': 'stream-1' });
    response.flushHeaders();
    for (const record of records) {
      if (typeof record === 'string') response.write(encodeRecord(Buffer.from(record)));
      else response.end();
    }
  };
}
