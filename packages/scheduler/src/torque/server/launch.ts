/**
 * Starts daemons so that they outlive us: in a session of their own, with files of their own for what they
 * print, and nothing of ours to hold on to. Our end, also by SIGKILL, is none of theirs.
 */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Argv } from '@mesos-torque/common/run-command.ts';

export type DaemonEnd =
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'signal'; readonly signal: string }
  | { readonly kind: 'spawn-failed'; readonly error: string };

export interface DaemonProcess {
  /** Null when it could not be started. */
  readonly pid: number | null;
  /** Settles when the process that was started has ended; never rejects. */
  readonly ended: Promise<DaemonEnd>;
  /** The last of what it has printed since it was started. */
  words(): string;
}

export interface LaunchOptions {
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
}

/** The port: tests give their own. */
export type LaunchDaemon = (argv: Argv, options: LaunchOptions) => DaemonProcess;

const logBytesMax = 16 * 1024 * 1024;
const wordsBytesMax = 2048;

/** Daemons whose output goes to `<directory>/<name>.log`; one that has grown is moved to `<name>.log.1`. */
export function launcherIn(directory: string): LaunchDaemon {
  return (argv, { name, env }) => {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const file = path.join(directory, `${name}.log`);
    const log = openLog(file);
    const [program, ...args] = argv;
    try {
      const child = spawn(program, args, {
        detached: true,
        shell: false,
        cwd: '/',
        stdio: ['ignore', log.fd, log.fd],
        env: { ...env },
      });
      const ended = new Promise<DaemonEnd>((resolve) => {
        child.on('error', (error) => {
          resolve({ kind: 'spawn-failed', error: error.message });
        });
        child.on('exit', (code, signal) => {
          resolve(signal === null ? { kind: 'exit', code: code ?? 0 } : { kind: 'signal', signal });
        });
      });
      child.unref();
      return { pid: child.pid ?? null, ended, words: () => lastWords(file, log.size) };
    } finally {
      closeSync(log.fd);
    }
  };
}

function openLog(file: string): { readonly fd: number; readonly size: number } {
  if (sizeOf(file) > logBytesMax) renameSync(file, `${file}.1`);
  return { fd: openSync(file, 'a', 0o600), size: sizeOf(file) };
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

function lastWords(file: string, fromByte: number): string {
  const from = Math.max(fromByte, sizeOf(file) - wordsBytesMax);
  const buffer = Buffer.alloc(wordsBytesMax);
  try {
    const fd = openSync(file, 'r');
    try {
      return buffer.toString('utf8', 0, readSync(fd, buffer, 0, wordsBytesMax, from));
    } finally {
      closeSync(fd);
    }
  } catch {
    // Somebody has removed the log; its words are for people only.
    return '';
  }
}
