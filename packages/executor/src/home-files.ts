/** The home of a mom on disk: made, explained when pbs_mom refuses it, removed. */
import {
  chmod,
  cp,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  unlink,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import type { Log } from '@mesos-torque/common/logger.ts';
import { messageOf } from '@mesos-torque/common/text.ts';
import { keepHostFiles, requireHostHome, restoreHostFiles } from './host-home.ts';
import type { Attempt, HomePort } from './ports.ts';
import {
  frameworkMarkOf,
  homeCharsMax,
  homeFiles,
  homeFolder,
  homeFolders,
  homeId,
  markOf,
} from './mom-home.ts';
import type { HomeFile, HomeOwner, MomHome } from './mom-home.ts';
import type { CheckedOrders } from './orders.ts';

export interface HomePlaces {
  readonly owner: HomeOwner;
  /** Folders for links, the best first; each is made if it is not there. */
  readonly linkDirs: readonly string[];
  readonly log: Log;
}

/**
 * Where links go. Root's pbs_mom wants a folder that belongs to root alone; anybody else cannot run the
 * real pbs_mom and has no such folder.
 */
export function linkDirsFor(isRoot: boolean, tmpDir: string): readonly string[] {
  return isRoot ? ['/run/mesos-torque', '/var/run/mesos-torque'] : [tmpDir];
}

/** Where an executor may make its link. */
export function linksOf(owner: HomeOwner, linkDirs: readonly string[]): readonly string[] {
  return linkDirs.map((dir) => path.join(dir, `mom-${homeId(owner)}`));
}

export function homeFilesPort(places: HomePlaces): HomePort {
  return {
    prepare: (orders, pbsdsh) => prepare(orders, pbsdsh, places),
    pathFault: (home) => pathFault(home),
    lastLogLines: (home) => lastLogLines(home),
    remove: (home) => remove(home, places),
  };
}

async function prepare(
  orders: CheckedOrders,
  pbsdsh: string | null,
  places: HomePlaces,
): Promise<Attempt<MomHome>> {
  const folder = homeFolder(orders, places.owner);
  const inSandbox = orders.homesDir === null && orders.hostHome === null;
  const mark = markOf(places.owner);
  const frameworkMark = frameworkMarkOf(places.owner);
  try {
    // Mesos makes sandboxes with mode 0750: jobs run as other users and must come through.
    if (inSandbox) await chmod(places.owner.sandbox, 0o755);
    if (orders.hostHome === null) await makeFolder(folder, 0o755);
    else await requireHostHome(folder);
    for (const { name, mode } of homeFolders) await makeFolder(path.join(folder, name), mode);
    const shortPath = folder.length <= homeCharsMax ? folder : await makeLink(folder, places);
    const files = homeFiles(orders, { path: shortPath, mark, frameworkMark }, pbsdsh);
    const hostFiles = orders.hostHome === null ? [] : files.map(({ name }) => name);
    await keepHostFiles(folder, hostFiles);
    for (const file of files) await writeHomeFile(folder, file);
    return { ok: true, value: { path: shortPath, folder, inSandbox, hostFiles, mark, frameworkMark } };
  } catch (error) {
    return { ok: false, error: `making TORQUE's home in ${folder}: ${messageOf(error)}` };
  }
}

/** The mode is set apart: what mkdir is given is cut by the umask. */
async function makeFolder(folder: string, mode: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  await chmod(folder, mode);
}

/** The mode is set whatever the umask. What was there is replaced: a script may be run while we write. */
async function writeHomeFile(folder: string, { name, text, mode }: HomeFile): Promise<void> {
  const file = path.join(folder, name);
  await writeFile(`${file}.new`, text);
  await chmod(`${file}.new`, mode);
  await rename(`${file}.new`, file);
}

/** A short link to the folder, in the first place where one can be made. */
async function makeLink(folder: string, places: HomePlaces): Promise<string> {
  const problems: string[] = [];
  for (const dir of places.linkDirs) {
    try {
      await mkdir(dir, { recursive: true, mode: 0o755 });
      await sweep(dir);
      return await linkIn(dir, folder, places.owner);
    } catch (error) {
      problems.push(`${dir}: ${messageOf(error)}`);
    }
  }
  throw new Error(`no short link to it could be made: ${problems.join('; ')}`);
}

const sweptMax = 1000;

/** Removes links that executors which were killed have left: of our form, and leading nowhere any more. */
async function sweep(dir: string): Promise<void> {
  const names = (await readdir(dir)).filter((name) => /^mom-[0-9a-f]{16}$/.test(name));
  for (const name of names.slice(0, sweptMax)) {
    const link = path.join(dir, name);
    const target = await readlink(link).catch(() => null);
    if (target?.endsWith('/torque-home') !== true) continue;
    const isThere = await stat(target).then(
      () => true,
      (error: unknown) => !(error instanceof Error && 'code' in error && error.code === 'ENOENT'),
    );
    if (!isThere) await unlink(link).catch(() => undefined);
  }
}

async function linkIn(dir: string, folder: string, owner: HomeOwner): Promise<string> {
  const [link = dir] = linksOf(owner, [dir]);
  try {
    await symlink(folder, link);
  } catch (error) {
    // Left by an executor that had this sandbox before: ours. Anything else under that name is not.
    const leadsTo = await readlink(link).catch(() => null);
    if (leadsTo !== folder) throw error;
  }
  return link;
}

/**
 * The first fault in the path of the home, as pbs_mom's own check finds it: each folder above the link
 * and above what it leads to belongs to a user up to 10 and is writable for nobody else (for a group up
 * to 9, it is).
 */
async function pathFault(home: MomHome): Promise<string | null> {
  try {
    const folders = [...foldersAbove(home.path), ...foldersAbove(await realpath(home.folder))];
    for (const folder of folders) {
      const { uid, gid, mode } = await stat(folder);
      if (uid > 10) return `${folder} belongs to user ${uid}`;
      if ((mode & 0o002) !== 0) return `everybody can write to ${folder}`;
      if ((mode & 0o020) !== 0 && gid > 9) return `group ${gid} can write to ${folder}`;
    }
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

function foldersAbove(folder: string): readonly string[] {
  const parent = path.dirname(folder);
  return parent === folder ? [parent] : [...foldersAbove(parent), parent];
}

const logTailBytes = 4096;
const logTailLines = 5;

async function lastLogLines(home: MomHome): Promise<readonly string[]> {
  try {
    const dir = path.join(home.folder, 'mom_logs');
    // Files are named by day (20261122, with a port after it for a mom with ports of its own).
    const newest = (await readdir(dir)).sort().at(-1);
    if (newest === undefined) return [];
    const text = await readFile(path.join(dir, newest));
    return text.subarray(-logTailBytes).toString('utf8').trimEnd().split('\n').slice(-logTailLines);
  } catch {
    return [];
  }
}

async function remove(home: MomHome, places: HomePlaces): Promise<void> {
  try {
    if (home.path !== home.folder && (await lstat(home.path)).isSymbolicLink()) await unlink(home.path);
    await restoreHostFiles(home.folder, home.hostFiles);
    if (home.inSandbox) return;
    // The logs are what one looks for after a failure; the sandbox is where.
    await cp(path.join(home.folder, 'mom_logs'), path.join(places.owner.sandbox, 'mom_logs'), {
      recursive: true,
    });
    if (home.hostFiles.length === 0) await rm(home.folder, { recursive: true, force: true });
  } catch (error) {
    places.log.warn('home not removed', { home: home.path, why: messageOf(error) });
  }
}
