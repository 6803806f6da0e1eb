/**
 * The home of a TORQUE that the host has already, /var/spool/torque, used in place of one of our own: what
 * we write into it is put back as it was when the mom has ended.
 */
import { access, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

const keptSuffix = '.before-mesos-torque';
/** Says that the host had no such file. */
const noneSuffix = '.not-before-mesos-torque';

/** Throws where this is no home of TORQUE. */
export async function requireHostHome(folder: string): Promise<void> {
  const found = await stat(path.join(folder, 'mom_priv')).catch(() => null);
  if (found?.isDirectory() !== true)
    throw new Error(`there is no mom_priv in ${folder}: is TORQUE installed here?`);
}

/** Keeps the host's own files beside ours. What was kept by an executor before is the host's still. */
export async function keepHostFiles(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const file = path.join(folder, name);
    if ((await isThere(`${file}${keptSuffix}`)) || (await isThere(`${file}${noneSuffix}`))) continue;
    await mkdir(path.dirname(file), { recursive: true });
    if (await isThere(file)) await rename(file, `${file}${keptSuffix}`);
    else await writeFile(`${file}${noneSuffix}`, '');
  }
}

/** Takes ours away and puts the host's back. */
export async function restoreHostFiles(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const file = path.join(folder, name);
    for (const ours of [file, `${file}${noneSuffix}`]) await rm(ours, { force: true });
    if (await isThere(`${file}${keptSuffix}`)) await rename(`${file}${keptSuffix}`, file);
  }
}

function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
