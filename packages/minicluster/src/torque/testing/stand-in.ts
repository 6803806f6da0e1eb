/** A TORQUE stand-in for one test: installed in a folder of its own, ended and removed with it. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runCommand } from '@mesos-torque/common/run-command.ts';
import { waitUntil } from '../../wait-until.ts';
import type { InstalledTorque } from '../install.ts';
import { installTorque, makeMomHome } from '../install.ts';
import { runProgram } from '../launch.ts';
import { endLeftovers } from './leftovers.ts';
import { freePorts } from '../shared/free-ports.ts';
import type { Settings } from '../shared/settings.ts';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunAs {
  readonly user?: string;
  readonly stdin?: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A daemon in the foreground, as a child of the test. */
export interface Daemon {
  readonly process: ChildProcess;
  /** Resolves when it has ended. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export interface MomPlace {
  readonly home: string;
  readonly name: string;
  readonly servicePort: number;
  readonly managerPort: number;
}

/** Short enough for a test, long enough to be seen. */
export const quick: Partial<Settings> = {
  serverPort: 0,
  trqauthd: 'not-needed',
  hostListDelayMs: 300,
  hostListRetryMs: 100,
  lateHostListMs: 60_000,
  deleteNodeMs: 20,
  requeueOnDeleteMs: 20,
  deleteBusyNodeMs: 1_500,
  killDelayMs: 300,
  obitRetryMs: 50,
  portInUseMs: 100,
  momctlRetryMs: 1,
  qrunUnknownMs: 1,
  homeBelowWorldWritable: 'allowed',
};

const commandMsMax = 20_000;
const daemonEndMsMax = 5_000;
const upMsMax = 10_000;

/** Queue set-up as the recordings have it. */
export const queueCommands = [
  'create queue batch',
  'set queue batch queue_type = Execution',
  'set queue batch resources_default.walltime = 01:00:00',
  'set queue batch enabled = True',
  'set queue batch started = True',
  'set server default_queue = batch',
  'set server scheduling = True',
];

export class StandIn {
  readonly torque: InstalledTorque;
  readonly work: string;
  readonly #daemons: Daemon[] = [];
  readonly homes: string[] = [];

  constructor(torque: InstalledTorque) {
    this.torque = torque;
    this.work = path.join(torque.dir, 'work');
    this.homes.push(torque.home);
    mkdirSync(this.work);
  }

  /** A program as root on the head, or as `user`. */
  async run(program: string, args: readonly string[], as: RunAs = {}): Promise<Ran> {
    const bin = as.user === undefined ? this.torque.binDir : this.torque.userBinDir(as.user);
    const result = await runCommand([path.join(bin, program), ...args], {
      timeoutMs: commandMsMax,
      outputBytesMax: 16 * 1024 * 1024,
      cwd: as.cwd ?? this.work,
      stdin: as.stdin ?? '',
      env: { ...jobSurroundings, ...as.env },
    });
    if (result.kind !== 'exit') throw new Error(`${program} ${args.join(' ')}: ${result.kind}`);
    return { code: result.code, stdout: result.stdout.toString(), stderr: result.stderr.toString() };
  }

  /** As `run`, within this process: for the many commands of which only the words matter. */
  async runHere(program: string, args: readonly string[], as: RunAs = {}): Promise<Ran> {
    const ran = { stdout: '', stderr: '' };
    const code = await runProgram({
      program,
      args,
      home: this.torque.home,
      user: as.user ?? 'root',
      binDir: as.user === undefined ? this.torque.binDir : this.torque.userBinDir(as.user),
      env: { ...jobSurroundings, ...as.env },
      cwd: as.cwd ?? this.work,
      out: (text) => (ran.stdout += String(text)),
      err: (text) => (ran.stderr += String(text)),
      readStdin: () => Promise.resolve(as.stdin ?? ''),
    });
    return { code, ...ran };
  }

