/** A program of ours with all that it imports, as one file of JavaScript. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';

export interface Bundle {
  readonly file: string;
  /** Size. */
  readonly bytes: number;
  /** In hexadecimal, of the file's content. */
  readonly sha256: string;
  /** The folders of the packages that are in it. */
  readonly packages: readonly string[];
}

/**
 * Writes the bundle of `entry` to `outFile`, for the Node that the workspace pins. It is CommonJS: that is what a
 * single executable of Node 24 holds. Rejects when it cannot be built.
 */
export async function bundle(entry: string, outFile: string): Promise<Bundle> {
  const { metafile } = await build({
    entryPoints: [entry],
    outfile: outFile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node24',
    minify: true,
    keepNames: true,
    legalComments: 'none',
    logLevel: 'silent',
    metafile: true,
  });
  const content = await readFile(outFile);
  return {
    file: outFile,
    bytes: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
    packages: packagesOf(Object.keys(metafile.inputs)),
  };
}

/** `…/node_modules/pino/lib/proto.js` is of `…/node_modules/pino`. */
function packagesOf(inputs: readonly string[]): readonly string[] {
  const folders = inputs.flatMap(
    (input) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path.resolve(input))?.[0] ?? [],
  );
  return [...new Set(folders)].sort();
}
