/** The folder from which the images are built, and the tag that says what is in it. */
import { createHash } from 'node:crypto';
import { chmod, copyFile, cp, link, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { buildExecutor } from '@mesos-torque/minicluster/build-executor.ts';
import { writeAptFolder } from './apt.ts';
import { bundlePrograms } from './bundle.ts';

/** Beside the programs on the machines. */
export const executorName = 'torque-executor';

/** Empties and fills `dir`. Gives a tag: the same for the same content. */
export async function makeContext(root: string, dir: string): Promise<string> {
  await rm(dir, { recursive: true, force: true });
  await mkdir(dir, { recursive: true });
  const docker = path.join(root, 'docker');
  const programs = path.join(dir, 'programs');
  await Promise.all([
    copyFile(path.join(docker, 'Dockerfile'), path.join(dir, 'Dockerfile')),
    cp(path.join(docker, 'machine'), path.join(dir, 'machine'), { recursive: true }),
    cp(path.join(root, 'packages/minicluster/mpi'), path.join(dir, 'mpi'), { recursive: true }),
    writeAptFolder(path.join(dir, 'apt')),
    placeNode(path.join(dir, 'node')),
    bundlePrograms(root, programs).then(() => buildExecutor(path.join(programs, executorName))),
  ]);
  return tagOf(dir);
}

/** The Node that runs us: glibc's of 2018 and later will do. */
async function placeNode(to: string): Promise<void> {
  await link(process.execPath, to).catch(() => copyFile(process.execPath, to));
  await chmod(to, 0o755);
}

async function tagOf(dir: string): Promise<string> {
  const hash = createHash('sha256');
  const names = (await readdir(dir, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(dir, path.join(entry.parentPath, entry.name)));
  for (const name of names.sort()) {
    hash.update(`${name}\0`);
    // 120 MB that are told by their version.
    if (name === 'node') hash.update(`${process.version} ${process.arch}`);
    else hash.update(await readFile(path.join(dir, name)));
  }
  return hash.digest('hex').slice(0, 12);
}
