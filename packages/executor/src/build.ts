/**
 * The executor as one file, for the Mesos fetcher. Agents get it together with a node runtime, so the
 * command that Mesos runs is `./node ./torque-executor.mjs`.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';

/** The name under which agents keep it. */
export const executorFileName = 'torque-executor.mjs';

export interface Bundle {
  readonly file: string;
  /** Size. */
  readonly bytes: number;
  /** In hexadecimal, of the file's content. */
  readonly sha256: string;
}

/**
 * CommonJS packages in the bundle (pino) call `require` for Node's own modules, which an ES module does
 * not have.
 */
const requireForPackages =
  "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);";

/** Writes the bundle to `outFile`, for the Node that the workspace pins. Rejects when it cannot be built. */
export async function bundleExecutor(outFile: string): Promise<Bundle> {
  await build({
    entryPoints: [path.join(import.meta.dirname, 'main.ts')],
    outfile: outFile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    minify: true,
    keepNames: true,
    banner: { js: requireForPackages },
    legalComments: 'none',
    logLevel: 'silent',
  });
  const content = await readFile(outFile);
  return { file: outFile, bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') };
}
