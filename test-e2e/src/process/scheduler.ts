/** One of our schedulers, as the program that a site would start, from a configuration file of the story's. */
import { copyFile, mkdir, readFile, appendFile, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startDaemon, type Daemon as Process } from '@mesos-torque/minicluster/daemon.ts';
import { localHost } from '@mesos-torque/minicluster/hosts/host.ts';
import { waitUntil } from '@mesos-torque/minicluster/wait-until.ts';
import type { Account, Configuration, Machine, Scheduler } from '../site.ts';

export interface SchedulerParts {
  readonly name: Scheduler['name'];
  readonly dir: string;
  readonly head: Machine;
  readonly port: number;
  /** Below this the story of the moment keeps its files. */
  storyDir(): string;
  readonly masterAddress: string;
  readonly serverName: string;
  readonly executorFile: string;
  /** The whole environment of a program that is to act as the account. */
  environmentOf(account: Account): Readonly<Record<string, string>>;
}

const main = fileURLToPath(new URL('../../../packages/scheduler/src/main.ts', import.meta.url));
const readyMsMax = 60_000;
const stopMsMax = 30_000;

export function localScheduler(parts: SchedulerParts): Scheduler {
  const { name, head } = parts;
  const url = `http://127.0.0.1:${String(parts.port)}`;
  // The path of a unix socket may have a hundred characters at the most: it is the same for all stories.
  const socket = path.join(parts.dir, `${name}.sock`);
  const file = (ending: string): string => path.join(parts.storyDir(), `${name}${ending}`);
  let daemon: Process | null = null;
  return {
    name,
    url,
    get stateDir() {
      return file('.state');
    },
    get configFile() {
      return file('.yaml');
    },
    async start(options) {
      await mkdir(parts.storyDir(), { recursive: true });
      const executor = await executorOf(parts, options.executorVersion ?? null);
      const base = baseConfiguration(parts, { socket, stateDir: file('.state'), executor });
      // JSON is YAML: what is written here is read as any administrator's file.
      await writeFile(file('.yaml'), `${JSON.stringify(laidOver(base, options.config), null, 2)}\n`);
      daemon = startDaemon(localHost(head.name), {
        name,
        argv: [process.execPath, main, 'run', '--config', file('.yaml')],
        env: parts.environmentOf(options.as ?? 'root'),
        cwd: parts.dir,
        logDir: parts.storyDir(),
      });
      if (options.waitReady ?? true) await ready(daemon, url);
    },
    async stop() {
      await daemon?.stop(stopMsMax);
    },
    async kill() {
      daemon?.signal('SIGKILL');
      await daemon?.ended;
    },
    isRunning: () => Promise.resolve(daemon?.exit() === null),
    exitCode() {
      const exit = daemon?.exit() ?? null;
      return Promise.resolve(
        exit === null ? null : (exit.code ?? 128 + os.constants.signals[exit.signal ?? 'SIGKILL']),
      );
    },
    log: () => readFile(file('.err'), 'utf8').catch(() => ''),
    cli(args, as = 'root') {
      const ownConfig = ['config', 'doctor', 'setup', 'run'].includes(args[0] ?? '');
      const where = ownConfig ? ['--config', file('.yaml')] : ['--socket', socket];
      return head.run([process.execPath, main, ...args, ...where], { as });
    },
  };
}

async function ready(daemon: Process, url: string): Promise<void> {
  let said = 'nothing';
  await waitUntil({ what: 'the scheduler is ready', timeoutMs: readyMsMax, everyMs: 100 }, async () => {
    const exit = daemon.exit();
    if (exit !== null) return true;
    const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(5_000) });
    said = await answer.text();
    if (!answer.ok) throw new Error(said);
    return true;
  });
  const exit = daemon.exit();
  if (exit !== null)
    throw new Error(`the scheduler ended with exit code ${String(exit.code)} before it was ready`);
}

/** An executor of another version is, to all who serve and fetch it, a file of other content. */
async function executorOf({ executorFile, dir }: SchedulerParts, version: string | null): Promise<string> {
  if (version === null) return executorFile;
  const folder = path.join(dir, `executor-${version}`);
  const file = path.join(folder, path.basename(executorFile));
  await mkdir(folder, { recursive: true });
  await copyFile(executorFile, file);
  await appendFile(file, `\n// ${version}\n`);
  return file;
}

interface Places {
  readonly socket: string;
  readonly stateDir: string;
  readonly executor: string;
}

function baseConfiguration(parts: SchedulerParts, { socket, stateDir, executor }: Places): Configuration {
  return {
    mesos: { master: parts.masterAddress, user: os.userInfo().username },
    // All hosts are this one, and their names are made up: no resolver knows them.
    torque: { server: parts.serverName, checkNames: false, probeUser: os.userInfo().username },
    executor: { portsFromOffer: true, file: executor, path: parts.environmentOf('root')['PATH'] },
    http: { host: '127.0.0.1', port: parts.port, advertise: '127.0.0.1' },
    control: { socket },
    '': { stateDir },
  };
}

/** Section by section and option by option; the section without a name is the file's top level. */
function laidOver(base: Configuration, over: Configuration): Record<string, unknown> {
  const sections = [...new Set([...Object.keys(base), ...Object.keys(over)])];
  const merged = sections.map((name) => [name, { ...base[name], ...over[name] }] as const);
  return {
    ...Object.fromEntries(merged.filter(([name]) => name !== '')),
    ...(merged.find(([name]) => name === '')?.[1] ?? {}),
  };
}
