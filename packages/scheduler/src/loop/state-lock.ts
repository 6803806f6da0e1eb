/**
 * A lock file that says who holds it. It keeps two schedulers from working with one state, which
 * would end each other's subscription again and again.
 */
import { open, readFile, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import process from 'node:process';
import { z } from 'zod';

const holderShape = z.object({ pid: z.int().min(1), host: z.string(), since: z.string() });
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

async function create(file: string): Promise<boolean> {
  const holder: Holder = { pid: process.pid, host: hostname(), since: new Date().toISOString() };
  try {
    const handle = await open(file, 'wx', 0o600);
    await handle.writeFile(`${JSON.stringify(holder)}\n`);
    await handle.close();
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

async function removeIfStale(file: string): Promise<void> {
  const holder = await holderIn(file);
  // A crash between making the file and writing it leaves it empty.
  if (holder !== null && isHolding(file, holder)) {
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
function isHolding(file: string, holder: Holder): boolean {
  if (holder.host !== hostname()) return true;
  if (holder.pid === process.pid) return heldHere.has(file);
  try {
    process.kill(holder.pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
