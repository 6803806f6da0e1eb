/** Looks at this machine. Everything has a time limit, and nothing is left behind. */
import { lookup, reverse } from 'node:dns/promises';
import { mkdtemp, readFile, realpath, rmdir, stat, statfs } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { silentLog } from '@mesos-torque/common/logger.ts';
import { runCommand } from '@mesos-torque/common/run-command.ts';
import { messageOf } from '@mesos-torque/common/text.ts';
import type { CheckFlags } from '../command-line.ts';
import { homeFilesPort } from '../home-files.ts';
import { findProgram } from '../programs.ts';
import type {
  HomeFacts,
  MachineFacts,
  NameFacts,
  PortFacts,
  ProgramFacts,
  Seen,
  ServerFacts,
} from './facts.ts';
import { mountOptionsOf } from './read-mounts.ts';
import { readRights } from './read-rights.ts';

const lookTimeMsMax = 10_000;
const serverPortDefault = 15_001;

/** Never rejects. */
export async function probe(flags: CheckFlags): Promise<MachineFacts> {
  const [rights, ports, home, programs, ownName, server, schedulerAheadMs] = await Promise.all([
    lookAtRights(),
    Promise.all([flags.servicePort, flags.managerPort].map(lookAtPort)),
    lookAtHome(path.resolve(flags.home ?? '.')),
    lookAtPrograms(flags),
    lookAtName(os.hostname()),
    flags.pbsServer === null ? null : lookAtServer(flags.pbsServer),
    flags.scheduler === null ? null : seen(() => aheadOfUs(flags.scheduler ?? '')),
  ]);
  const uid = process.getuid?.() ?? null;
  return { uid, rights, ports, home, programs, ownName, server, schedulerAheadMs };
}

async function seen<T>(look: () => Promise<T>): Promise<Seen<T>> {
  const limit = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`no answer within ${lookTimeMsMax / 1000} s`));
    }, lookTimeMsMax);
    timer.unref();
  });
  try {
    return { ok: true, value: await Promise.race([look(), limit]) };
  } catch (error) {
    return { ok: false, error: messageOf(error) };
  }
}

async function lookAtRights(): Promise<MachineFacts['rights']> {
  const texts = await seen(() =>
    Promise.all([readFile('/proc/self/limits', 'utf8'), readFile('/proc/self/status', 'utf8')]),
  );
  return texts.ok ? readRights(...texts.value) : texts;
}

function lookAtPort(port: number): Promise<PortFacts> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', (error) => {
      resolve({ port, problem: error.message });
    });
    server.listen({ port, host: '0.0.0.0', exclusive: true }, () => {
      server.close(() => {
        resolve({ port, problem: null });
      });
    });
  });
}

async function lookAtHome(folder: string): Promise<HomeFacts> {
  const made = await seen(async () => {
    const trial = await mkdtemp(path.join(folder, '.torque-executor-check-'));
    await rmdir(trial);
    return path.join(await realpath(folder), 'torque-home');
  });
  const freeMib = await seen(async () => {
    const { bavail, bsize } = await statfs(folder);
    return (bavail * bsize) / (1024 * 1024);
  });
  if (!made.ok) {
    const unseen = { ok: false, error: made.error } as const;
    return { folder, problem: made.error, pathFault: null, closedFolders: [], mountOptions: unseen, freeMib };
  }
  const real = path.dirname(made.value);
  const mounts = await seen(() => readFile('/proc/self/mountinfo', 'utf8'));
  return {
    folder,
    problem: null,
    pathFault: await pathFaultOf(real),
    closedFolders: await closedFolders(path.dirname(real)),
    mountOptions: mounts.ok ? mountOptionsOf(real, mounts.value) : mounts,
    freeMib,
  };
}

/** As the executor itself explains a mom that took offence at its home. */
function pathFaultOf(folder: string): Promise<string | null> {
  const owner = { frameworkId: 'check', executorId: 'check', sandbox: folder };
  const port = homeFilesPort({ owner, linkDirs: [], log: silentLog });
  return port.pathFault({
    path: folder,
    folder,
    inSandbox: true,
    hostFiles: [],
    mark: 'MESOS_TORQUE_MOM=check',
    frameworkMark: 'MESOS_TORQUE_FRAMEWORK=check',
  });
}

