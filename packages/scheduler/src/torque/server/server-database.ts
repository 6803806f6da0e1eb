/**
 * Whether pbs_server has a database. `pbs_server -t create -f` of 6.1.3 makes one without asking, and
 * wipes what is there: queues, jobs, and `server_priv/nodes` with the nodes that somebody wrote into it.
 * So there is none only where that was seen; what cannot be read, or looks half, is not "none".
 */
import type { Dirent } from 'node:fs';
import { lstat, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { sleep, type Clock } from '@mesos-torque/common/clock.ts';
import { messageOf } from '@mesos-torque/common/text.ts';

export type DatabaseSeen =
  | { readonly kind: 'present' }
  /** The skeleton that an installation leaves is there, and nothing in it. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'doubtful'; readonly why: string };

/** Between the two looks: somebody else may be starting a server at this moment. Milliseconds. */
const looksApartMs = 1_000;
const depthMax = 3;
const entriesMax = 10_000;
/** What every installation makes; a folder without them is not the server's, such as a mount that is missing. */
const skeleton = ['jobs', 'queues'];
const keepsJobsOrQueues = ['jobs', 'queues', 'arrays'];

/** Looks twice; only two looks that agree are believed. `home` is such as /var/spool/torque. */
export async function lookForDatabase(home: string, clock: Clock): Promise<DatabaseSeen> {
  const first = await look(home);
  if (first.kind !== 'absent') return first;
  await sleep(clock, looksApartMs);
  const second = await look(home);
  if (second.kind !== 'present') return second;
  return doubtful(`${databaseOf(home)} appeared while we looked: somebody else is starting pbs_server`);
}

async function look(home: string): Promise<DatabaseSeen> {
  const folder = path.join(home, 'server_priv');
  try {
    return await lookInto(folder, await readdir(folder, { withFileTypes: true }));
  } catch (error) {
    return doubtful(`${folder} could not be read: ${messageOf(error)}`);
  }
}

async function lookInto(folder: string, entries: readonly Dirent[]): Promise<DatabaseSeen> {
  const databases = entries.filter(({ name }) => name.startsWith('serverdb')).map(({ name }) => name);
  if (databases.includes('serverdb')) return isWhole(path.join(folder, 'serverdb'));
  const [half] = databases;
  if (half !== undefined) return doubtful(`${path.join(folder, half)} is there and serverdb is not`);
  const missing = skeleton.find(
    (name) => !entries.some((entry) => entry.name === name && entry.isDirectory()),
  );
  if (missing !== undefined) {
    return doubtful(
      `${folder} has no folder ${missing}: this is not how an installation of TORQUE leaves it`,
    );
  }
  for (const name of keepsJobsOrQueues) {
    const found = await firstFile(path.join(folder, name), depthMax);
    if (found !== null) return doubtful(`serverdb is missing, and ${found} is there`);
  }
  const node = await firstNode(path.join(folder, 'nodes'));
  if (node !== null) return doubtful(`serverdb is missing, and ${path.join(folder, 'nodes')} names ${node}`);
  return { kind: 'absent' };
}

async function isWhole(file: string): Promise<DatabaseSeen> {
  const { size } = await lstat(file);
  return size > 0 ? { kind: 'present' } : doubtful(`${file} is empty`);
}

/** The first file in the folder or below; null where there is none, also where there is no such folder. */
async function firstFile(folder: string, depth: number): Promise<string | null> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(noneIfMissing<Dirent[]>([]));
  if (entries.length > entriesMax) return `${folder} with ${entries.length} entries`;
  for (const entry of entries) {
    const inside = path.join(folder, entry.name);
    const found = entry.isDirectory() && depth > 1 ? await firstFile(inside, depth - 1) : inside;
    if (found !== null) return found;
  }
  return null;
}

/** The first line of a nodes file that is not a comment: its name. The installed file has comments only. */
async function firstNode(file: string): Promise<string | null> {
  const text = await readFile(file, 'utf8').catch(noneIfMissing(''));
  const line = text.split('\n').find((candidate) => /^\s*[^#\s]/.test(candidate));
  return line?.trim().split(/\s/)[0] ?? null;
}

/** Not there is an answer; any other failure is none. */
function noneIfMissing<T>(none: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return none;
    throw error;
  };
}

function databaseOf(home: string): string {
  return path.join(home, 'server_priv', 'serverdb');
}

function doubtful(why: string): DatabaseSeen {
  return { kind: 'doubtful', why };
}
