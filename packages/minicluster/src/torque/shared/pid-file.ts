import { readFileSync } from 'node:fs';

/** The process named in a lock file such as `mom.lock` (`PID\n\0`), null when it does not live. */
export function livingPid(file: string): number | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return null;
  }
  const pid = Number.parseInt(text, 10);
  return Number.isInteger(pid) && pid > 1 && isAlive(pid) ? pid : null;
}

/** Whether a process with this id exists; also true for one that we may not signal. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
