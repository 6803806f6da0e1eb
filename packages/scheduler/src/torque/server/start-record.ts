/** Which daemons we have started, in this life or an earlier one: only those are ours to stop. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { livingProcess, type LivingProcess } from './server-life.ts';

const shape = z.record(z.string(), z.string());

export interface StartRecord {
  /** Resolves once it is written. */
  started(name: string, pid: number): Promise<void>;
  /** The process that we started under that name, if it still runs. */
  running(name: string): Promise<number | null>;
  /** What tells that process from others, see `LivingProcess`; null when it does not run. */
  lifeOf(name: string): Promise<string | null>;
}

export function startRecordIn(directory: string): StartRecord {
  const file = path.join(directory, 'started.json');
  const load = async (): Promise<Record<string, string>> => {
    try {
      const read = shape.safeParse(JSON.parse(await readFile(file, 'utf8')));
      return read.success ? read.data : {};
    } catch {
      return {};
    }
  };
  const find = async (name: string): Promise<LivingProcess | null> => {
    const life = (await load())[name];
    const pid = Number(life?.split(' ')[0] ?? 0);
    const process = pid > 1 ? await livingProcess(pid) : null;
    return process?.life === life ? process : null;
  };
  const write = async (name: string, pid: number): Promise<void> => {
    const process = await livingProcess(pid);
    if (process === null) return;
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await writeFile(`${file}.new`, `${JSON.stringify({ ...(await load()), [name]: process.life })}\n`, {
      mode: 0o600,
    });
    await rename(`${file}.new`, file);
  };
  // One after the other: each writes the whole file.
  let last = Promise.resolve();
  return {
    started(name, pid) {
      const written = last.then(() => write(name, pid));
      last = written.catch(() => undefined);
      return written;
    },
    running: async (name) => (await find(name))?.pid ?? null,
    lifeOf: async (name) => (await find(name))?.life ?? null,
  };
}
