/** The stand-ins' own session with ZooKeeper: the little that masters and agents need of it. */
import zooKeeper from 'node-zookeeper-client';
import type { Client, ZooError } from 'node-zookeeper-client';

export interface ZooTarget {
  /** `host:port,host:port`. */
  readonly servers: string;
  /** `/mesos`. */
  readonly path: string;
}

/** Null when the text is no `zk://host:port,…/path`. */
export function zooTarget(text: string): ZooTarget | null {
  const { servers, path } = /^zk:\/\/(?<servers>[^/@]+)(?<path>\/[\w./-]*\w)$/.exec(text)?.groups ?? {};
  return servers === undefined || path === undefined ? null : { servers, path };
}

/** One session. Requests reject when they fail or are not answered in time. */
export interface Zoo {
  readonly timeoutMs: number;
  /** The session was given up by the server. */
  isOver(): boolean;
  /** Names below the path; none where there is no such znode. */
  children(path: string): Promise<readonly string[]>;
  /** Null where there is no such znode. */
  read(path: string): Promise<string | null>;
  /** Makes the znodes of a path as far as they are missing. */
  makePath(path: string): Promise<void>;
  /** Resolves to the path with its number; the znode goes with the session. */
  join(prefix: string, data: string): Promise<string>;
  /** Leaves without a word, as a program that was killed: the session ends when its time is over. */
  abandon(): void;
}

const requestMsMax = 2_000;
const spinDelayMs = 100;
const closing = -1;

/** Rejects when no server took us within the time. */
export async function openZoo({ servers }: ZooTarget, sessionTimeoutMs: number): Promise<Zoo> {
  const client = zooKeeper.createClient(servers, {
    sessionTimeout: sessionTimeoutMs,
    spinDelay: spinDelayMs,
    retries: 0,
  });
  const { connectionManager: manager } = client;
  const read = manager.onSocketData.bind(manager);
  // The library throws at an answer that comes after it was closed.
  manager.onSocketData = (data) => {
    try {
      read(data);
    } catch {
      manager.socket?.destroy();
    }
  };
  client.on('disconnected', () => {
    client.connectionManager.pendingBuffer = null;
  });
  const abandon = (): void => {
    client.connectionManager.state = closing;
    client.connectionManager.socket?.destroy();
  };
  try {
    await answered<undefined>(`connecting to ${servers}`, (done) => {
      client.once('connected', () => {
        done(null, undefined);
      });
      client.connect();
    });
  } catch (error) {
    abandon();
    throw error;
  }
  return zooOf(client, abandon);
}

function zooOf(client: Client, abandon: () => void): Zoo {
  let isOver = false;
  client.on('expired', () => {
    isOver = true;
  });
  const orMissing = <T>(asked: Promise<T>, missing: T): Promise<T> =>
    asked.catch((error: unknown) => {
      if (isCode(error, zooKeeper.Exception.NO_NODE)) return missing;
      throw error;
    });
  return {
    timeoutMs: client.getSessionTimeout(),
    isOver: () => isOver,
    children: (path) =>
      orMissing(
        answered<readonly string[]>(`listing ${path}`, (done) => {
          client.getChildren(path, done);
        }),
        [],
      ),
    read: (path) =>
      orMissing(
        answered<string | null>(`reading ${path}`, (done) => {
          client.getData(path, (error, data) => {
            done(error, data?.toString('utf8') ?? null);
          });
        }),
        null,
      ),
    async makePath(path) {
      const names = path.split('/').slice(1);
      for (const depth of names.keys()) {
        const above = `/${names.slice(0, depth + 1).join('/')}`;
        await create(client, above, '', zooKeeper.CreateMode.PERSISTENT).catch((error: unknown) => {
          if (!isCode(error, zooKeeper.Exception.NODE_EXISTS)) throw error;
        });
      }
    },
    join: (prefix, data) => create(client, prefix, data, zooKeeper.CreateMode.EPHEMERAL_SEQUENTIAL),
    abandon,
  };
}

function create(client: Client, path: string, data: string, mode: number): Promise<string> {
  return answered<string>(`creating ${path}`, (done) => {
    client.create(path, Buffer.from(data), zooKeeper.ACL.OPEN_ACL_UNSAFE, mode, done);
  });
}

function answered<T>(
  doing: string,
  ask: (done: (error: ZooError | null | undefined, value: T) => void) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`${doing}: no answer within ${requestMsMax} ms`));
    }, requestMsMax);
    ask((error, value) => {
      clearTimeout(timer);
      if (error === null || error === undefined) resolve(value);
      else reject(Object.assign(new Error(`${doing}: ${error.message}`), { code: error.code }));
    });
  });
}

function isCode(error: unknown, code: number): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
