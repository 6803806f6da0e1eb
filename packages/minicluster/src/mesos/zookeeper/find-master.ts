/** Where an agent finds its master: at an address of its own, or at whoever leads according to ZooKeeper. */
import { readLeader } from './leader.ts';
import { openZoo, zooTarget, type Zoo, type ZooTarget } from './zoo.ts';

export interface MasterAt {
  readonly host: string;
  readonly port: number;
}

export interface MasterFinder {
  /** Known without asking; null where it has to be asked for. */
  readonly fixed: MasterAt | null;
  /** Null when no master leads, or nobody can be asked. Never rejects. */
  find(): Promise<MasterAt | null>;
  stop(): void;
}

const sessionTimeoutMs = 10_000;

/** `host:port` or `zk://host:port,…/path`. */
export function masterFinder(master: string): MasterFinder {
  const target = zooTarget(master);
  if (target !== null) return throughZooKeeper(target);
  const [host = '', port = ''] = master.split(':');
  const fixed = { host, port: Number(port) };
  return { fixed, find: () => Promise.resolve(fixed), stop: () => undefined };
}

function throughZooKeeper(target: ZooTarget): MasterFinder {
  let zoo: Zoo | null = null;
  return {
    fixed: null,
    async find() {
      try {
        zoo ??= await openZoo(target, sessionTimeoutMs);
        const leader = await readLeader(zoo, target.path);
        return leader === null ? null : { host: leader.ip, port: leader.port };
      } catch {
        // A session that was given up, or hangs at a dead server, is of no use any more.
        zoo?.abandon();
        zoo = null;
        return null;
      }
    },
    stop() {
      zoo?.abandon();
    },
  };
}
