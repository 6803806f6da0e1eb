/** The folders from which the images are built, and tags that say what is in them. */
import { createHash } from 'node:crypto';
import { chmod, copyFile, cp, link, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { buildExecutor } from '@mesos-torque/minicluster/build-executor.ts';
import { writeAptFolder } from './apt.ts';
import { bundlePrograms } from './bundle.ts';

/** Beside the programs on the machines. */
export const executorName = 'torque-executor';

export interface Context {
  /** With the Dockerfile. */
  readonly dir: string;
  /** The same for the same content. */
  readonly tag: string;
}

/** Of `tools` and `zookeeper`: small, and changes rarely. Empties `dir` first. */
export async function baseContext(root: string, dir: string): Promise<Context> {
  await begin(root, dir, 'base.Dockerfile');
  await writeAptFolder(path.join(dir, 'apt'));
  return { dir, tag: await tagOf(dir) };
}

/** Of `machine`: changes with our programs. Empties `dir` first. */
export async function machineContext(root: string, dir: string): Promise<Context> {
  await begin(root, dir, 'machine.Dockerfile');
  const programs = path.join(dir, 'programs');
  await Promise.all([placeNode(path.join(dir, 'node')), bundlePrograms(root, programs)]);
  await buildExecutor(path.join(programs, executorName));
  return { dir, tag: await tagOf(dir) };
}

async function begin(root: string, dir: string, dockerfile: string): Promise<void> {
  const docker = path.join(root, 'docker');
  await rm(dir, { recursive: true, force: true });
  await mkdir(dir, { recursive: true });
  await copyFile(path.join(docker, dockerfile), path.join(dir, 'Dockerfile'));
  await cp(path.join(docker, 'machine'), path.join(dir, 'machine'), { recursive: true });
  await cp(path.join(root, 'packages/minicluster/mpi'), path.join(dir, 'mpi'), { recursive: true });
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
