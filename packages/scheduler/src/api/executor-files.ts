/** The files that agents fetch to run the executor: the executor itself and the Node that runs it. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { Artifact } from './http-server.ts';

export interface ExecutorFiles {
  /** The executor, bundled into one file. */
  readonly executorFile: string;
  /** The Node that runs us and that agents of the same kind can run; null where they fetch it elsewhere. */
  readonly runtimeFile: string | null;
}

/**
 * Artifacts are named by their content: agents keep what they fetched by its address, and a new version must
 * not be mistaken for the old one.
 */
export async function executorArtifacts(
  files: ExecutorFiles,
): Promise<{ readonly executor: Artifact; readonly runtime: Artifact | null }> {
  return {
    executor: await artifact('torque-executor', files.executorFile, '.mjs'),
    runtime: files.runtimeFile === null ? null : await artifact('node', files.runtimeFile, ''),
  };
}

async function artifact(name: string, file: string, suffix: string): Promise<Artifact> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return { name: `${name}-${hash.digest('hex').slice(0, 16)}${suffix}`, file };
}
