/** Builds the dashboard into a folder that the scheduler serves: one HTML file, one script, one style sheet. */
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';

const home = path.dirname(fileURLToPath(import.meta.url));

export interface BuiltFile {
  /** Relative to the output folder, with `/`. */
  readonly file: string;
  readonly bytes: number;
  readonly gzipBytes: number;
}

/** Empties `outDir` and builds into it. Throws when the sources do not compile; types are checked by tsc alone. */
export async function buildDashboard(outDir: string): Promise<readonly BuiltFile[]> {
  await build({
    root: home,
    configFile: false,
    logLevel: 'warn',
    // Relative, so that the page also works behind a proxy that puts it under a path.
    base: './',
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
      outDir,
      emptyOutDir: true,
      target: 'es2022',
      // Nothing is inlined as data: a strict Content-Security-Policy stays possible.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
    },
  });
  return filesOf(outDir);
}

async function filesOf(dir: string): Promise<readonly BuiltFile[]> {
  const names = await readdir(dir, { recursive: true });
  const files = await Promise.all(
    names.sort().map(async (name) => {
      const file = path.join(dir, name);
      if (!(await stat(file)).isFile()) return [];
      const content = await readFile(file);
      const gzipBytes = gzipSync(content).length;
      return [{ file: name.split(path.sep).join('/'), bytes: content.length, gzipBytes }];
    }),
  );
  return files.flat();
}
