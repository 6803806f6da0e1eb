/**
 * The durable state in a directory: `state.json`, replaced as a whole, and `lock`, which says who
 * works on it. A state that cannot be read is an error and is never written over: it names tasks that
 * would be forgotten.
 */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { replaceFile, textIn } from './durable-file.ts';
import { takeLock } from './state-lock.ts';
import { readStateText, stateText } from './state-text.ts';
import type { DurableState, StatePort } from './ports.ts';

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
    save: async (state) => {
      await replaceFile(file, stateText(state));
    },
    close: release,
  };
}

async function load(file: string): Promise<DurableState | null> {
  const text = await textIn(file);
  return text === null ? null : readStateText(text, file);
}
