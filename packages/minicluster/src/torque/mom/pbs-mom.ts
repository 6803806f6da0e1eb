/**
 * The program pbs_mom with the checks of the real one, in its order. Differs on purpose: any user may
 * run it, not only root.
 */
import { existsSync, mkdirSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import type { MomRequest } from '../shared/api.ts';
import type { Context } from '../shared/context.ts';
import { goToBackground, isBackground, reportStart } from '../shared/daemon.ts';
import { readHosts, resolveHost } from '../shared/hosts.ts';
import type { Options } from '../shared/options.ts';
import { parseOptions } from '../shared/options.ts';
import { livingPid } from '../shared/pid-file.ts';
import type { Settings } from '../shared/settings.ts';
import { readSettings } from '../shared/settings.ts';
import type { Listener } from '../shared/wire.ts';
import { serve } from '../shared/wire.ts';
import { momEntries } from './job-files.ts';
import type { MomOptions } from './mom.ts';
import { Mom } from './mom.ts';
import { readMomConfig } from './mom-config.ts';

/** 6.1.3 cuts the path of its log folder here, and then cannot open the log. */
const logPathCharsMax = 126;
const portRetryMs = 100;

interface Failure {
  readonly exitCode: number;
  readonly stderr: string;
}

export async function pbsMom(context: Context): Promise<number> {
  const options = parseOptions('a:A:c:C:d:DFhH:L:mM:pqrR:S:vwx', context.args);
  if (options.bad !== null) return fail(context, { exitCode: 1, stderr: `pbs_mom: ${options.bad}\n` });
  const settings = readSettings(context.home);
  const home = options.last('d') ?? context.home;
  const failure = isBackground(context.env) ? null : firstFailure(home, options, settings, context.user);
  if (failure !== null) return fail(context, failure);
  mkdirSync(path.join(home, 'mom_logs'), { recursive: true });
  const foreground = options.has('D') || options.has('F');
  if (foreground || isBackground(context.env)) return run(context, options, settings, home);
  return goToBackground([process.argv[1] ?? '', ...context.args], path.join(home, 'mom_logs', 'mom.log'));
}

function fail(context: Context, { exitCode, stderr }: Failure): number {
  context.err(stderr);
  return exitCode;
}

function firstFailure(home: string, options: Options, settings: Settings, user: string): Failure | null {
  // Only users that the launchers name are turned away: the stand-in itself needs no root.
  if (user !== 'root') return { exitCode: 1, stderr: 'Must be run as root\n' };
  const priv = path.join(home, 'mom_priv');
  if (statSync(priv, { throwIfNoEntry: false })?.isDirectory() !== true) {
    return {
      exitCode: 1,
      stderr: `cannot change directory to home '${priv}': No such file or directory\n`,
    };
  }
  const closed = settings.homeBelowWorldWritable === 'refused' && isBelowWorldWritable(home);
  const isThere = (entry: string): boolean => existsSync(path.join(home, entry));
  if (closed || !momEntries.every(isThere)) return { exitCode: 3, stderr: '' };
  if (`${home}/mom_logs`.length > logPathCharsMax && !options.has('L')) {
    return { exitCode: 1, stderr: 'pbs_mom: Unable to open logfile\n' };
  }
  const lock = path.join(priv, 'mom.lock');
  if (livingPid(lock) !== null) {
    return { exitCode: 1, stderr: `cannot lock '${lock}' - another mom running\n` };
  }
  return null;
}

function isBelowWorldWritable(home: string): boolean {
  for (let folder = realpathSync(home); ; folder = path.dirname(folder)) {
    if ((statSync(folder).mode & 0o002) !== 0) return true;
    if (folder === path.dirname(folder)) return false;
  }
}

async function run(context: Context, options: Options, settings: Settings, home: string): Promise<number> {
  const background = isBackground(context.env);
  const give = (failure: Failure): number => {
    if (background) reportStart({ kind: 'failed', ...failure });
    else context.err(failure.stderr);
    return failure.exitCode;
  };
  const listeners: Listener[] = [];
  let resolveStopped: () => void = () => undefined;
  const stopped = new Promise<void>((resolve) => {
    resolveStopped = resolve;
  });
  const stop = (): void => {
    for (const listener of listeners) listener.stopListening();
    resolveStopped();
  };
  const momOptions = assemble(context, options, settings, home, stop);
  // With a name that does not resolve the real one dies after it has gone to the background with 0.
  if (momOptions === null) return give({ exitCode: background ? 0 : 255, stderr: '' });
  const mom = new Mom(momOptions);
  const refused = await openPorts(mom, listeners, settings.portInUseMs);
  if (refused !== null) return give(refused);
  const lock = path.join(home, 'mom_priv', 'mom.lock');
  writeFileSync(lock, `${process.pid}\n\0`);
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  mom.led.recover(options.has('q') ? 'requeue' : options.has('r') ? 'kill-and-requeue' : 'go-on');
  mom.begin();
  if (background) reportStart({ kind: 'running' });
  await stopped;
  mom.end();
  await mom.sayGoodbye();
  for (const listener of listeners) await listener.close();
  rmSync(lock, { force: true });
  return 0;
}

/** Null when the mom's own name does not resolve. */
function assemble(
  context: Context,
  options: Options,
  settings: Settings,
  home: string,
  stop: () => void,
): MomOptions | null {
  const hosts = readHosts(context.home);
  const name = options.last('H') ?? hostname();
  const address = resolveHost(hosts, name);
  if (address === null) return null;
  const config = readMomConfig(home);
  const [serverName = '', serverPort] = (config.server ?? '').split(':');
  const serverAddress = resolveHost(hosts, serverName);
  const port = Number(serverPort ?? options.last('S') ?? settings.serverPort);
  return {
    home,
    binDir: context.binDir,
    settings,
    config,
    name,
    named: options.has('H'),
    alias: options.last('A'),
    address,
    servicePort: Number(options.last('M') ?? 15002),
    managerPort: Number(options.last('R') ?? 15003),
    server: serverAddress === null ? null : { name: serverName, host: serverAddress, port },
    stop,
  };
}

async function openPorts(mom: Mom, open: Listener[], waitMs: number): Promise<Failure | null> {
  const { address, servicePort, managerPort } = mom.options;
  // momctl asks at localhost; but where moms share the loopback, each keeps to its own part of it.
  const host = address.startsWith('127.') ? address : '0.0.0.0';
  const untilMs = Date.now() + waitMs;
  for (const port of [servicePort, managerPort]) {
    for (;;) {
      try {
        open.push(await serve({ host, port }, (body) => mom.answer(body as MomRequest)));
        break;
      } catch {
        if (Date.now() >= untilMs) {
          const stderr = `server port = ${port}, errno = 98 (Address already in use), already in use\n`;
          return { exitCode: 3, stderr };
        }
        await new Promise((resolve) => setTimeout(resolve, portRetryMs));
      }
    }
  }
  return null;
}
