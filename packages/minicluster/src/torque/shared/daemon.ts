/**
 * Going into the background as the real daemons do: the program that was started starts itself
 * again, detached, waits for its word and exits with it. Node cannot fork a running process.
 */
import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';

/** Set in the environment of the process that stays. */
const marker = 'TORQUE_STANDIN_BACKGROUND';
const startMsMax = 60_000;

export function isBackground(env: NodeJS.ProcessEnv): boolean {
  return env[marker] === '1';
}

/** What the process in the background says once: it runs, or why not. */
export type StartReport =
  | { readonly kind: 'running' }
  | { readonly kind: 'failed'; readonly exitCode: number; readonly stderr: string };

/** Called in the process that stays. */
export function reportStart(report: StartReport): void {
  process.send?.(report);
  process.disconnect();
}

/** Starts the program again in the background; resolves to the exit code of the one in the foreground. */
export function goToBackground(programAndArguments: readonly string[], logFile: string): Promise<number> {
  const log = openSync(logFile, 'a');
  return new Promise((resolve) => {
    const child = spawn(process.execPath, programAndArguments, {
      detached: true,
      stdio: ['ignore', log, log, 'ipc'],
      env: { ...process.env, [marker]: '1' },
    });
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      finish({ kind: 'failed', exitCode: 1, stderr: `not up after ${startMsMax} ms; see ${logFile}\n` });
    }, startMsMax);
    const finish = (report: StartReport): void => {
      clearTimeout(timer);
      child.removeAllListeners();
      if (child.connected) child.disconnect();
      child.unref();
      if (report.kind === 'failed') process.stderr.write(report.stderr);
      resolve(report.kind === 'failed' ? report.exitCode : 0);
    };
    child.on('message', (message) => {
      finish(message as StartReport);
    });
    child.on('exit', (code) => {
      finish({ kind: 'failed', exitCode: code ?? 1, stderr: '' });
    });
  });
}
