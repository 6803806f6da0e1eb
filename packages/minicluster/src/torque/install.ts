/**
 * Installs a TORQUE stand-in below one folder: launchers for a PATH, the server's home, a hosts file.
 *
 *     DIR/bin/…              the programs, acting as root on the server's host (a manager)
 *     DIR/users/NAME/bin/…   the same, acting as that user
 *     DIR/home/…             spool: server_name, hosts, standin.json, server_priv, mom_priv, …
 */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { momEntries } from './mom/job-files.ts';
import { programNames } from './launch.ts';
import { freePorts } from './shared/free-ports.ts';
import { hostsPath, parseHosts } from './shared/hosts.ts';
import type { Settings } from './shared/settings.ts';
import { checkSettings, settingsPath } from './shared/settings.ts';

export interface InstallOptions {
  readonly dir: string;
  /** The Node that runs the programs; by default the one that runs this. */
  readonly nodeBinary?: string;
  /** Ordinary users, each with launchers of their own. */
  readonly users?: readonly string[];
  /**
   * As whom the programs in `binDir` act: `root`, or `process`, the user that runs them, where the machine
   * has real users. `root` if left out.
   */
  readonly actAs?: 'root' | 'process';
  /** Lines of the hosts file, name to address (loopback or private); the server's name is added as 127.0.0.1. */
  readonly hosts?: Readonly<Record<string, string>>;
  /** `serverPort: 0` takes a free port. */
  readonly settings?: Partial<Settings>;
}

export interface InstalledTorque {
  readonly dir: string;
  readonly binDir: string;
  readonly home: string;
  readonly serverPort: number;
  readonly serverName: string;
  /** PATH that begins with `binDir`, to merge into an environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Folder of the launchers that act as `user`. */
  userBinDir(user: string): string;
}

const homeFolders = ['server_priv/jobs', 'server_priv/queues', 'server_logs', 'sched_priv', 'sched_logs'];

/** Throws on settings that are not right; leaves an existing database alone. */
export async function installTorque(options: InstallOptions): Promise<InstalledTorque> {
  const dir = path.resolve(options.dir);
  const home = path.join(dir, 'home');
  const binDir = path.join(dir, 'bin');
  const settings = checkSettings(options.settings ?? {}, 'the settings of installTorque');
  const serverPort = settings.serverPort === 0 ? ((await freePorts(1))[0] ?? 0) : settings.serverPort;
  for (const folder of homeFolders) mkdirSync(path.join(home, folder), { recursive: true });
  makeMomHome(home, settings.serverName);
  writeFileSync(settingsPath(home), `${JSON.stringify({ ...settings, serverPort }, null, 2)}\n`);
  const hosts = { [settings.serverName]: '127.0.0.1', ...options.hosts };
  const lines = Object.entries(hosts).map(([name, address]) => `${address} ${name}\n`);
  parseHosts(lines.join(''));
  writeFileSync(hostsPath(home), lines.join(''));
  const node = options.nodeBinary ?? process.execPath;
  const userBinDir = (user: string): string => path.join(dir, 'users', user, 'bin');
  writeLaunchers(binDir, node, home, options.actAs === 'process' ? null : 'root');
  for (const user of options.users ?? []) writeLaunchers(userBinDir(user), node, home, user);
  const env = { PATH: `${binDir}:${process.env['PATH'] ?? ''}` };
  return { dir, binDir, home, serverPort, serverName: settings.serverName, env, userBinDir };
}

/**
 * A home for `pbs_mom -d`, as the skeleton that `make install` leaves, with `server_name` and
 * `mom_priv/config`. An existing one keeps its jobs.
 */
export function makeMomHome(home: string, serverName: string, configLines: readonly string[] = []): void {
  for (const entry of [...momEntries, 'mom_logs']) {
    if (entry !== 'pbs_environment') mkdirSync(path.join(home, entry), { recursive: true });
  }
  writeFileSync(path.join(home, 'pbs_environment'), '');
  writeFileSync(path.join(home, 'server_name'), `${serverName}\n`);
  const lines = [`$pbsserver ${serverName}`, ...configLines];
  writeFileSync(path.join(home, 'mom_priv', 'config'), `${lines.join('\n')}\n`);
}

/**
 * A launcher is a few lines of JavaScript that load the real module. The compile cache makes the
 * second start of a program as fast as that of a bundle.
 */
function writeLaunchers(binDir: string, node: string, home: string, user: string | null): void {
  mkdirSync(binDir, { recursive: true });
  const shebang = `#!${node}`;
  if (shebang.length > 255 || /\s/.test(node)) throw new Error(`too long or with a space: ${node}`);
  const main = JSON.stringify(fileURLToPath(new URL('./launch.ts', import.meta.url)));
  for (const program of programNames) {
    const launch = JSON.stringify({ program, home, user, binDir });
    const file = path.join(binDir, program);
    writeFileSync(
      file,
      `${shebang}\nimport('node:module').then((module) => {\n  module.enableCompileCache();\n  return import(${main});\n}).then((main) => main.launch(${launch}));\n`,
    );
    chmodSync(file, 0o755);
  }
}
