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
import { scriptFiles } from './job-scripts/scripts.ts';
import { mpiEnvironment } from './mpi/environment.ts';
import { launcherName, launcherText } from './mpi/launcher.ts';
import { environmentCharsMax } from './orders.ts';
import type { CheckedOrders } from './orders.ts';
import type { MarkedEntry } from './processes.ts';

export interface MomHome {
  /** What pbs_mom is given with `-d`: the link, or the folder itself when its path is short enough. */
  readonly path: string;
  /** The folder. */
  readonly folder: string;
  /** Whether the folder lies in the sandbox, which Mesos removes. */
  readonly inSandbox: boolean;
  /** The files that we wrote into a home that is the host's own; empty where the home is ours. */
  readonly hostFiles: readonly string[];
  /** In the environment of the mom and of every job of it. */
  readonly mark: MarkedEntry;
  /** The same for all moms of one framework, and of jobs on several of them: an id of a job is unique among these only. */
  readonly frameworkMark: MarkedEntry;
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
  if (orders.hostHome !== null) return orders.hostHome;
  return orders.homesDir === null
    ? path.join(owner.sandbox, 'torque-home')
    : path.join(orders.homesDir, `mom-${homeId(owner)}`);
}

/** Found again in the environments of jobs. */
export function markOf(owner: HomeOwner): MarkedEntry {
  return `MESOS_TORQUE_MOM=${homeId(owner)}`;
}

/** What tells a job's processes from those of another framework's job with the same id. */
export function frameworkMarkOf({ frameworkId }: Pick<HomeOwner, 'frameworkId'>): MarkedEntry {
  return `MESOS_TORQUE_FRAMEWORK=${createHash('sha256').update(frameworkId).digest('hex').slice(0, 16)}`;
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
  { name: 'mom_priv/hooks', mode: 0o700 },
  { name: 'mom_priv/jobs', mode: 0o751 },
  { name: 'spool', mode: 0o1777 },
  { name: 'undelivered', mode: 0o1777 },
];

export interface HomeFile {
  readonly name: string;
  readonly text: string;
  readonly mode: number;
}

/**
 * How often the mom reports to the server and looks after its jobs. Both default to 45 s in TORQUE, too
 * long for nodes that come and go; the administrator's own lines come later and win.
 */
const statusUpdateS = 10;
const checkPollS = 10;

/** Its log may take 30 MiB of the sandbox, a week at the most: 6.1.3 writes some 25 MB a day. */
const logKibMax = 10_240;
const logFilesMax = 2;
const logDaysMax = 7;

const plainPath = '/usr/bin:/bin';
/** pbs_mom refuses files that others may write to, and scripts that are not root's to run. */
const fileMode = 0o644;
const scriptMode = 0o500;
/** Run by the users of jobs. */
const launcherMode = 0o755;

/** The files of a home. `pbsdsh` is that program on this agent; null without it, or where no MPI is wanted. */
export function homeFiles(
  orders: CheckedOrders,
  home: Pick<MomHome, 'path' | 'mark' | 'frameworkMark'>,
  pbsdsh: string | null,
): readonly HomeFile[] {
  return [
    { name: 'server_name', text: `${orders.pbsServer}\n`, mode: fileMode },
    { name: 'pbs_environment', text: environmentText(orders, home, pbsdsh), mode: fileMode },
    { name: 'mom_priv/config', text: configText(orders), mode: fileMode },
    ...(orders.layoutLines.length === 0
      ? []
      : [{ name: 'mom_priv/mom.layout', text: [...orders.layoutLines, ''].join('\n'), mode: fileMode }]),
    ...scriptFiles(home, orders.hooks, orders.mpi?.mpd === true).map(({ name, text }) => ({
      name: `mom_priv/${name}`,
      text,
      mode: scriptMode,
    })),
    ...(pbsdsh === null ? [] : [{ name: launcherName, text: launcherText(pbsdsh), mode: launcherMode }]),
  ];
}

/** The administrator's variables come last and win: pbs_mom takes the last of one name. */
function environmentText(
  { path: ordered, mpi }: CheckedOrders,
  home: Pick<MomHome, 'path' | 'mark' | 'frameworkMark'>,
  pbsdsh: string | null,
): string {
  const ownPath = `PATH=${ordered}`;
  const pathLine = ordered !== '' && ownPath.length <= environmentCharsMax ? ownPath : `PATH=${plainPath}`;
  const forMpi = pbsdsh === null ? [] : mpiEnvironment(path.join(home.path, launcherName));
  const marks = [home.mark, home.frameworkMark];
  return [pathLine, ...marks, ...forMpi, ...(mpi?.environment ?? []), ''].join('\n');
}

function configText({ pbsServer, configLines }: CheckedOrders): string {
  return [
    `$pbsserver ${pbsServer}`,
    `$status_update_time ${statusUpdateS}`,
    `$check_poll_time ${checkPollS}`,
    `$log_file_max_size ${logKibMax}`,
    `$log_file_roll_depth ${logFilesMax}`,
    `$log_keep_days ${logDaysMax}`,
    ...configLines,
    '',
  ].join('\n');
}
