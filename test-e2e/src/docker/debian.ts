/** The image that all images of ours stand on: Debian's slim one where it can be pulled, else made by debootstrap. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { installPackages, ownMirror, release } from './apt.ts';
import { docker, isThere, must, run } from './docker.ts';

export const debianImage = 'mesos-torque-e2e/debian:bookworm';
const official = 'debian:bookworm-slim';
const pullMsMax = 180_000;
const bootstrapMsMax = 600_000;

export async function hasImage(name: string): Promise<boolean> {
  const result = await run(['docker', 'image', 'inspect', '--format', '{{.Id}}', name]);
  return result.kind === 'exit' && result.code === 0;
}

/** Does nothing where it was made before. Rejects with the reasons of both ways. */
export async function ensureDebian(say: (line: string) => void): Promise<void> {
  if (await hasImage(debianImage)) return;
  const pulled = await pull();
  if (pulled === null) {
    say(`${official} was pulled`);
    return;
  }
  if (process.getuid?.() !== 0) throw new Error(`${pulled}; and to make it here takes root`);
  if (!(await isThere('debootstrap'))) await installPackages(['debootstrap'], say);
  const beganMs = performance.now();
  const dir = await mkdtemp(path.join(tmpdir(), 'debootstrap-'));
  try {
    await bootstrap(dir);
    await importFolder(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
  const seconds = ((performance.now() - beganMs) / 1000).toFixed(0);
  say(`${official} cannot be pulled here; debootstrap made the same in ${seconds} s`);
}

/** Null where it is here now, else why not. */
async function pull(): Promise<string | null> {
  if (!(await hasImage(official))) {
    const result = await run(['docker', 'pull', '--quiet', official], { timeoutMs: pullMsMax });
    if (result.kind !== 'exit' || result.code !== 0) {
      const said = result.kind === 'spawn-failed' ? result.error : result.stderr.toString('utf8').trim();
      return `pulling ${official}: ${said}`;
    }
  }
  await docker(['tag', official, debianImage]);
  return null;
}

async function bootstrap(dir: string): Promise<void> {
  const mirror = await ownMirror();
  // Certificates, for sites that fetch packages over https.
  const what = ['--variant=minbase', '--include=ca-certificates', release, dir];
  await must(['debootstrap', ...what, ...(mirror === null ? [] : [mirror])], { timeoutMs: bootstrapMsMax });
}

/** Without what was fetched on the way. */
async function importFolder(dir: string): Promise<void> {
  const left = [
    './var/cache/apt/archives/*.deb',
    './var/lib/apt/lists/*',
    './usr/share/doc/*',
    './usr/share/man/*',
  ];
  const pack = spawn('tar', ['-C', dir, ...left.map((pattern) => `--exclude=${pattern}`), '-c', '.'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const load = spawn('docker', ['import', '-', debianImage], { stdio: ['pipe', 'ignore', 'inherit'] });
  const ends = Promise.all([ending('tar', pack), ending('docker import', load)]);
  await pipeline(pack.stdout, load.stdin);
  await ends;
}

function ending(what: string, child: ReturnType<typeof spawn>): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${what} ended with exit code ${String(code)}`));
    });
  });
}
