/**
 * TORQUE's home of one mom: where it lies and what is in it. Here is only what is to be; `home-files.ts`
 * makes it so.
 *
 * What pbs_mom 6.1.3 wants of a home, each tried:
 * - `mom_logs` is cut at 126 characters: a longer path ends in "Unable to open logfile", exit code 1.
 *   A Mesos sandbox is longer than that, so the mom gets a short symbolic link.
 * - Every folder above it, above the link and above what it leads to, belongs to a user up to 10, and
 *   nobody else may write in it; otherwise exit code 3 without a word. So no link in /tmp for root.
 * - With `-d`, `pbs_environment`, `checkpoint`, `aux`, `spool` and `undelivered` must be there; each one
 *   missing is exit code 3 without a word, too.
 * - The job's user must be able to pass through every folder above it (a sandbox has mode 0750).
 */
import { createHash } from 'node:crypto';
import path from 'node:path';
import type { CheckedOrders } from './orders.ts';
import type { MarkedEntry } from './processes.ts';

export interface MomHome {
  /** What pbs_mom is given with `-d`: the link, or the folder itself when its path is short enough. */
  readonly path: string;
  /** The folder. */
  readonly folder: string;
  /** Whether the folder lies in the sandbox, which Mesos removes. */
  readonly inSandbox: boolean;
  /** In the environment of the mom and of every job of it. */
  readonly mark: MarkedEntry;
}

/** With `/mom_logs` after it still below 126 characters, and room for what else is appended. */
export const homeCharsMax = 100;

/** Whose home it is: an executor of a framework, with its sandbox. */
export interface HomeOwner {
  readonly frameworkId: string;
  readonly executorId: string;
  readonly sandbox: string;
}

/**
 * Eight bytes that stand for one executor on its machine. The sandbox alone would not do: in a container
 * with an image it is the same path for everybody.
 */
export function homeId({ frameworkId, executorId, sandbox }: HomeOwner): string {
  const text = [frameworkId, executorId, sandbox].join('\0');
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** Where the home goes: below the sandbox, or below the folder that the orders name. */
export function homeFolder(orders: CheckedOrders, owner: HomeOwner): string {
  return orders.homesDir === null
    ? path.join(owner.sandbox, 'torque-home')
    : path.join(orders.homesDir, `mom-${homeId(owner)}`);
}

/** Found again in the environments of jobs. */
export function markOf(owner: HomeOwner): MarkedEntry {
  return `MESOS_TORQUE_MOM=${homeId(owner)}`;
}

export interface HomeFolder {
  readonly name: string;
  readonly mode: number;
}

/** As `make install` of TORQUE 6.1.3 leaves them, the parts that a mom uses. */
export const homeFolders: readonly HomeFolder[] = [
  { name: 'aux', mode: 0o755 },
  { name: 'checkpoint', mode: 0o1777 },
  { name: 'mom_logs', mode: 0o755 },
  { name: 'mom_priv', mode: 0o751 },
  { name: 'mom_priv/jobs', mode: 0o751 },
  { name: 'spool', mode: 0o1777 },
  { name: 'undelivered', mode: 0o1777 },
];

export interface HomeFile {
  readonly name: string;
  readonly text: string;
}

/**
 * How often the mom reports to the server and looks after its jobs. Both default to 45 s in TORQUE, too
 * long for nodes that come and go; the administrator's own lines come later and win.
 */
const statusUpdateS = 10;
const checkPollS = 10;

/** pbs_mom reads `pbs_environment` in pieces of 254 characters; a longer line would become two. */
const environmentCharsMax = 250;
const plainPath = '/usr/bin:/bin';

export function homeFiles(orders: CheckedOrders, mark: MarkedEntry): readonly HomeFile[] {
  const ownPath = `PATH=${orders.path}`;
  const pathLine =
    orders.path !== '' && ownPath.length <= environmentCharsMax ? ownPath : `PATH=${plainPath}`;
  return [
    { name: 'server_name', text: `${orders.pbsServer}\n` },
    { name: 'pbs_environment', text: `${pathLine}\n${mark}\n` },
    {
      name: 'mom_priv/config',
      text: [
        `$pbsserver ${orders.pbsServer}`,
        `$status_update_time ${statusUpdateS}`,
        `$check_poll_time ${checkPollS}`,
        ...orders.configLines,
        '',
      ].join('\n'),
    },
  ];
}
