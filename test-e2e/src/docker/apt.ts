/** How this machine reaches Debian's packages, so that machines in images reach them in the same way. */
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isThere, must, run } from './docker.ts';

/** Only sources for this release suit the images. */
export const release = 'bookworm';

/**
 * Fills `dir` as a folder to be laid over an image's /etc/apt: settings always; sources where this machine runs the same
 * release of Debian, else the image keeps its own.
 */
export async function writeAptFolder(dir: string): Promise<void> {
  await mkdir(path.join(dir, 'apt.conf.d'), { recursive: true });
  const dump = await run(['apt-config', 'dump', 'Acquire']);
  const settings = dump.kind === 'exit' && dump.code === 0 ? aptSettings(dump.stdout.toString('utf8')) : '';
  const noTranslations = 'Acquire::Languages "none";\n';
  await writeFile(path.join(dir, 'apt.conf.d', '90as-the-builder'), `${settings}${noTranslations}`);
  const sources = await ownSources();
  if (sources.length === 0) return;
  // Other sources of the image would be asked as well, and may not be reachable.
  await writeFile(path.join(dir, 'sources.list'), '');
  await mkdir(path.join(dir, 'sources.list.d'), { recursive: true });
  for (const file of sources) await cp(file, path.join(dir, 'sources.list.d', path.basename(file)));
}

/** The first address of Debian itself among this machine's sources; null for debootstrap's own. */
export async function ownMirror(): Promise<string | null> {
  for (const file of await ownSources()) {
    const mirror = mirrorIn(await readFile(file, 'utf8'));
    if (mirror !== null) return mirror;
  }
  return null;
}

/** From `deb [options] URL bookworm main` or from a paragraph with `URIs:` and `Suites:`. */
export function mirrorIn(sources: string): string | null {
  for (const paragraph of sources.split(/\n\s*\n/)) {
    const suites = /^Suites:\s*(.*)$/m.exec(paragraph)?.[1]?.split(/\s+/) ?? [];
    const address = /^URIs:\s*(\S+)/m.exec(paragraph)?.[1];
    if (address !== undefined && suites.includes(release)) return address;
  }
  const line = new RegExp(String.raw`^deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+${release}\s`, 'm').exec(sources);
  return line?.[1] ?? null;
}

/** Proxies, checks and retries; not where apt keeps files, and no programs. */
export function aptSettings(dump: string): string {
  const wanted = /^Acquire::(?:https?|Check-[\w-]+|Retries|ForceIPv[46])\b(?!.*Proxy-Auto-Detect)/i;
  return dump
    .split('\n')
    .filter((line) => wanted.test(line))
    .map((line) => `${line}\n`)
    .join('');
}

async function ownSources(): Promise<readonly string[]> {
  const about = await readFile('/etc/os-release', 'utf8').catch(() => '');
  if (!/^ID=debian$/m.test(about) || !about.includes(`VERSION_CODENAME=${release}`)) return [];
  const folder = '/etc/apt/sources.list.d';
  const names = await readdir(folder).catch(() => []);
  const files = names
    .filter((name) => /\.(?:list|sources)$/.test(name))
    .map((name) => path.join(folder, name));
  const all = ['/etc/apt/sources.list', ...files];
  const texts = await Promise.all(all.map((file) => readFile(file, 'utf8').catch(() => '')));
  // Third parties' sources need keys that the images do not have.
  return all.filter((_, index) => mirrorIn(texts[index] ?? '') !== null);
}

const installMsMax = 300_000;

/** Rejects with the reason where it cannot. */
export async function installPackages(names: readonly string[], say: (line: string) => void): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error(`${names.join(', ')}: only root can install packages`);
  if (!(await isThere('apt-get')))
    throw new Error(`${names.join(', ')}: there is no apt-get to install packages`);
  say(`installing ${names.join(', ')}`);
  const options = { timeoutMs: installMsMax, env: { DEBIAN_FRONTEND: 'noninteractive' } };
  await must(['apt-get', 'update', '-qq'], options);
  await must(['apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...names], options);
}
