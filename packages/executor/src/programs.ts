/** Programs on a PATH, found as the system would find them. */
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Attempt } from './ports.ts';

/** The file that runs under `name`: itself when it is an absolute path, else the first on `searchPath`. */
export async function findProgram(name: string, searchPath: string): Promise<Attempt<string>> {
  if (path.isAbsolute(name)) {
    return (await isProgram(name))
      ? { ok: true, value: name }
      : { ok: false, error: `no program ${name} on this agent` };
  }
  for (const dir of searchPath.split(':').filter((part) => path.isAbsolute(part))) {
    const file = path.join(dir, name);
    if (await isProgram(file)) return { ok: true, value: file };
  }
  return { ok: false, error: `no program ${name} on this agent's PATH ${searchPath}` };
}

async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}
