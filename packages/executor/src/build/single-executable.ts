/**
 * A program as one executable: Node's single executable application. Node 24 prepares the blob itself
 * (`--experimental-sea-config`); putting it into the binary is left to others, here to `elf.ts`.
 */
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runCommand } from '@mesos-torque/common/run-command.ts';
import { bundle } from './bundle.ts';
import { archOf, withNote } from './elf.ts';
import { runtimeFor, type Runtime } from './runtime.ts';

export interface ProgramSource {
  /** The program's file of TypeScript. */
  readonly entry: string;
  /** Options for Node and V8, built in. */
  readonly nodeOptions: readonly string[];
}

export interface SingleExecutable {
  readonly content: Buffer;
  /**
   * What it was built from, in 16 hexadecimal digits: the code, Node and its options. Two builds of the
   * same input have the same; the program itself knows it too.
   */
  readonly build: string;
  /** Of the folders of packages that are in it. */
  readonly packages: readonly string[];
}

const resourceName = 'NODE_SEA_BLOB';
/** Node looks for a blob only where the digit after the colon is 1. */
const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:';
/** Hashes in a code cache would differ from run to run; V8 does not compare this option. */
const sameEachTime = ['--random-seed=1'] as const;
const prepareTimeMsMax = 60_000;

/** Rejects with what went wrong. `root` is the workspace; the runtime is what it will run on. */
export async function singleExecutable(
  program: ProgramSource,
  runtime: Runtime,
  root: string,
): Promise<SingleExecutable> {
  const work = await mkdtemp(path.join(tmpdir(), 'mesos-torque-build-'));
  try {
    const { sha256, packages } = await bundle(program.entry, path.join(work, 'main.cjs'));
    const build = buildId([sha256, runtime.version, runtime.arch, ...program.nodeOptions]);
    await writeConfig(work, program, runtime, build);
    await prepareBlob(work, program, root);
    const blob = await readFile(path.join(work, 'main.blob'));
    const node = await readFile(runtime.file);
    if (archOf(node) !== runtime.arch) throw new Error(`${runtime.file} is not for ${runtime.arch}`);
    return { content: withNote(switchedOn(node), { name: resourceName, data: blob }), build, packages };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function buildId(parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 16);
}

async function writeConfig(
  work: string,
  program: ProgramSource,
  runtime: Runtime,
  build: string,
): Promise<void> {
  await writeFile(path.join(work, 'build-id'), build);
  const config = {
    main: 'main.cjs',
    output: 'main.blob',
    disableExperimentalSEAWarning: true,
    useSnapshot: false,
    // Compiled code is for one processor alone.
    useCodeCache: runtime.arch === process.arch,
    execArgv: program.nodeOptions,
    // NODE_OPTIONS of an agent's environment is not meant for us.
    execArgvExtension: 'none',
    assets: { 'build-id': 'build-id' },
  };
  await writeFile(path.join(work, 'sea.json'), JSON.stringify(config));
}

/** By the pinned Node of this machine: a code cache is good for exactly the version and options that made it. */
async function prepareBlob(work: string, { nodeOptions }: ProgramSource, root: string): Promise<void> {
  const node = await ownNode(root);
  const result = await runCommand(
    [node, ...nodeOptions, ...sameEachTime, '--experimental-sea-config', 'sea.json'],
    {
      cwd: work,
      timeoutMs: prepareTimeMsMax,
      outputBytesMax: 1024 * 1024,
      env: { PATH: process.env['PATH'] ?? '' },
    },
  );
  if (result.kind === 'exit' && result.code === 0) return;
  const said = result.kind === 'spawn-failed' ? result.error : result.stderr.toString('utf8').trim();
  throw new Error(`preparing the single executable: node ended with ${result.kind}: ${said}`);
}

async function ownNode(root: string): Promise<string> {
  const isLinux = process.platform === 'linux';
  return isLinux && (process.arch === 'x64' || process.arch === 'arm64')
    ? (await runtimeFor(process.arch, root)).file
    : process.execPath;
}

function switchedOn(node: Buffer): Buffer {
  const at = node.indexOf(`${fuse}0`);
  if (at === -1 || node.indexOf(fuse, at + 1) !== -1) {
    throw new Error('this Node takes no single executable application: its fuse is not there once, and off');
  }
  node[at + fuse.length] = '1'.charCodeAt(0);
  return node;
}
