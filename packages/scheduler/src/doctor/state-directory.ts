/** The state directory: there or possible, ours to write, and held by one scheduler at the most. */
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import path from 'node:path';
import { lockHolder } from '../loop/state-lock.ts';
import { ok, wrong, type Check, type Verdict } from './check.ts';
import { codeOf } from './probes.ts';

export interface DirectorySeen {
  readonly directory: string;
  readonly exists: boolean;
  /** Null when it may be written, or made; otherwise the system's reason. */
  readonly obstacle: string | null;
  readonly isOpenToOthers: boolean;
  readonly holder: { readonly pid: number; readonly host: string } | null;
}

export function judgeDirectory(seen: DirectorySeen, user: string): Verdict {
  const { directory, obstacle, holder } = seen;
  if (obstacle !== null) {
    return wrong(
      `${directory} cannot be ${seen.exists ? 'written' : 'made'} by ${user}: ${obstacle}`,
      `as root: install -d -m 700 -o ${user} ${directory}; or set stateDir`,
    );
  }
  if (seen.isOpenToOthers) {
    return {
      status: 'warning',
      found: `${directory} can be written by others`,
      remedy: `chmod go-w ${directory}`,
    };
  }
  if (holder !== null)
    return ok(`${directory}, held by a scheduler that runs (process ${holder.pid} on ${holder.host})`);
  return ok(seen.exists ? `${directory}, held by nobody` : `${directory} will be made`);
}

export function directoryCheck(directory: string, user: string): Check {
  return {
    name: 'state directory',
    needs: [],
    probe: async () => judgeDirectory(await look(directory), user),
  };
}

async function look(directory: string): Promise<DirectorySeen> {
  const seen = await stat(directory).catch((error: unknown) => codeOf(error));
  if (typeof seen === 'string') {
    const obstacle = seen === 'ENOENT' ? await obstacleIn(await existingParent(directory)) : seen;
    return { directory, exists: seen !== 'ENOENT', obstacle, isOpenToOthers: false, holder: null };
  }
  const obstacle = seen.isDirectory() ? await obstacleIn(directory) : 'it is no directory';
  const holder = obstacle === null ? await lockHolder(path.join(directory, 'lock')) : null;
  return { directory, exists: true, obstacle, isOpenToOthers: (seen.mode & 0o022) !== 0, holder };
}

async function existingParent(directory: string): Promise<string> {
  const parent = path.dirname(directory);
  if (parent === directory) return directory;
  return (await access(parent).then(
    () => true,
    () => false,
  ))
    ? parent
    : existingParent(parent);
}

async function obstacleIn(directory: string): Promise<string | null> {
  return access(directory, constants.W_OK | constants.X_OK).then(
    () => null,
    (error: unknown) => `${codeOf(error)} at ${directory}`,
  );
}
