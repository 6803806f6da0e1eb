/** A program of the mini-cluster that runs until it is stopped, with its output in files. */
import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Argv } from '@mesos-torque/common/run-command.ts';
import { spawnOn, type Host } from './hosts/host.ts';
import { waitUntil } from './wait-until.ts';

export interface DaemonOptions {
  readonly name: string;
  readonly argv: Argv;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** `<name>.out` and `<name>.err` are written here, appended to on a restart. */
  readonly logDir: string;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Daemon {
  readonly name: string;
  readonly pid: number;
  readonly ended: Promise<Ended>;
  /** Null while it runs. */
  exit(): Ended | null;
  signal(signal: NodeJS.Signals): void;
  /** The signal (TERM if left out), and KILL after `graceMs`. Resolves when the program has ended. */
  stop(graceMs: number, first?: NodeJS.Signals): Promise<Ended>;
  /** What it has printed so far. */
  output(): Promise<string>;
}

export function startDaemon(host: Host, options: DaemonOptions): Daemon {
  const outFile = path.join(options.logDir, `${options.name}.out`);
  const out = openSync(outFile, 'a');
  const err = openSync(path.join(options.logDir, `${options.name}.err`), 'a');
  const child = spawnOn(host, options.argv, {
    env: options.env,
    cwd: options.cwd,
    stdio: ['ignore', out, err],
  });
  closeSync(out);
  closeSync(err);
  return daemonOf(options, child, host.throughHelper, outFile);
}

function daemonOf(
  options: DaemonOptions,
  child: ChildProcess,
  throughHelper: boolean,
  outFile: string,
): Daemon {
  let exit: Ended | null = null;
  const ended = new Promise<Ended>((resolve) => {
    const end = (result: Ended): void => {
      exit ??= result;
      resolve(exit);
    };
    child.once('exit', (code, signal) => {
      end({ code, signal });
    });
    // The program could not be started at all; 127 is what a shell would say.
    child.once('error', () => {
      end({ code: 127, signal: null });
    });
  });
  const signal = (name: NodeJS.Signals): void => {
    if (exit !== null || child.pid === undefined) return;
    if (throughHelper) signalChildren(child.pid, name);
    else child.kill(name);
  };
  return {
    name: options.name,
    pid: child.pid ?? -1,
    ended,
    exit: () => exit,
    signal,
    async stop(graceMs, first = 'SIGTERM') {
      signal(first);
      const timer = setTimeout(() => {
        signal('SIGKILL');
      }, graceMs);
      const result = await ended;
      clearTimeout(timer);
      return result;
    },
    output: () => readFile(outFile, 'utf8'),
  };
}

/** The helper waits for its child and ends as it did; a signal to the helper would never reach the child. */
function signalChildren(helper: number, name: NodeJS.Signals): void {
  try {
    const children = readFileSync(`/proc/${String(helper)}/task/${String(helper)}/children`, 'utf8');
    for (const child of children
      .trim()
      .split(' ')
      .filter((pid) => pid !== ''))
      process.kill(Number(child), name);
  } catch (error) {
    // It has ended in this moment, and we have not heard of it yet.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ESRCH') throw error;
  }
}

/** Waits until the daemon has printed a line that begins with `ready` and returns what follows, as JSON. */
export async function readyLine(
  daemon: Daemon,
  timeoutMs: number,
): Promise<Readonly<Record<string, unknown>>> {
  return waitUntil({ what: `${daemon.name} is ready`, timeoutMs }, async () => {
    const line = (await daemon.output()).split('\n').find((text) => text.startsWith('ready '));
    if (line !== undefined) return JSON.parse(line.slice('ready '.length)) as Record<string, unknown>;
    const exit = daemon.exit();
    if (exit === null) return null;
    throw new Error(
      `${daemon.name} ended before it was ready (${exit.signal ?? `exit code ${String(exit.code)}`})`,
    );
  });
}
