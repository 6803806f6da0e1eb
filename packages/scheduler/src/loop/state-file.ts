/**
 * The durable state in a directory: `state.json`, replaced as a whole, and `lock`, which says who
 * works on it. A state that cannot be read is an error and is never written over: it names tasks that
 * would be forgotten.
 */
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { takeLock } from './state-lock.ts';
import type { DurableState, StatePort } from './ports.ts';

const version = 1;

const count = z.int().min(0);
const timeMs = z.number();

const goal = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('hold') }),
  z.strictObject({ kind: z.literal('drain'), sinceMs: timeMs, why: z.string() }),
  z.strictObject({ kind: z.literal('leave'), sinceMs: timeMs, why: z.string() }),
]);

const intent = z.strictObject({
  taskId: z.string().min(1),
  agentId: z.string().min(1),
  nodeName: z.string().min(1),
  np: count,
  gpus: count,
  properties: z.array(z.string()),
  resources: z.strictObject({ cpuMilli: count, memMib: count, diskMib: count, gpus: count }),
  ports: z.strictObject({ service: count, manager: count }).nullable(),
  launchedAtMs: timeMs,
  goal,
});

const stateShape = z.strictObject({
  version: z.literal(version),
  frameworkId: z.string().min(1).nullable(),
  nextSerial: count,
  intents: z.array(intent),
});

export interface StateFile extends StatePort {
  /** Gives the lock back. */
  close(): Promise<void>;
}

/**
 * Takes the directory (made if it is not there) for this process. Rejects when another process that
 * runs holds it.
 */
export async function openStateFile(directory: string): Promise<StateFile> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const release = await takeLock(path.join(directory, 'lock'));
  const file = path.join(directory, 'state.json');
  return {
    load: () => load(file),
    save: (state) => save(directory, file, state),
    close: release,
  };
}

async function load(file: string): Promise<DurableState | null> {
  const text = await textIn(file);
  if (text === null) return null;
  const read = stateShape.safeParse(parsed(file, text));
  if (!read.success) throw unreadable(file, z.prettifyError(read.error).replaceAll('\n', ' '));
  const { frameworkId, nextSerial, intents } = read.data;
  return { frameworkId, nextSerial, intents };
}

async function textIn(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

function parsed(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw unreadable(file, error instanceof Error ? error.message : String(error));
  }
}

function unreadable(file: string, detail: string): Error {
  return new Error(
    `reading the state in ${file}: ${detail}. It names the framework and its tasks; restore it from a copy, ` +
      'or move it away to begin as a new framework (tasks of the old one then end with its failover time)',
  );
}

/** Whoever reads sees the old state or the new one, also after a loss of power. */
async function save(directory: string, file: string, state: DurableState): Promise<void> {
  const temporary = `${file}.new`;
  const handle = await open(temporary, 'w', 0o600);
  try {
    await handle.writeFile(`${JSON.stringify({ version, ...state }, null, 1)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
  await syncDirectory(directory);
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
