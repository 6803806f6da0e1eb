/** Where an executor runs: its directory, and the file names that 1.12 uses. */
import { chmodSync, chownSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '@mesos-torque/common/run-command.ts';

export interface SandboxPlace {
  readonly workDir: string;
  readonly agentId: string;
  readonly frameworkId: string;
  readonly executorId: string;
  readonly containerId: string;
}

export function sandboxDirectory(place: SandboxPlace): string {
  return join(executorDirectory(place), 'runs', place.containerId);
}

function executorDirectory({ workDir, agentId, frameworkId, executorId }: SandboxPlace): string {
  return join(workDir, 'slaves', agentId, 'frameworks', frameworkId, 'executors', executorId);
}

/** Makes the sandbox with mode 0750, and `latest` point to it. Throws when the system refuses. */
export function createSandbox(place: SandboxPlace, owner: UserIds | null): string {
  const directory = sandboxDirectory(place);
  mkdirSync(directory, { recursive: true });
  chmodSync(directory, 0o750);
  if (owner !== null) chownSync(directory, owner.uid, owner.gid);
  const latest = join(executorDirectory(place), 'runs', 'latest');
  rmSync(latest, { force: true });
  symlinkSync(directory, latest);
  return directory;
}

export interface UserIds {
  readonly uid: number;
  readonly gid: number;
}

export type UserLookup =
  { readonly kind: 'found'; readonly ids: UserIds } | { readonly kind: 'no-such-user' };

/** Asks the system for a user. Names that could be taken for options are not users. */
export async function lookUpUser(name: string): Promise<UserLookup> {
  if (!/^[A-Za-z_0-9][\w.-]*\$?$/.test(name)) return { kind: 'no-such-user' };
  const [uid, gid] = await Promise.all([idOf('-u', name), idOf('-g', name)]);
  return uid === null || gid === null ? { kind: 'no-such-user' } : { kind: 'found', ids: { uid, gid } };
}

async function idOf(option: '-u' | '-g', name: string): Promise<number | null> {
  const result = await runCommand(['id', option, name], { timeoutMs: 10_000, outputBytesMax: 1_000 });
  if (result.kind !== 'exit' || result.code !== 0) return null;
  const text = result.stdout.toString('utf8').trim();
  return /^\d+$/.test(text) ? Number(text) : null;
}
