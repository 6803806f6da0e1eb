/** The files of a job on its mother superior, and where its output goes. */
import {
  appendFileSync,
  chmodSync,
  chownSync,
  closeSync,
  copyFileSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import type { Account } from '../shared/account.ts';
import type { JobOrder } from '../shared/api.ts';
import { writeFileAtomically } from '../shared/atomic-file.ts';

/** What a restarted mom needs to go on with a job. */
export interface JobRecord {
  readonly order: JobOrder;
  readonly pid: number;
  readonly startMs: number;
}

export interface JobFiles {
  readonly script: string;
  readonly nodeFile: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly record: string;
}

/** What a home must have besides mom_priv: 6.1.3 exits with 3, without a word, when one is missing. */
export const momEntries = ['mom_priv/jobs', 'spool', 'aux', 'undelivered', 'checkpoint', 'pbs_environment'];

export function jobFiles(home: string, id: string): JobFiles {
  const name = id.replace('[', '-').replace(']', '');
  return {
    script: path.join(home, 'mom_priv', 'jobs', `${name}.SC`),
    record: path.join(home, 'mom_priv', 'jobs', `${name}.JB`),
    nodeFile: path.join(home, 'aux', id),
    stdout: path.join(home, 'spool', `${name}.OU`),
    stderr: path.join(home, 'spool', `${name}.ER`),
  };
}

/** Writes script (the account's, where there is one) and node file: one line per slot, in exec_host's order. */
export function writeJobFiles(home: string, order: JobOrder, account: Account | null): JobFiles {
  const files = jobFiles(home, order.id);
  writeFileSync(files.script, order.script, { mode: 0o700 });
  if (account !== null) chownSync(files.script, account.uid, account.gid);
  const lines = order.hosts.flatMap((host) => Array.from({ length: host.slots }, () => `${host.node}\n`));
  writeFileSync(files.nodeFile, lines.join(''));
  return files;
}

export function openOutputs(files: JobFiles, join: JobOrder['join']): { stdout: number; stderr: number } {
  const open = (file: string): number => openSync(file, 'a', 0o600);
  switch (join) {
    case 'n':
      return { stdout: open(files.stdout), stderr: open(files.stderr) };
    case 'oe':
      return { stdout: open(files.stdout), stderr: open(files.stdout) };
    case 'eo':
      return { stdout: open(files.stderr), stderr: open(files.stderr) };
  }
}

export function closeOutputs(outputs: { stdout: number; stderr: number }): void {
  closeSync(outputs.stdout);
  closeSync(outputs.stderr);
}

export function saveRecord(home: string, record: JobRecord): void {
  writeFileAtomically(jobFiles(home, record.order.id).record, JSON.stringify(record));
}

export function readRecords(home: string): JobRecord[] {
  const folder = path.join(home, 'mom_priv', 'jobs');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.JB'))
    .map((name) => JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as JobRecord);
}

/** Copies the outputs to where the user wants them; what cannot be delivered stays in `undelivered`. */
export function deliverOutputs(home: string, order: JobOrder, account: Account | null): void {
  const files = jobFiles(home, order.id);
  const pairs: (readonly [string, string])[] = [
    [files.stdout, order.outputPath],
    [files.stderr, order.errorPath],
  ];
  for (const [from, destination] of pairs) {
    let to = destination.replace(/^[^:/]*:/, '');
    try {
      if (statSync(from, { throwIfNoEntry: false }) === undefined) continue;
      if (statSync(to, { throwIfNoEntry: false })?.isDirectory() === true)
        to = path.join(to, path.basename(from));
      copyFileSync(from, to);
      chmodSync(to, 0o600);
      if (account !== null) chownSync(to, account.uid, account.gid);
    } catch (error) {
      appendFileSync(
        path.join(home, 'mom_logs', 'mom.log'),
        `${order.id}: delivering ${to}: ${String(error)}\n`,
      );
      copyFileSync(from, path.join(home, 'undelivered', path.basename(from)));
    }
  }
}

export function removeJobFiles(home: string, id: string): void {
  for (const file of Object.values(jobFiles(home, id)) as string[]) rmSync(file, { force: true });
}
