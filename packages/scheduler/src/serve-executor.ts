/** Which executor each agent gets, and from where: our own files, or an address of the site's choice. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { isSea } from 'node:sea';
import { messageOf, quote } from '@mesos-torque/common/text.ts';
import type { Artifact } from './api/artifact.ts';
import { archiveName, archs, openExecutorFile, type Arch, type ExecutorFile } from './api/executor-files.ts';
import type { ExecutorConfig } from './config.ts';
import type { ExecutorProgram, ExecutorUri, ProgramChoice } from './mesos/client-options.ts';
import { verifiedProgram } from './verified-executor.ts';

export interface Executors {
  /** What we serve; nothing where the site does. */
  readonly artifacts: readonly Artifact[];
  /** What executors of ours say they were built from; empty where that is not known. */
  readonly builds: ReadonlySet<string>;
  /** What tells them from others, for `Policy.executorId`: their content where we serve them, else their address. */
  readonly id: string;
  /** `baseUrl` is where our artifacts are served, without a slash at its end. */
  readonly programFor: (attributes: Readonly<Record<string, string>>, baseUrl: string) => ProgramChoice;
  close(): Promise<void>;
}

const programName = 'torque-executor';

/** Rejects, naming the option, when the executor that we should serve is not there or not whole. */
export async function openExecutors(
  config: ExecutorConfig,
  ownArch: string = process.arch,
): Promise<Executors> {
  const usual = config.arch ?? archs.find((arch) => arch === ownArch) ?? 'x64';
  const files = config.uri === null ? await openFiles(config) : [];
  return {
    artifacts: files.map(({ artifact }) => artifact),
    builds: new Set(files.flatMap(({ manifest }) => manifest?.build ?? [])),
    id:
      config.uri ??
      files
        .map(({ artifact }) => artifact.sha256)
        .toSorted()
        .join(' '),
    programFor: (attributes, baseUrl) => {
      const arch = archOf(attributes, config.archAttribute, usual);
      if (!arch.ok) return arch;
      if (config.uri !== null) return siteProgram(config, config.uri, arch.value);
      return ownProgram(files, arch.value, baseUrl);
    },
    async close() {
      await Promise.all(files.map(({ artifact }) => artifact.close()));
    },
  };
}

async function openFiles(config: ExecutorConfig): Promise<readonly ExecutorFile[]> {
  const names = config.file === null ? builtFiles() : [config.file];
  try {
    if (names.length === 0) throw new Error(`there is no ${archiveName('x64')} in ${builtDir()}`);
    return await Promise.all(names.map(openExecutorFile));
  } catch (error) {
    const why = messageOf(error);
    throw new Error(`executor.file: ${why}; build it with "npm run build", or name another file`);
  }
}

function builtFiles(): readonly string[] {
  return archs.map((arch) => path.join(builtDir(), archiveName(arch))).filter((file) => existsSync(file));
}

/** Where what was built with us is: beside a scheduler that is one executable; for one that runs from its sources, where they are built to. */
export function builtDir(): string {
  return isSea() ? path.dirname(process.execPath) : path.join(import.meta.dirname, '../../../dist');
}

const archNames: Readonly<Record<string, Arch>> = {
  x64: 'x64',
  x86_64: 'x64',
  'x86-64': 'x64',
  amd64: 'x64',
  arm64: 'arm64',
  aarch64: 'arm64',
};

type ArchChoice = { readonly ok: true; readonly value: Arch } | { readonly ok: false; readonly why: string };

function archOf(
  attributes: Readonly<Record<string, string>>,
  attribute: string | null,
  usual: Arch,
): ArchChoice {
  const said = attribute === null ? undefined : attributes[attribute];
  if (said === undefined) return { ok: true, value: usual };
  const arch = archNames[said.toLowerCase()];
  return arch === undefined
    ? { ok: false, why: `its attribute ${String(attribute)} is ${quote(said)}, no architecture that we know` }
    : { ok: true, value: arch };
}

/** A file without a manifest was named by the administrator, for all agents. */
function ownProgram(files: readonly ExecutorFile[], arch: Arch, baseUrl: string): ProgramChoice {
  const file = files.find(({ manifest }) => manifest === null || manifest.arch === arch);
  if (file === undefined) {
    const there = files.flatMap(({ manifest }) => manifest?.arch ?? []);
    return { ok: false, why: `there is no executor for ${arch}, only for ${there.join(', ')}` };
  }
  const { name, sha256 } = file.artifact;
  return { ok: true, program: programAt(`${baseUrl}/artifact/${name}`, true, [sha256]) };
}

function siteProgram(
  { uriCache, uriSha256s }: Pick<ExecutorConfig, 'uriCache' | 'uriSha256s'>,
  uri: string,
  arch: Arch,
): ProgramChoice {
  return { ok: true, program: programAt(uri.replaceAll('{arch}', arch), uriCache, uriSha256s) };
}

/**
 * An archive has the executable in it under its name; anything else is the executable. Without a checksum
 * the fetcher unpacks, and nothing is verified.
 */
function programAt(value: string, cache: boolean, sha256s: readonly string[]): ExecutorProgram {
  const isArchive = /\.(?:tar|tar\.gz|tgz|tar\.bz2|tbz2|tar\.xz|txz|zip)$/.test(value);
  if (sha256s.length > 0) return verifiedProgram({ value, cache }, programName, isArchive, sha256s);
  const uri: ExecutorUri = {
    value,
    executable: !isArchive,
    extract: isArchive,
    cache,
    outputFile: isArchive ? null : programName,
  };
  return {
    uris: [uri],
    command: { value: `./${programName}`, arguments: [`./${programName}`] },
  };
}
