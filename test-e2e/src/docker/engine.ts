/** A docker engine to work with: the one that runs or, as root where Debian's packages can be had, one that we start. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { waitUntil } from '@mesos-torque/minicluster/wait-until.ts';
import type { Argv } from '@mesos-torque/common/run-command.ts';
import { messageOf } from '@mesos-torque/common/text.ts';
import { installPackages } from './apt.ts';
import { isThere, run } from './docker.ts';

export interface Engine {
  /** The command that reads compose files: `docker compose` or `docker-compose`. */
  readonly compose: Argv;
  /** Ends the engine where we started it. */
  stop(): Promise<void>;
}

export type EngineOrWhyNot =
  { readonly kind: 'engine'; readonly engine: Engine } | { readonly kind: 'none'; readonly why: string };

const packages = ['docker.io', 'docker-compose', 'debootstrap'];
const startMsMax = 60_000;

/** Installs and starts what is missing, where it may. `logDir` is for an engine of ours. */
export async function ensureEngine(logDir: string, say: (line: string) => void): Promise<EngineOrWhyNot> {
  try {
    await installWhatIsMissing(say);
    const daemon = (await answers()) ? null : await startEngine(logDir, say);
    const compose = await composeCommand();
    if (compose === null) return none('neither docker compose nor docker-compose is installed');
    return { kind: 'engine', engine: { compose, stop: () => endEngine(daemon) } };
  } catch (error) {
    return none(messageOf(error));
  }
}

function none(why: string): EngineOrWhyNot {
  return { kind: 'none', why };
}

async function answers(): Promise<boolean> {
  const result = await run(['docker', 'version', '--format', '{{.Server.Version}}'], { timeoutMs: 20_000 });
  return result.kind === 'exit' && result.code === 0;
}

async function composeCommand(): Promise<Argv | null> {
  const plugin = await run(['docker', 'compose', 'version'], { timeoutMs: 20_000 });
  if (plugin.kind === 'exit' && plugin.code === 0) return ['docker', 'compose'];
  return (await isThere('docker-compose')) ? ['docker-compose'] : null;
}

async function installWhatIsMissing(say: (line: string) => void): Promise<void> {
  const hasEngine = (await answers()) || (await isThere('dockerd'));
  if ((await isThere('docker')) && hasEngine && (await composeCommand()) !== null) return;
  await installPackages(packages, say);
}

async function startEngine(logDir: string, say: (line: string) => void): Promise<ChildProcess> {
  if (process.getuid?.() !== 0)
    throw new Error('the docker engine does not answer, and only root can start it');
  mkdirSync(logDir, { recursive: true });
  const log = path.join(logDir, 'dockerd.log');
  say(`starting dockerd; its log is ${log}`);
  const output = openSync(log, 'a');
  const daemon = spawn('dockerd', [], { detached: true, stdio: ['ignore', output, output] });
  const failed = new Promise<never>((_, reject) => {
    daemon.once('error', reject);
    daemon.once('exit', (code) => {
      reject(new Error(`dockerd ended with exit code ${String(code)}: see ${log}`));
    });
  });
  await Promise.race([
    failed,
    waitUntil({ what: 'the docker engine answers', timeoutMs: startMsMax, everyMs: 300 }, answers),
  ]);
  failed.catch(() => undefined);
  // With --keep the engine outlives us.
  daemon.unref();
  return daemon;
}

async function endEngine(daemon: ChildProcess | null): Promise<void> {
  if (daemon?.exitCode !== null) return;
  const ended = new Promise((resolve) => daemon.once('exit', resolve));
  daemon.ref();
  daemon.kill('SIGTERM');
  await ended;
}
