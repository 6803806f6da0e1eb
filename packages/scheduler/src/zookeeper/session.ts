/**
 * One session with a ZooKeeper ensemble, in promises and outcomes. It never outlives itself: a session
 * that ended is not revived, whoever holds it makes a new one.
 *
 * The library underneath waits for ever for a server that does not answer and keeps requests until it
 * has a connection; here every request has an end, and its time counts from the moment of asking. One
 * that is not answered in time ends the connection, so that the next server of the ensemble is tried
 * with the same session.
 */
import zooKeeper from 'node-zookeeper-client';
import type { Client, ZooError } from 'node-zookeeper-client';
import type { Clock } from '@mesos-torque/common/clock.ts';
import { grouped } from '@mesos-torque/common/units.ts';
import type { Outcome, Problem } from '../loop/ports.ts';
import type { ZooAddress } from './address.ts';

export interface ZooSession {
  /** As granted by the server, which bounds what was asked for. Milliseconds. */
  readonly timeoutMs: number;
  /** For people: the session as ZooKeeper's own tools name it. */
  readonly id: string;
  /** True once the server has said that it gave the session up, or will not have us: no answer comes any more. */
  hasEnded(): boolean;
  /** Names of the children. `not-found` when the znode is not there. */
  children(path: string): Promise<Outcome<readonly string[]>>;
  read(path: string): Promise<Outcome<ZooData>>;
  /** Makes the znode and resolves to its path. `conflict` when it is there already. */
  create(path: string, data: Buffer, mode: ZooMode): Promise<Outcome<string>>;
  /** Replaces the data; `conflict` when the version is another one by now, -1 takes any. Resolves to the new version. */
  write(path: string, data: Buffer, version: number): Promise<Outcome<number>>;
  remove(path: string): Promise<Outcome<null>>;
  /** Ends the session: its ephemeral znodes vanish. Resolves when told to the server, or when that took too long. */
  close(): Promise<void>;
}

export interface ZooData {
  readonly data: Buffer;
  readonly version: number;
}

export type ZooMode = 'persistent' | 'ephemeral' | 'ephemeral-sequential';

export interface ZooSessionOptions {
  readonly address: ZooAddress;
  /** Asked of the server. Milliseconds. */
  readonly timeoutMs: number;
  /** For one request. A part of the session's time, so that another server can be tried within it. Milliseconds. */
  readonly requestTimeMsMax: number;
  /** For getting a session at all, and for giving it back. Milliseconds. */
  readonly connectTimeMsMax: number;
  readonly clock: Clock;
}

/** ZooKeeper's own limit of a request (jute.maxbuffer), less room for path and header. Bytes. */
export const zooDataBytesMax = 1024 * 1024 - 4096;

/** Between two rounds of attempts to reach a server. Milliseconds. */
const spinDelayMs = 200;

/** Connects; `unreachable` when no server took us within the request's time. */
export async function openZooSession(options: ZooSessionOptions): Promise<Outcome<ZooSession>> {
  const { address, timeoutMs, connectTimeMsMax, clock } = options;
  const servers = address.servers.join(',');
  const client = zooKeeper.createClient(servers, {
    sessionTimeout: timeoutMs,
    spinDelay: spinDelayMs,
    retries: 0,
  });
  const { digest } = address;
  if (digest !== null) client.addAuthInfo('digest', Buffer.from(digest));
  endOnGarbage(client);
  // The library would read what the next server says as the rest of what the last one did not finish.
  client.on('disconnected', () => {
    client.connectionManager.pendingBuffer = null;
  });
  const connected = await within<true>(clock, connectTimeMsMax, (done) => {
    client.once('connected', () => {
      done({ ok: true, value: true });
    });
    client.on('authenticationFailed', () => {
      done(problem('refused', 'authentication failed'));
    });
    client.connect();
  });
  if (connected.ok) return { ok: true, value: sessionOf(client, options) };
  client.close();
  cutOff(client, clock);
  const { kind, detail } = connected.problem;
  return problem(
    kind === 'timed-out' ? 'unreachable' : kind,
    `connecting to ZooKeeper at ${servers}: ${detail}`,
  );
}

