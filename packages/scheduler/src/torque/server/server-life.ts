/**
 * Which life of pbs_server runs, where we are beside it: a restart that nobody told us of makes another.
 * From `server_priv/server.lock`, which holds the process id and stays when the server is killed.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { birthOf } from '@mesos-torque/common/process-birth.ts';

export interface LivingProcess {
  readonly pid: number;
  /** The process id with what tells it from others of that number, as one text. */
  readonly life: string;
}

/** The process that a lock file of TORQUE names, if it lives; null where that cannot be told. */
export async function processIn(lockFile: string): Promise<LivingProcess | null> {
  const text = await readFile(lockFile, 'utf8').catch(() => '');
  const pid = Number(/^\s*(?<pid>[1-9][0-9]{0,9})\b/.exec(text)?.groups?.['pid'] ?? 0);
  return pid > 1 ? livingProcess(pid) : null;
}

export async function livingProcess(pid: number): Promise<LivingProcess | null> {
  const birth = await birthOf(pid);
  return birth === null ? null : { pid, life: `${pid} ${birth}` };
}

/** Null: no server runs here, or we may not look. */
export async function serverLife(home: string): Promise<string | null> {
  return (await processIn(path.join(home, 'server_priv', 'server.lock')))?.life ?? null;
}