  /** As `run`, for commands that must succeed: what they print. */
  async ok(program: string, args: readonly string[], as: RunAs = {}): Promise<string> {
    const ran = await this.runHere(program, args, as);
    if (ran.code !== 0 || ran.stderr !== '') {
      throw new Error(`${program} ${args.join(' ')}: exit code ${ran.code}: ${ran.stderr}`);
    }
    return ran.stdout;
  }

  qmgr(command: string): Promise<string> {
    return this.ok('qmgr', ['-c', command]);
  }

  /** alice's job; its id. */
  async qsub(args: readonly string[], script: string): Promise<string> {
    return (await this.ok('qsub', args, { user: 'alice', stdin: script })).trim();
  }

  async startServer(...args: string[]): Promise<Daemon> {
    const daemon = this.#spawn('pbs_server', ['-D', ...args]);
    await waitUntil({ what: 'pbs_server answers', timeoutMs: upMsMax, everyMs: 20 }, async () => {
      return (await this.runHere('qstat', ['-B'])).code === 0;
    });
    return daemon;
  }

  async startSched(): Promise<Daemon> {
    const daemon = this.#spawn('pbs_sched', ['-D']);
    const lock = path.join(this.torque.home, 'sched_priv', 'sched.lock');
    await waitUntil({ what: 'pbs_sched runs', timeoutMs: upMsMax, everyMs: 20 }, () => hasText(lock));
    return daemon;
  }

  /** Server with the recordings' queue, and pbs_sched. */
  async startAll(...commands: string[]): Promise<Daemon> {
    const server = await this.startServer('-t', 'create', '-f');
    const stdin = [...queueCommands, ...commands].join('\n');
    const ran = await this.runHere('qmgr', ['-a'], { stdin });
    if (ran.code !== 0) throw new Error(ran.stderr);
    await this.startSched();
    return server;
  }

  /** A home and ports for a mom; the node's name is in the hosts file. */
  async placeMom(name: string, configLines: readonly string[] = []): Promise<MomPlace> {
    const home = path.join(this.torque.dir, `mom-${name}`);
    makeMomHome(home, this.torque.serverName, configLines);
    this.homes.push(home);
    const [servicePort = 0, managerPort = 0] = await freePorts(2);
    return { home, name, servicePort, managerPort };
  }

  async createNode(place: MomPlace, attributes = 'np=2'): Promise<void> {
    const ports = `mom_service_port=${place.servicePort},mom_manager_port=${place.managerPort}`;
    await this.qmgr(`create node ${place.name} ${attributes},${ports}`);
  }

  async startMom(place: MomPlace, ...flags: string[]): Promise<Daemon> {
    const daemon = this.#spawn('pbs_mom', ['-D', ...momArgs(place), ...flags]);
    const lock = path.join(place.home, 'mom_priv', 'mom.lock');
    await waitUntil({ what: `the mom of ${place.name} runs`, timeoutMs: upMsMax, everyMs: 20 }, () => {
      if (daemon.process.exitCode !== null) {
        throw new Error(`pbs_mom ended with ${daemon.process.exitCode}`);
      }
      return hasText(lock);
    });
    return daemon;
  }

  momctl(place: MomPlace, ...args: string[]): Promise<Ran> {
    return this.runHere('momctl', ['-h', place.name, '-p', String(place.managerPort), ...args]);
  }

  /** Create, wait for the list of hosts, start: the fast and safe order. */
  async addNode(name: string, attributes?: string): Promise<MomPlace> {
    const place = await this.placeMom(name);
    await this.createNode(place, attributes);
    await this.waitForState(name, 'down');
    await this.startMom(place);
    await this.waitForState(name, 'free');
    return place;
  }

  async nodeState(name: string): Promise<string> {
    const xml = await this.ok('pbsnodes', ['-x', name]);
    return /<state>(.*?)<\/state>/.exec(xml)?.[1] ?? '';
  }

