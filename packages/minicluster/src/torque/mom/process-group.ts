/** Jobs and tasks as process groups: ending them, and watching those whose parent is gone. */
import { readFileSync } from 'node:fs';
import { isAlive } from '../shared/pid-file.ts';

export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // The group is gone, which is what was wanted.
  }
}

/** One process, at once. */
export function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It is gone, which is what was wanted.
  }
}

/** SIGTERM, and SIGKILL after `killDelayMs`. */
export function endGroup(pid: number, killDelayMs: number): void {
  signalGroup(pid, 'SIGTERM');
  setTimeout(() => {
    signalGroup(pid, 'SIGKILL');
  }, killDelayMs);
}

/** Whether a process still runs; one that has ended but was not waited for does not. */
export function isRunning(pid: number): boolean {
  if (!isAlive(pid)) return false;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return !stat.includes(') Z ');
  } catch {
    // No /proc on this system.
    return true;
  }
}
