/**
 * A hosts file for sites without DNS: a marked block that is ours, with the addresses that executors told;
 * every line outside it stays as it is. pbs_server has to run on this host to see it.
 */
import { randomUUID } from 'node:crypto';
import { chmod, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { isIPv4 } from 'node:net';
import type { Log } from '@mesos-torque/common/logger.ts';
import { messageOf } from '@mesos-torque/common/text.ts';
import { checkHostName } from './node-names.ts';

export const blockBegin = '# begin: nodes of mesos-torque, written by it; changes here are lost';
export const blockEnd = '# end: nodes of mesos-torque';
const namesMax = 50_000;

export interface HostsFile {
  /** Enters a node; resolves when the file holds it. A file that cannot be written is reported. */
  learn(name: string, addresses: readonly string[]): Promise<void>;
}

export function hostsFile(path: string, log: Log): HostsFile {
  let last: Promise<unknown> = Promise.resolve();
  return {
    learn(name, addresses) {
      const checked = checkHostName(name);
      const address = addresses.find((one) => isIPv4(one));
      if (!checked.ok || address === undefined) return Promise.resolve();
      // One writer at a time, or one change would undo another.
      const turn = last.then(() => enter(path, checked.value, address));
      last = turn.catch(() => undefined);
      return turn.catch((error: unknown) => {
        const why = messageOf(error);
        log.warn('hosts file not written', { path, name, why });
      });
    },
  };
}

async function enter(path: string, name: string, address: string): Promise<void> {
  const before = await readFile(path, 'utf8');
  const after = withHost(before, name, address);
  if (after !== before) await replace(path, after);
}

/** The text with the node in our block. A name that people have given an address outside it stays theirs. */
export function withHost(text: string, name: string, address: string): string {
  const { head, block, tail } = split(text);
  if ([...head, ...tail].some((line) => namesOf(line).includes(name))) return text;
  const entries = new Map(
    block.flatMap((line) => {
      const [known = '', first] = line.trim().split(/\s+/);
      return first === undefined || known.startsWith('#') ? [] : [[first, known] as const];
    }),
  );
  if (entries.get(name) === address || (entries.size >= namesMax && !entries.has(name))) return text;
  entries.set(name, address);
  const lines = [...entries].map(([host, known]) => `${known} ${namesFor(host)}`);
  return [...head, blockBegin, ...lines, blockEnd, ...tail].join('\n');
}

/** The full name first, as the resolver gives the first one back; then the short one. */
function namesFor(host: string): string {
  const [short = host] = host.split('.');
  return short === host ? host : `${host} ${short}`;
}

function namesOf(line: string): readonly string[] {
  const [words = ''] = line.split('#');
  return words.trim().toLowerCase().split(/\s+/).slice(1);
}

interface Parts {
  readonly head: readonly string[];
  readonly block: readonly string[];
  readonly tail: readonly string[];
}

/** Without a whole block of ours, it comes at the end; an end that is missing makes no block of the rest. */
function split(text: string): Parts {
  const lines = text.split('\n');
  const begin = lines.indexOf(blockBegin);
  const end = lines.indexOf(blockEnd, begin + 1);
  if (begin >= 0 && end > begin) {
    return { head: lines.slice(0, begin), block: lines.slice(begin + 1, end), tail: lines.slice(end + 1) };
  }
  const isEnded = lines.at(-1) === '';
  return { head: isEnded ? lines.slice(0, -1) : lines, block: [], tail: [''] };
}

/** In one step, so that no reader finds half a file. A file that is mounted by itself is written in place. */
async function replace(path: string, text: string): Promise<void> {
  const { mode } = await stat(path);
  const fresh = `${path}.${randomUUID()}`;
  try {
    await writeFile(fresh, text, { flag: 'wx' });
    await chmod(fresh, mode & 0o7777);
    await rename(fresh, path);
  } catch (error) {
    await rm(fresh, { force: true });
    if ((error as NodeJS.ErrnoException).code !== 'EBUSY') throw error;
    await writeFile(path, text);
  }
}
