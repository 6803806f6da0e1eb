/** What one task has on its agent, asked from the system (Linux): processes, links and mounts. */
import { readdir, readFile, readlink } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

export interface Found {
  readonly pid: number;
  readonly command: string;
  readonly cwd: string;
  readonly environment: string;
}

/** One task's: its sandbox, and the id that stands in its mom's link and in its processes' environment. */
export interface TaskMarks {
  readonly sandbox: string;
  readonly homeId: string;
}

/** Looking at every process costs some milliseconds; several who look at the same time share one look. */
const freshMs = 25;
const linkDirs = ['/run/mesos-torque', os.tmpdir()];

let latest: { readonly atMs: number; readonly found: Promise<readonly Found[]> } | null = null;

export function allProcesses(): Promise<readonly Found[]> {
  const nowMs = Date.now();
  if (latest === null || nowMs - latest.atMs > freshMs) latest = { atMs: nowMs, found: readAll() };
  return latest.found;
}

/** Everything of the task that is there, in words; empty when it has left nothing. */
export async function tracesOf({ sandbox, homeId }: TaskMarks, agentPid: number): Promise<readonly string[]> {
  const isOfTask = ({ command, cwd, environment }: Found): boolean =>
    [command, cwd, environment].some((text) => text.includes(sandbox) || text.includes(homeId));
  const processes = (await allProcesses()).filter(isOfTask);
  const mounts = await readFile(`/proc/${agentPid}/mountinfo`, 'utf8').catch(() =>
    readFile('/proc/self/mountinfo', 'utf8'),
  );
  return [
    ...processes.map(({ pid, command }) => `process ${pid} ${command.slice(0, 100)}`),
    ...(await Promise.all(linkDirs.map((folder) => linksIn(folder, homeId)))).flat(),
    ...mounts
      .split('\n')
      .filter((line) => line.includes(sandbox) || line.includes(homeId))
      .map((line) => `mount ${line}`),
  ];
}

async function linksIn(folder: string, homeId: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => name.includes(homeId)).map((name) => `link ${path.join(folder, name)}`);
}

/** Null when it has ended. */
export async function parentOf(pid: number): Promise<number | null> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const parent = /^PPid:\s+(\d+)$/m.exec(status)?.[1];
  return parent === undefined ? null : Number(parent);
}

async function readAll(): Promise<readonly Found[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map(readOne));
  return found.filter((one) => one !== null && one.pid !== process.pid) as readonly Found[];
}

/** Null for one that has ended, or is not ours to read. */
async function readOne(pid: number): Promise<Found | null> {
  try {
    const command = (await readFile(`/proc/${pid}/cmdline`, 'latin1')).replaceAll('\0', ' ').trim();
    // A zombie, or a thread of the kernel.
    if (command === '') return null;
    const [cwd, environment] = await Promise.all([
      readlink(`/proc/${pid}/cwd`),
      readFile(`/proc/${pid}/environ`, 'latin1'),
    ]);
    return { pid, command, cwd, environment };
  } catch {
    return null;
  }
}
