/** What tells a process from all others that ever had its number. */
import { readFile } from 'node:fs/promises';

/** The boot, and ticks since then at its start. Linux only; null elsewhere, and when it does not run. */
export async function birthOf(pid: number): Promise<string | null> {
  try {
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The name, in brackets, may hold anything; state and start are the 1st and the 20th field after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const startTicks = fields[19];
    // A zombie has ended; only its parent has not looked yet.
    return startTicks === undefined || fields[0] === 'Z' ? null : `${boot.trim()} ${startTicks}`;
  } catch {
    return null;
  }
}
