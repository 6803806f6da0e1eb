/** What is shipped: each program as an executable, packed for each architecture, with a manifest. */
import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { tarGz, type ArchiveFile } from './archive.ts';
import { bundle } from './bundle.ts';
import { licencesOf } from './licences.ts';
import { runtimeFor, type Arch } from './runtime.ts';
import { singleExecutable, type ProgramSource } from './single-executable.ts';

/** Written beside each archive, under its name with `.json` for `.tar.gz`. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly arch: Arch;
  /** The version of Node in it. */
  readonly node: string;
  readonly build: string;
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly unpackedBytes: number;
  readonly unpackedSha256: string;
}

export interface Shipment {
  /** The executable's name, and the beginning of the archive's. */
  readonly name: string;
  readonly version: string;
  readonly source: ProgramSource;
  readonly arch: Arch;
  /** Packed beside the executable, from files that are there, under the names given. */
  readonly beside: readonly { readonly name: string; readonly file: string }[];
  /** Everything goes below this folder in the archive; empty for none. */
  readonly folder: string;
}

/** Otherwise SIGUSR1 opens Node's inspector, a way into a process that holds secrets. */
const noInspector = '--disable-sigusr1';

/**
 * V8's bounds keep the memory of a program that sleeps most of the time at what it needs: without them
 * its young generation alone may grow to 48 MiB. Beyond the second bound it is a leak, and ends.
 */
export const executorOptions = ['--max-semi-space-size=1', '--max-old-space-size=128', noInspector] as const;

/** Of the scheduler's executable: its heap is as large as its queue. */
export const schedulerOptions = [noInspector] as const;

/** Builds one archive into `outDir`. Rejects with what went wrong. */
export async function ship(shipment: Shipment, outDir: string, root: string): Promise<Manifest> {
  const { name, arch } = shipment;
  const runtime = await runtimeFor(arch, root);
  const { content, build, packages } = await singleExecutable(shipment.source, runtime, root);
  const licences = await licencesOf(packages, runtime.licenceFile);
  const inFolder = (file: string): string => path.posix.join(shipment.folder, file);
  const files: ArchiveFile[] = [
    { name: inFolder(name), mode: 0o755, content },
    { name: inFolder(`${name}.licences.txt`), mode: 0o644, content: Buffer.from(licences) },
  ];
  for (const { name, file } of shipment.beside) {
    files.push({ name: inFolder(name), mode: 0o644, content: await readFile(file) });
  }
  const archive = await tarGz(files);
  const file = `${name}-linux-${arch}.tar.gz`;
  await mkdir(outDir, { recursive: true });
  await writeFile(path.join(outDir, file), archive);
  const manifest: Manifest = {
    name,
    version: shipment.version,
    arch,
    node: runtime.version,
    build,
    file,
    bytes: archive.length,
    sha256: sha256Of(archive),
    unpackedBytes: content.length,
    unpackedSha256: sha256Of(content),
  };
  await writeFile(path.join(outDir, `${name}-linux-${arch}.json`), `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}

/**
 * The program as one file that runs on this machine, for trying it out: as it is shipped but not packed. Where
 * Linux is not, a script for the Node that runs us.
 */
export async function runHere(source: ProgramSource, outFile: string, root: string): Promise<void> {
  await mkdir(path.dirname(outFile), { recursive: true });
  const { arch } = process;
  if (process.platform === 'linux' && (arch === 'x64' || arch === 'arm64')) {
    const { content } = await singleExecutable(source, await runtimeFor(arch, root), root);
    await writeFile(outFile, content);
  } else {
    const script = `${outFile}.js`;
    await bundle(source.entry, script);
    await writeFile(outFile, `#!${process.execPath}\n${await readFile(script, 'utf8')}`);
  }
  await chmod(outFile, 0o755);
}

function sha256Of(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