/** The folder itself is not among them: the executor opens its sandbox. */
async function closedFolders(folder: string): Promise<HomeFacts['closedFolders']> {
  const { mode } = await stat(folder);
  const closed = (mode & 0o001) === 0 ? [{ folder, mode: mode & 0o7777 }] : [];
  const parent = path.dirname(folder);
  return parent === folder ? closed : [...closed, ...(await closedFolders(parent))];
}

async function lookAtPrograms(flags: CheckFlags): Promise<readonly ProgramFacts[]> {
  const searchPath = flags.path ?? process.env['PATH'] ?? '';
  const [pbsMom, momctl] = await Promise.all([
    findProgram(flags.pbsMom, searchPath),
    findProgram(flags.momctl, searchPath),
  ]);
  return [
    { name: 'pbs_mom', file: pbsMom, version: pbsMom.ok ? await versionOf(pbsMom.value) : null },
    // momctl has no option that only tells its version.
    { name: 'momctl', file: momctl, version: null },
  ];
}

/** 6.1.3 prints "Version: 6.1.3.h5" and the commit. */
async function versionOf(program: string): Promise<Seen<string>> {
  const result = await runCommand([program, '--version'], {
    timeoutMs: lookTimeMsMax,
    outputBytesMax: 64 * 1024,
  });
  if (result.kind === 'spawn-failed') return { ok: false, error: result.error };
  const said = `${result.stdout.toString('utf8')}\n${result.stderr.toString('utf8')}`;
  const version = /version:?\s+(?<version>[0-9][^\s,]*)/i.exec(said)?.groups?.['version'];
  if (version !== undefined) return { ok: true, value: version };
  const first = said.trim().split('\n')[0] ?? '';
  const end = result.kind === 'exit' ? `exit code ${result.code}` : result.kind;
  return { ok: false, error: `--version ended with ${end}${first === '' ? '' : `: ${first}`}` };
}

/** Forward and back. Never rejects. */
export async function lookAtName(name: string): Promise<NameFacts> {
  const found = await seen(() => lookup(name, { all: true }));
  if (!found.ok) return { name, addresses: found, namesOf: new Map() };
  const addresses = found.value.map(({ address }) => address);
  const names = await Promise.all(
    addresses.map(async (address) => [address, await namesOf(address)] as const),
  );
  return { name, addresses: { ok: true, value: addresses }, namesOf: new Map(names) };
}

/** The name service of the system first, as TORQUE asks it: it knows /etc/hosts. */
async function namesOf(address: string): Promise<Seen<readonly string[]>> {
  const bySystem = await seen(() => lookupName(address));
  if (bySystem.ok) return { ok: true, value: [bySystem.value] };
  return seen(() => reverse(address));
}

function lookupName(address: string): Promise<string> {
  return import('node:dns').then(
    ({ lookupService }) =>
      new Promise((resolve, reject) => {
        lookupService(address, 0, (error, hostname) => {
          if (error !== null) reject(error);
          else if (hostname === address) reject(new Error(`${address} has no name`));
          else resolve(hostname);
        });
      }),
  );
}

async function lookAtServer(server: string): Promise<ServerFacts> {
  const [name = '', port] = server.split(':');
  const number = port === undefined ? serverPortDefault : Number(port);
  const [facts, connection] = await Promise.all([lookAtName(name), seen(() => connected(name, number))]);
  return { ...facts, port: number, connectProblem: connection.ok ? null : connection.error };
}

function connected(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host, port });
    socket.setTimeout(lookTimeMsMax, () => {
      socket.destroy(new Error(`no answer within ${lookTimeMsMax / 1000} s`));
    });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
  });
}

/** Of the Date that its HTTP server sends, which counts whole seconds: half a second is added. */
async function aheadOfUs(url: string): Promise<number> {
  const { get } = url.startsWith('https:') ? await import('node:https') : await import('node:http');
  return new Promise((resolve, reject) => {
    const askedMs = Date.now();
    const request = get(new URL('/healthz', url), (response) => {
      response.resume();
      const theirsMs = Date.parse(response.headers.date ?? '');
      if (Number.isNaN(theirsMs)) reject(new Error('its answer has no Date'));
      else resolve(theirsMs + 500 - (askedMs + Date.now()) / 2);
    });
    request.setTimeout(lookTimeMsMax, () => {
      request.destroy(new Error(`no answer within ${lookTimeMsMax / 1000} s`));
    });
    request.once('error', reject);
  });
}
