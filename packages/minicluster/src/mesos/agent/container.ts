/** Starts an executor as a process of its own, in its sandbox, and tells how it ended. */
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { type CommandInfo } from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import { findProcess } from './processes.ts';
import { type RootProcess } from './process-tree.ts';
import { type UserIds } from './sandbox.ts';

export interface ContainerSpec {
  readonly command: CommandInfo;
  readonly sandbox: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Null: the user that the agent runs as. */
  readonly user: UserIds | null;
}

export type StartedContainer =
  | { readonly kind: 'started'; readonly root: RootProcess; readonly ended: Promise<number> }
  | { readonly kind: 'failed'; readonly error: string };

/**
 * `ended` gives a wait status, as FAILURE events carry it: exit code 3 is 768, a signal its number;
 * what a signal ended under a shell is told as the shell would, 137 × 256 for SIGKILL.
 */
export async function startContainer(spec: ContainerSpec): Promise<StartedContainer> {
  const stdout = openSync(join(spec.sandbox, 'stdout'), 'a');
  const stderr = openSync(join(spec.sandbox, 'stderr'), 'a');
  const isShell = spec.command.shell ?? true;
  const [file, ...args] = argv(spec.command, isShell);
  const child = spawn(file, args, {
    argv0: isShell ? 'sh' : (spec.command.arguments[0] ?? file),
    cwd: spec.sandbox,
    env: spec.environment,
    // A session of its own: the executor outlives the agent.
    detached: true,
    stdio: ['ignore', stdout, stderr],
    ...(spec.user ?? {}),
  });
  closeSync(stdout);
  closeSync(stderr);
  const ended = new Promise<number>((resolve) => {
    child.once('exit', (code, signal) => {
      resolve(waitStatus(code, signal, isShell));
    });
  });
  const error = await new Promise<string | null>((resolve) => {
    child.once('spawn', () => {
      resolve(null);
    });
    child.once('error', (failure) => {
      resolve(failure.message);
    });
  });
  if (error !== null || child.pid === undefined) return { kind: 'failed', error: error ?? 'no process came' };
  child.unref();
  const { pid } = child;
  const entry = await findProcess(pid);
  return { kind: 'started', root: { pid, started: entry?.started ?? '' }, ended };
}

/** Without a shell `arguments` is the whole argument list, the program's own name first, as execlp takes it. */
function argv(command: CommandInfo, isShell: boolean): [string, ...string[]] {
  const value = command.value ?? '';
  return isShell ? ['/bin/sh', '-c', value] : [value, ...command.arguments.slice(1)];
}

export function waitStatus(code: number | null, signal: NodeJS.Signals | null, isShell: boolean): number {
  if (signal === null) return (code ?? 0) * 256;
  const number = constants.signals[signal];
  return isShell ? (128 + number) * 256 : number;
}