  waitForState(name: string, state: string): Promise<true> {
    return this.until(`${name} is ${state}`, async () => (await this.nodeState(name)) === state);
  }

  /** An element of qstat's XML, empty when it has none. */
  async jobField(id: string, field: string): Promise<string> {
    return elementOf((await this.runHere('qstat', ['-x', id])).stdout, field);
  }

  waitForJob(id: string, state: string): Promise<true> {
    return this.waitForField(id, 'job_state', state);
  }

  /** The error says what qstat printed last. */
  waitForField(id: string, field: string, value: string): Promise<true> {
    return this.until(`${field} of job ${id} is ${value}`, async () => {
      const { code, stdout, stderr } = await this.runHere('qstat', ['-x', id]);
      const seen = elementOf(stdout, field);
      if (seen === value) return true;
      throw new Error(`it is "${seen}"; qstat exited ${code}: ${stderr}${stdout}`);
    });
  }

  /** Waits for anything else, up to a limit. */
  until(what: string, look: () => Promise<boolean>): Promise<true> {
    return waitUntil({ what, timeoutMs: 45_000, everyMs: 20 }, async () => (await look()) || null);
  }

  readWork(file: string): string {
    return readFileSync(path.join(this.work, file), 'utf8');
  }

  /** Ends daemons and jobs and removes the folder. */
  async end(): Promise<void> {
    for (const daemon of this.#daemons.reverse()) await daemon.stop('SIGTERM');
    await endLeftovers(this.homes);
    rmSync(this.torque.dir, { recursive: true, force: true });
  }

  #spawn(program: string, args: readonly string[]): Daemon {
    const child = spawn(path.join(this.torque.binDir, program), args, {
      stdio: ['ignore', 'ignore', 'inherit'],
      cwd: this.work,
    });
    const ended = new Promise<void>((resolve) => {
      child.on('exit', () => {
        resolve();
      });
    });
    const daemon: Daemon = {
      process: child,
      stop: async (signal = 'SIGTERM') => {
        if (child.exitCode === null && child.signalCode === null) child.kill(signal);
        const timer = setTimeout(() => child.kill('SIGKILL'), daemonEndMsMax);
        await ended;
        clearTimeout(timer);
      },
    };
    this.#daemons.push(daemon);
    return daemon;
  }
}

/** How pbs_mom is told home, name and ports. */
export function momArgs(place: MomPlace): string[] {
  const ports = ['-M', String(place.servicePort), '-R', String(place.managerPort)];
  return ['-d', place.home, '-H', place.name, '-m', '-A', place.name, ...ports];
}

const jobSurroundings = {
  PATH: '/opt/torque/sbin:/opt/torque/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/home/alice',
  SHELL: '/bin/bash',
  LANG: 'C.UTF-8',
};

/** Empty when the XML has none. */
function elementOf(xml: string, name: string): string {
  return new RegExp(`<${name}>(.*?)</${name}>`, 's').exec(xml)?.[1] ?? '';
}

function hasText(file: string): boolean {
  try {
    return readFileSync(file, 'utf8') !== '';
  } catch {
    return false;
  }
}

const nodeNames = ['node1', 'node2', 'node3', 'node4'].map((name) => `${name}.torque.test`);

/** Runs a story on a stand-in and cleans up whatever happens. */
export async function withStandIn(
  settings: Partial<Settings>,
  story: (standIn: StandIn) => Promise<void>,
  hosts: Readonly<Record<string, string>> = Object.fromEntries(nodeNames.map((n) => [n, '127.0.0.1'])),
): Promise<void> {
  const dir = mkdtempSync(path.join(tmpdir(), 'torque-'));
  const torque = await installTorque({
    dir,
    users: ['alice', 'bob'],
    hosts,
    settings: { ...quick, ...settings },
  });
  const standIn = new StandIn(torque);
  try {
    await story(standIn);
  } finally {
    await standIn.end();
  }
}
