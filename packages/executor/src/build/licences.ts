/** The licences of everything that is in an executable, as one text. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** One section per package folder, then Node's. A package without a licence file is named all the same. */
export async function licencesOf(packages: readonly string[], nodeLicenceFile: string): Promise<string> {
  const sections = await Promise.all(packages.map(sectionOf));
  const node = await readFile(nodeLicenceFile, 'utf8');
  return [...sections, `Node.js\n=======\n\n${node.trim()}\n`].join('\n\n');
}

async function sectionOf(folder: string): Promise<string> {
  const manifest = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8')) as {
    name?: string;
    version?: string;
    license?: string;
  };
  const title = `${manifest.name ?? path.basename(folder)} ${manifest.version ?? ''}`.trim();
  const file = (await readdir(folder)).sort().find((name) => /^licen[cs]e(\.|$)/i.test(name));
  const text =
    file === undefined
      ? `Licence: ${manifest.license ?? 'not named'}`
      : await readFile(path.join(folder, file), 'utf8');
  return `${title}\n${'='.repeat(title.length)}\n\n${text.trim()}\n`;
}
