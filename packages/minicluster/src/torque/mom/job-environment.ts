/** The environment of a job's script and tasks, as 6.1.3 makes it. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Account } from '../shared/account.ts';
import type { JobOrder } from '../shared/api.ts';
import { readIfThere } from './mom-config.ts';

export interface EnvironmentOf {
  readonly home: string;
  /** Folder of the launchers that the mom was started from. */
  readonly binDir: string;
  readonly nodeName: string;
  readonly managerPort: number;
  /** Position among the job's nodes, and among its slots. */
  readonly nodeIndex: number;
  readonly slotIndex: number;
  /** The owner's, where jobs run as their owners. */
  readonly account: Account | null;
}

const systemPath = '/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games';

export function jobEnvironment(of: EnvironmentOf, order: JobOrder): Record<string, string> {
  const variables = pairs(order.variables);
  const shared = path.join(of.home, 'aux');
  const userHome = of.account?.home ?? variables['PBS_O_HOME'] ?? '/';
  return {
    ...pairs(readIfThere(path.join(of.home, 'pbs_environment')).split('\n')),
    ...variables,
    ENVIRONMENT: 'BATCH',
    HOME: userHome,
    HOSTNAME: of.nodeName,
    LOGNAME: order.owner,
    USER: order.owner,
    SHELL: variables['PBS_O_SHELL'] ?? '/bin/sh',
    PATH: `${commandsFor(order.owner, of.binDir)}:${systemPath}`,
    PBS_ENVIRONMENT: 'PBS_BATCH',
    PBS_GPUFILE: path.join(shared, `${order.id}gpu`),
    PBS_JOBCOOKIE: randomBytes(16).toString('hex').toUpperCase(),
    PBS_JOBID: order.id,
    PBS_JOBNAME: order.name,
    PBS_MICFILE: path.join(shared, `${order.id}mic`),
    PBS_MOMPORT: String(of.managerPort),
    PBS_NODEFILE: path.join(shared, order.id),
    PBS_NODENUM: String(of.nodeIndex),
    PBS_NP: String(order.hosts.reduce((sum, host) => sum + host.slots, 0)),
    PBS_NUM_NODES: String(order.hosts.length),
    PBS_NUM_PPN: String(order.hosts[0]?.slots ?? 1),
    PBS_QUEUE: order.queue,
    PBS_TASKNUM: String(of.slotIndex + 1),
    PBS_VERSION: 'TORQUE-6.1.3.h5',
    PBS_VNODENUM: String(of.slotIndex),
    ...(order.walltimeS === null ? {} : { PBS_WALLTIME: String(order.walltimeS) }),
    TORQUE_STANDIN_USER: order.owner,
  };
}

/** The commands act as the job's owner. */
function commandsFor(owner: string, binDir: string): string {
  const own = path.join(path.dirname(binDir), 'users', owner, 'bin');
  return existsSync(own) ? own : binDir;
}

function pairs(lines: readonly string[]): Record<string, string> {
  const entries = lines.map((line) => {
    const at = line.indexOf('=');
    return [line.slice(0, at), line.slice(at + 1)] as const;
  });
  return Object.fromEntries(entries.filter(([name]) => name !== ''));
}
