/** A real ZooKeeper server for tests: Debian's package, on free ports and in a folder of its own. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sleep, systemClock } from '@mesos-torque/common/clock.ts';

const jar = '/usr/share/java/zookeeper.jar';
const java = '/usr/bin/java';
const startTimeMsMax = 30_000;
const answerTimeMsMax = 1000;
/** Short, so that sessions of a second are granted: the least is two ticks. */
const tickMs = 250;

/** Why there is no real ZooKeeper here; null where there is one. */
export function zooKeeperMissing(): string | null {
  const missing = [java, jar].filter((file) => !existsSync(file));
  return missing.length === 0 ? null : `no ${missing.join(', no ')}: apt-get install zookeeper`;
}

export interface RealZooKeeper {
  readonly port: number;
  /** `zk://127.0.0.1:PORT/path`. */
  address(path: string): string;
  /** The process neither answers nor ends its connections, as behind a cut network. */
  freeze(): void;
  thaw(): void;
  /** As after a crash; what was written stays. */
  kill(): Promise<void>;
  start(): Promise<void>;
  remove(): Promise<void>;
}

export async function startZooKeeper(): Promise<RealZooKeeper> {
  const folder = await mkdtemp(path.join(tmpdir(), 'zookeeper-'));
  const port = await freePort();
  let server: ChildProcess | null = null;

  const start = async (): Promise<void> => {
    server = spawn(
      java,
      [
        '-Xmx96m',
        '-Dzookeeper.admin.enableServer=false',
        '-cp',
        jar,
        'org.apache.zookeeper.server.ZooKeeperServerMain',
        String(port),
        folder,
        String(tickMs),
      ],
      { stdio: 'ignore' },
    );
    const limitMs = Date.now() + startTimeMsMax;
    while (!(await answers(port))) {
      if (Date.now() > limitMs) throw new Error(`ZooKeeper did not answer within ${startTimeMsMax} ms`);
      await sleep(systemClock, 50);
    }
  };
  const kill = async (): Promise<void> => {
    if (server === null) return;
    const ended = once(server, 'exit');
    server.kill('SIGKILL');
    server = null;
    await ended;
  };

  await start();
  return {
    port,
    address: (znode) => `zk://127.0.0.1:${port}${znode}`,
    freeze: () => server?.kill('SIGSTOP'),
    thaw: () => server?.kill('SIGCONT'),
    kill,
    start,
    async remove() {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Asks for a session with ZooKeeper's shortest request, `srvr`, the one that is allowed by default. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('srvr'));
    let text = '';
    socket.setEncoding('utf8');
    // A server that has just begun may take the connection and never answer it.
    socket.setTimeout(answerTimeMsMax, () => socket.destroy());
    socket.on('data', (chunk: string) => (text += chunk));
    socket.on('error', () => {
      resolve(false);
    });
    socket.on('close', () => {
      resolve(text.includes('Zookeeper version'));
    });
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
