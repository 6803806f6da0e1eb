/** Runs command lines in tests: what they print is kept, and no scheduler starts. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Config } from '../../config.ts';
import { runCommandLine, type Parts } from '../commands.ts';

export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** The configurations that a scheduler would have been run with. */
  readonly ran: readonly Config[];
}

/** What `run` ends with. */
export const schedulerCode = 7;

/** Runs one command line to its end, with nothing in the environment. */
export function run(...args: readonly string[]): Promise<Ended> {
  return runWith({}, ...args);
}

/** The same, with parts of the test's own. */
export async function runWith(others: Partial<Parts>, ...args: readonly string[]): Promise<Ended> {
  const said = { out: '', err: '' };
  const ran: Config[] = [];
  const terminal = {
    out: (text: string) => {
      said.out += text;
    },
    err: (text: string) => {
      said.err += text;
    },
    environment: {},
    hostName: 'head.torque.test',
    nowMs: () => 1_795_328_700_000,
  };
  const parts = {
    run: (config: Config) => {
      ran.push(config);
      return Promise.resolve(schedulerCode);
    },
    setup: () => Promise.reject(new Error('no set-up is part of this test')),
    doctor: () => Promise.reject(new Error('no doctor is part of this test')),
    ...others,
  };
  const code = await runCommandLine(args, parts, terminal);
  return { code, ...said, ran };
}

export interface Folder {
  readonly path: string;
  /** Writes a file and gives its path. */
  file(name: string, content: string | Uint8Array): string;
  remove(): void;
}

export function temporaryFolder(): Folder {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'mesos-torque-cli-'));
  return {
    path: folder,
    file: (name, content) => {
      const whole = path.join(folder, name);
      writeFileSync(whole, content);
      return whole;
    },
    remove: () => {
      rmSync(folder, { recursive: true });
    },
  };
}
