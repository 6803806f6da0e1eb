/** A daemon of the site as a process that is started, ended and started again. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Daemon as Process } from '@mesos-torque/minicluster/daemon.ts';
import { waitUntil } from '@mesos-torque/minicluster/wait-until.ts';
import type { Daemon, Machine } from '../site.ts';

export interface DaemonParts {
  readonly name: string;
  readonly machine: Machine;
  readonly logDir: string;
  /** What its log files are called, without `.out` and `.err`. */
  readonly logName: string;
  /** The process that was started last; null before the first start. */
  current(): Process | null;
  /** Resolves when it answers. */
  begin(): Promise<void>;
  /** Asks it to end; TERM where left out. */
  readonly askToEnd?: () => Promise<void>;
}

const endMsMax = 20_000;

export function siteDaemon(parts: DaemonParts): Daemon {
  const { name, machine } = parts;
  const isRunning = (): boolean => parts.current()?.exit() === null;
  const start = async (): Promise<void> => {
    if (!isRunning()) await parts.begin();
  };
  const stop = async (): Promise<void> => {
    const running = parts.current();
    if (running?.exit() !== null) return;
    if (parts.askToEnd === undefined) running.signal('SIGTERM');
    else await parts.askToEnd();
    await waitUntil({ what: `${name} has ended`, timeoutMs: endMsMax }, () => running.exit() !== null);
  };
  return {
    name,
    machine,
    isRunning: () => Promise.resolve(isRunning()),
    start,
    stop,
    async kill() {
      parts.current()?.signal('SIGKILL');
      await parts.current()?.ended;
    },
    async restart() {
      await stop();
      await start();
    },
    async log() {
      const files = ['out', 'err'].map((end) => path.join(parts.logDir, `${parts.logName}.${end}`));
      return (await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')))).join('');
    },
  };
}
