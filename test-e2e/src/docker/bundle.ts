/**
 * Our programs for the machines: each as one file of JavaScript, below a folder that has the places of the sources, so that
 * what they look for beside themselves is found. Machines need a Node and no packages.
 */
import { cp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build, type Plugin } from 'esbuild';

/** Where the folder is put on the machines. */
export const programsDir = '/opt/mesos-torque';
export const schedulerProgram = `${programsDir}/packages/scheduler/src/main.js`;

const entries = [
  'packages/scheduler/src/main.ts',
  'packages/minicluster/src/torque/launch.ts',
  'packages/minicluster/src/mesos/master-main.ts',
  'packages/minicluster/src/mesos/agent-main.ts',
  'packages/minicluster/src/mesos/command-executor-main.ts',
  'test-e2e/src/docker/image/install-stand-ins.ts',
] as const;

/** Writes the programs below `outDir`. Rejects when one cannot be built. */
export async function bundlePrograms(root: string, outDir: string): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: [...entries],
    outbase: root,
    outdir: outDir,
    chunkNames: 'chunks/[hash]',
    bundle: true,
    // Commands of TORQUE load what they need and no more: they are started often.
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    keepNames: true,
    legalComments: 'none',
    logLevel: 'silent',
    // Packages in CommonJS ask for Node's own modules in their way.
    banner: {
      js: `import { createRequire as ownRequire } from 'node:module'; const require = ownRequire(import.meta.url);`,
    },
    plugins: [placesOfSources(root)],
  });
  await cp(path.join(root, 'protos'), path.join(outDir, 'protos'), { recursive: true });
  await Promise.all(entries.map((entry) => writeShim(path.join(outDir, entry))));
  await writeFile(path.join(outDir, 'package.json'), '{ "type": "module" }\n');
  await writeFile(
    path.join(outDir, 'install-stand-ins.mjs'),
    `import './test-e2e/src/docker/image/install-stand-ins.js';\n`,
  );
}

/** Programs name each other by their sources' names. */
function writeShim(source: string): Promise<void> {
  return writeFile(source, `export * from './${path.basename(source, '.ts')}.js';\n`);
}

/** A source that asks where it is gets the place that it would have on the machine. */
function placesOfSources(root: string): Plugin {
  return {
    name: 'places-of-sources',
    setup(options) {
      options.onLoad({ filter: /\/(packages|test-e2e)\/.*\.ts$/ }, async ({ path: file }) => {
        if (file.includes('node_modules')) return null;
        const place = path.posix.join(programsDir, path.relative(root, file));
        const text = await readFile(file, 'utf8');
        return { contents: withPlace(text, place), loader: 'ts' };
      });
    },
  };
}

export function withPlace(source: string, place: string): string {
  return source
    .replaceAll('import.meta.url', JSON.stringify(`file://${place}`))
    .replaceAll('import.meta.dirname', JSON.stringify(path.posix.dirname(place)));
}
