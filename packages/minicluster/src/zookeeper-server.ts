/** A real ZooKeeper for a mini-cluster: one server of Debian's package, on a port and in a folder of the cluster's. */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { startDaemon, type Daemon } from './daemon.ts';
import { localHost } from './hosts/host.ts';
import { waitUntil } from './wait-until.ts';

export interface ZooKeeperServer {
  /** `zk://127.0.0.1:PORT/path`. */
  address(znode: string): string;
  start(): Promise<void>;
  /** As after a crash; what was written stays. */
  kill(): Promise<void>;
}

const jar = '/usr/share/java/zookeeper.jar';
const java = '/usr/bin/java';
const startMsMax = 30_000;
const answerMsMax = 1_000;
/** Short, so that sessions of a second are granted (the least is two ticks) and end when their time is over. */
const tickMs = 250;

/** Why there is no real ZooKeeper here; null where there is one. */
export function zooKeeperMissing(): string | null {
  const missing = [java, jar].filter((file) => !existsSync(file));
  return missing.length === 0 ? null : `no ${missing.join(', no ')}: apt-get install zookeeper`;
}

export function zooKeeperServer(dir: string, logDir: string, port: number): ZooKeeperServer {
  let daemon: Daemon | null = null;
  return {
    address: (znode) => `zk://127.0.0.1:${String(port)}${znode}`,
    async start() {
      await mkdir(dir, { recursive: true });
      await mkdir(logDir, { recursive: true });
      daemon = startDaemon(localHost('zookeeper'), {
        name: 'zookeeper',
        argv: [
          java,
          '-Xmx96m',
          '-Dzookeeper.admin.enableServer=false',
          ...['-cp', jar, 'org.apache.zookeeper.server.ZooKeeperServerMain'],
          ...[String(port), path.join(dir, 'data'), String(tickMs)],
        ],
        env: { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8' },
        cwd: dir,
        logDir,
      });
      await waitUntil({ what: 'ZooKeeper answers', timeoutMs: startMsMax }, () => answers(port));
    },
    async kill() {
      daemon?.signal('SIGKILL');
      await daemon?.ended;
      daemon = null;
    },
  };
}

/** Asks with ZooKeeper's shortest request, `srvr`, the one that is allowed by default. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('srvr'));
    let text = '';
    socket.setEncoding('utf8');
    // A server that has just begun may take the connection and never answer it.
    socket.setTimeout(answerMsMax, () => socket.destroy());
    socket.on('data', (chunk: string) => (text += chunk));
    socket.on('error', () => {
      resolve(false);
    });
    socket.on('close', () => {
      resolve(text.includes('Zookeeper version'));
    });
  });
}
