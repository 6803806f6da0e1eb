/**
 * Which processes belong to a mini-cluster, asked from the system and not from our own books: those
 * whose command line, working directory or environment names the cluster's folder.
 */
import { readdir, readFile, readlink } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export interface ProcessInfo {
  readonly pid: number;
  readonly command: string;
}

/** Processes of the cluster in `dir`, without this one. */
export async function processesOf(dir: string): Promise<readonly ProcessInfo[]> {
  const all = process.platform === 'linux' ? await fromProc(dir) : await fromPs(dir);
  return all.filter(({ pid }) => pid !== process.pid);
}

async function fromProc(dir: string): Promise<ProcessInfo[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map((pid) => ifOfCluster(pid, dir)));
  return found.filter((info) => info !== null);
}

async function ifOfCluster(pid: number, dir: string): Promise<ProcessInfo | null> {
  try {
    const command = (await readFile(`/proc/${String(pid)}/cmdline`, 'utf8')).replaceAll('\0', ' ').trim();
    // A zombie has no command line any more: it has ended, its parent has not yet asked how.
    if (command === '') return null;
    if (command.includes(dir)) return { pid, command };
    const [cwd, environment] = await Promise.all([
      readlink(`/proc/${String(pid)}/cwd`),
      readFile(`/proc/${String(pid)}/environ`, 'utf8'),
    ]);
    return cwd.startsWith(dir) || environment.includes(dir) ? { pid, command } : null;
  } catch {
    // It ended while we looked, or is another user's and thus not of this cluster.
    return null;
  }
}

async function fromPs(dir: string): Promise<ProcessInfo[]> {
  const { stdout } = await promisify(execFile)('ps', ['-axEo', 'pid=,command=']);
  return stdout
    .split('\n')
    .map((line) => /^\s*(?<pid>\d+)\s+(?<command>.*)$/.exec(line)?.groups)
    .filter((groups) => groups?.['command']?.includes(dir) === true)
    .map((groups) => ({ pid: Number(groups?.['pid']), command: groups?.['command'] ?? '' }));
}