function sessionOf(client: Client, options: ZooSessionOptions): ZooSession {
  const { clock, requestTimeMsMax, connectTimeMsMax, address } = options;
  const acl = address.digest === null ? zooKeeper.ACL.OPEN_ACL_UNSAFE : ownersAcl;
  const timeoutMs = client.getSessionTimeout();
  let hasEnded = false;
  let isConnected = true;
  client.on('disconnected', () => {
    isConnected = false;
  });
  client.on('connected', () => {
    isConnected = true;
    // Another server has other limits: what was counted with before is not true any more.
    if (client.getSessionTimeout() < timeoutMs) hasEnded = true;
  });
  for (const event of ['expired', 'authenticationFailed'] as const) {
    client.on(event, () => {
      hasEnded = true;
    });
  }
  const ask = <T>(
    doing: string,
    send: (done: (error: Failure, value: T) => void) => void,
  ): Promise<Outcome<T>> =>
    within<T>(clock, requestTimeMsMax, (done) => {
      send((error, value) => {
        done(
          error === null || error === undefined ? { ok: true, value } : problem(kindOf(error), error.message),
        );
      });
    }).then((outcome) => {
      if (outcome.ok) return outcome;
      const { kind, detail } = outcome.problem;
      if (kind === 'timed-out') client.connectionManager.socket?.destroy();
      return problem(kind, `${doing}: ${detail}`);
    });

  return {
    hasEnded: () => hasEnded,
    timeoutMs,
    id: `0x${client.getSessionId().toString('hex')}`,
    children: (path) =>
      ask<readonly string[]>(`listing ${path}`, (done) => {
        client.getChildren(path, (error, names) => {
          done(error, names);
        });
      }),
    read: (path) =>
      ask<ZooData>(`reading ${path}`, (done) => {
        client.getData(path, (error, data, stat) => {
          if (isFailure(error)) done(error, { data: Buffer.alloc(0), version: -1 });
          else done(null, { data: data ?? Buffer.alloc(0), version: stat.version });
        });
      }),
    create: (path, data, mode) => {
      if (data.length > zooDataBytesMax) return Promise.resolve(tooLarge(path, data.length));
      return ask<string>(`creating ${path}`, (done) => {
        client.create(path, data, acl, modes[mode], (error, made) => {
          done(error, made);
        });
      });
    },
    write: (path, data, version) => {
      if (data.length > zooDataBytesMax) return Promise.resolve(tooLarge(path, data.length));
      return ask<number>(`writing ${path}`, (done) => {
        client.setData(path, data, version, (error, stat) => {
          done(error, isFailure(error) ? -1 : stat.version);
        });
      });
    },
    remove: (path) =>
      ask<null>(`removing ${path}`, (done) => {
        client.remove(path, -1, (error) => {
          done(error, null);
        });
      }),
    async close() {
      if (!hasEnded && isConnected) {
        await within<true>(clock, connectTimeMsMax, (done) => {
          client.on('disconnected', () => {
            done({ ok: true, value: true });
          });
          client.close();
        });
      } else client.close();
      hasEnded = true;
      cutOff(client, clock);
    },
  };
}

/** What cannot be read ends the connection; the library would end the process with it. */
function endOnGarbage({ connectionManager: manager }: Client): void {
  const read = manager.onSocketData.bind(manager);
  manager.onSocketData = (data) => {
    try {
      read(data);
    } catch {
      manager.pendingBuffer = null;
      manager.socket?.destroy();
    }
  };
}

/** Whatever the server does: nothing of a client that was closed is left to keep the process or a port busy. */
function cutOff({ connectionManager }: Client, clock: Clock): void {
  connectionManager.socket?.destroy();
  // An attempt to connect that waited for its turn may have begun meanwhile.
  clock.after(2 * spinDelayMs, () => connectionManager.socket?.destroy());
}

type Failure = ZooError | null | undefined;

function isFailure(error: Failure): error is ZooError {
  return error !== null && error !== undefined;
}

/** As Mesos' own masters make theirs when they show a secret: everybody may look, nobody else may write. */
const ownersAcl = [...zooKeeper.ACL.CREATOR_ALL_ACL, ...zooKeeper.ACL.READ_ACL_UNSAFE];

const modes: Readonly<Record<ZooMode, number>> = {
  persistent: zooKeeper.CreateMode.PERSISTENT,
  ephemeral: zooKeeper.CreateMode.EPHEMERAL,
  'ephemeral-sequential': zooKeeper.CreateMode.EPHEMERAL_SEQUENTIAL,
};

const { Exception } = zooKeeper;
const kinds: ReadonlyMap<number, Problem['kind']> = new Map([
  [Exception.NO_NODE, 'not-found'],
  [Exception.NODE_EXISTS, 'conflict'],
  [Exception.BAD_VERSION, 'conflict'],
  [Exception.NOT_EMPTY, 'conflict'],
  [Exception.CONNECTION_LOSS, 'unreachable'],
  [Exception.SESSION_EXPIRED, 'unreachable'],
  [Exception.NO_AUTH, 'refused'],
  [Exception.AUTH_FAILED, 'refused'],
]);

function kindOf({ code }: ZooError): Problem['kind'] {
  return kinds.get(code) ?? 'garbled';
}

function tooLarge(path: string, bytes: number): Outcome<never> {
  return problem(
    'refused',
    `writing ${path}: ${grouped(bytes)} bytes, ZooKeeper takes ${grouped(zooDataBytesMax)}, too many by ${grouped(bytes - zooDataBytesMax)}`,
  );
}

/** The first outcome that `begin` hands over, or `timed-out`. */
function within<T>(
  clock: Clock,
  timeMs: number,
  begin: (done: (outcome: Outcome<T>) => void) => void,
): Promise<Outcome<T>> {
  return new Promise((resolve) => {
    const cancel = clock.after(timeMs, () => {
      resolve(problem('timed-out', `no answer within ${grouped(timeMs)} ms`));
    });
    begin((outcome) => {
      cancel();
      resolve(outcome);
    });
  });
}

function problem(kind: Problem['kind'], detail: string): { readonly ok: false; readonly problem: Problem } {
  return { ok: false, problem: { kind, detail } };
}
