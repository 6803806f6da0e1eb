/**
 * A lock file that says who holds it. It keeps two schedulers from working with one state, which
 * would end each other's subscription again and again.
 */
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import process from 'node:process';
import { birthOf } from '@mesos-torque/common/process-birth.ts';
import { z } from 'zod';

const holderShape = z.object({
  pid: z.int().min(1),
  host: z.string(),
  since: z.string(),
  /** See `birthOf`: after a reboot the number may be another process's. Null where it cannot be told. */
  birth: z.string().nullable().default(null),
});
type Holder = z.infer<typeof holderShape>;

/** Locks held by this process: its own pid in a file that is not among them is of an earlier life. */
const heldHere = new Set<string>();

/**
 * Takes the lock, also one whose holder runs no more. Resolves to what gives it back; rejects, naming
 * the holder, when it is held.
 */
export async function takeLock(file: string): Promise<() => Promise<void>> {
  if (!(await create(file))) {
    await removeIfStale(file);
    if (!(await create(file))) throw new Error(`taking ${file}: another scheduler took it at this moment`);
  }
  heldHere.add(file);
  return async () => {
    heldHere.delete(file);
    await rm(file, { force: true });
  };
}

/** The process that holds the lock at this moment; null where none does. */
export async function lockHolder(
  file: string,
): Promise<{ readonly pid: number; readonly host: string } | null> {
  const holder = await holderIn(file);
  return holder !== null && (await isHolding(file, holder)) ? { pid: holder.pid, host: holder.host } : null;
}

/** The file appears with its content: one that is still empty would look like a leftover to another. */
async function create(file: string): Promise<boolean> {
  const { pid } = process;
  const since = new Date().toISOString();
  const holder: Holder = { pid, host: hostname(), since, birth: await birthOf(pid) };
  const mine = `${file}.${pid}`;
  await writeFile(mine, `${JSON.stringify(holder)}\n`, { mode: 0o600 });
  try {
    await link(mine, file);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(mine, { force: true });
  }
}

async function removeIfStale(file: string): Promise<void> {
  const holder = await holderIn(file);
  // A crash of the machine may leave it empty.
  if (holder !== null && (await isHolding(file, holder))) {
    throw new Error(
      `taking ${file}: process ${holder.pid} on ${holder.host} holds it since ${holder.since}; ` +
        'stop that scheduler, or remove the file if there is none',
    );
  }
  await rm(file, { force: true });
}

async function holderIn(file: string): Promise<Holder | null> {
  try {
    const read = holderShape.safeParse(JSON.parse(await readFile(file, 'utf8')));
    return read.success ? read.data : null;
  } catch {
    return null;
  }
}

/** Of another host nothing can be known, so its lock counts as held. */
async function isHolding(file: string, holder: Holder): Promise<boolean> {
  if (holder.host !== hostname()) return true;
  if (holder.pid === process.pid) return heldHere.has(file);
  const birth = await birthOf(holder.pid);
  if (holder.birth !== null && birth !== null && holder.birth !== birth) return false;
  try {
    process.kill(holder.pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
