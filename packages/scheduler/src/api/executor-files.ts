/**
 * The executor as it was built: an archive or the executable itself, and its manifest, the file of the same
 * name with `.json` for `.tar.gz`, by which a file that was cut or exchanged is told from the one that was built.
 */
import { readFile } from 'node:fs/promises';
import { Artifact } from './artifact.ts';

export const archs = ['x64', 'arm64'] as const;
export type Arch = (typeof archs)[number];

export interface ExecutorFile {
  readonly artifact: Artifact;
  /** Null where there is no manifest. */
  readonly manifest: Manifest | null;
}

export interface Manifest {
  readonly version: string;
  readonly arch: Arch;
  /** What it was built from, in 16 hexadecimal digits: the executor tells the same in its statuses. */
  readonly build: string;
  readonly sha256: string;
}

/** `torque-executor-linux-x64.tar.gz` */
export function archiveName(arch: Arch): string {
  return `torque-executor-linux-${arch}.tar.gz`;
}

/** Rejects when it cannot be read, or is not what its manifest says. */
export async function openExecutorFile(file: string): Promise<ExecutorFile> {
  const artifact = await Artifact.open(file);
  try {
    const manifest = await manifestOf(file);
    if (manifest !== null && manifest.sha256 !== artifact.sha256) {
      throw new Error(
        `${file} was cut or exchanged: its sha256 is ${artifact.sha256}, and ${manifestFile(file)} says ${manifest.sha256}`,
      );
    }
    return { artifact, manifest };
  } catch (error) {
    await artifact.close();
    throw error;
  }
}

function manifestFile(file: string): string {
  return `${file.replace(/(?:\.tar\.gz|\.tgz)$/, '')}.json`;
}

async function manifestOf(file: string): Promise<Manifest | null> {
  const name = manifestFile(file);
  const text = await readFile(name, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return null;
  const manifest = readManifest(text);
  if (manifest === null) throw new Error(`${name} is no manifest of an executor`);
  return manifest;
}

function readManifest(text: string): Manifest | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof parsed !== 'object' || parsed === null) return null;
  const { version, arch, build, sha256 } = parsed as Record<string, unknown>;
  const known = archs.find((candidate) => candidate === arch);
  if (typeof version !== 'string' || known === undefined) return null;
  if (typeof build !== 'string' || typeof sha256 !== 'string') return null;
  return { version, arch: known, build, sha256 };
}
