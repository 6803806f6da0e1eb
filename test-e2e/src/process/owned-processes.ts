/**
 * Which of this machine's processes belong to which machine of the site, asked from the system: everything
 * of the site names its folder in its command line, working directory or environment.
 */
import { readdir, readFile, readlink } from 'node:fs/promises';

export interface OwnedProcess {
  readonly pid: number;
  readonly command: string;
  /** Name of the machine. */
  readonly machine: string;
}

/** What tells a machine's processes: they mention one of these texts. The first machine that fits has them. */
export interface Marks {
  readonly machine: string;
  readonly texts: readonly string[];
}

/** `others`: the machine to which all else belongs that mentions `dir`. */
export async function ownedProcesses(
  dir: string,
  marks: readonly Marks[],
  others: string,
): Promise<readonly OwnedProcess[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map((pid) => lookAt(pid, dir, marks, others)));
  return found.filter((one) => one !== null);
}

async function lookAt(
  pid: number,
  dir: string,
  marks: readonly Marks[],
  others: string,
): Promise<OwnedProcess | null> {
  if (pid === process.pid) return null;
  try {
    const command = (await readFile(`/proc/${String(pid)}/cmdline`, 'utf8')).replaceAll('\0', ' ').trim();
    // A zombie has no command line any more: it has ended, its parent has not yet asked how.
    if (command === '') return null;
    const [cwd, environment] = await Promise.all([
      readlink(`/proc/${String(pid)}/cwd`),
      readFile(`/proc/${String(pid)}/environ`, 'utf8'),
    ]);
    const told = [command, cwd, ...environment.split('\0')].join('\0');
    if (!told.includes(dir)) return null;
    const owner = marks.find(({ texts }) => texts.some((text) => told.includes(text)));
    return { pid, command, machine: owner?.machine ?? others };
  } catch {
    // It ended while we looked, or is another user's and thus not of this site.
    return null;
  }
}
