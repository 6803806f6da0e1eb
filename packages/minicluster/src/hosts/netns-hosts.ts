/**
 * Hosts as network namespaces of this machine (Linux, root): each with a name, an address, an
 * /etc/hosts and a TORQUE spool folder of its own, joined by a bridge. The real TORQUE tells hosts
 * apart by name and address and so runs here as it does on many machines.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { runCommand, type Argv } from '@mesos-torque/common/run-command.ts';
import { waitUntil } from '../wait-until.ts';
import type { Host } from './host.ts';

/** The first three numbers of the addresses; a range that is meant for benchmarks and hence unused. */
const subnet = '198.18.77';
/** This machine's own address on the bridge, so that the mini-cluster reaches its hosts. */
const outside = `${subnet}.254`;
const spool = '/var/spool/torque';
/** trqauthd's socket is here whatever the spool: each host has a folder of its own, unless our files are below it. */
const temporary = '/tmp';
/** Process 1 of a host: reaps what is left to it. When it ends, the kernel ends the whole host. */
const init: Argv = ['sh', '-c', 'while :; do sleep 3600 & wait; done'];

export interface NetnsOptions {
  /** Folder for the hosts' files. */
  readonly dir: string;
  /** Fully qualified names; addresses are given in this order, from .1 on. */
  readonly names: readonly string[];
  /** A pristine spool folder, copied for each host; null where TORQUE is a stand-in. */
  readonly spoolSkeleton: string | null;
}

export interface NetnsNetwork {
  readonly hosts: readonly Host[];
  /** Ends every process on every host. */
  close(): Promise<void>;
}

export async function createNetns(options: NetnsOptions): Promise<NetnsNetwork> {
  refuseWhereImpossible();
  await mkdir(options.dir, { recursive: true });
  const started: ChildProcess[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(started.map(endNamespace));
  };
  try {
    const files = await sharedFiles(options);
    const bridgePid = await namespace(started, ['-n'], ['sleep', 'infinity']);
    await buildBridge(bridgePid);
    const hosts: Host[] = [];
    for (const [index, name] of options.names.entries()) {
      hosts.push(await createHost({ options, files, bridgePid, started, name, number: index + 1 }));
    }
    return { hosts, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function refuseWhereImpossible(): void {
  if (process.platform !== 'linux') throw new Error('network namespaces: they exist on Linux only');
  if (process.getuid?.() !== 0)
    throw new Error('network namespaces: root is needed to make them; run as root');
}

interface SharedFiles {
  readonly hosts: string;
  readonly nsswitch: string;
}

async function sharedFiles(options: NetnsOptions): Promise<SharedFiles> {
  const lines = options.names.map(
    (name, index) => `${subnet}.${String(index + 1)} ${name} ${name.split('.')[0] ?? name}`,
  );
  const hosts = path.join(options.dir, 'hosts');
  await writeFile(hosts, ['127.0.0.1 localhost', ...lines, ''].join('\n'));
  const nsswitch = path.join(options.dir, 'nsswitch.conf');
  const own = await readFile('/etc/nsswitch.conf', 'utf8').catch(() => 'passwd: files\ngroup: files\n');
  await writeFile(nsswitch, `${own.replace(/^hosts:.*$/m, '')}\nhosts: files\n`);
  return { hosts, nsswitch };
}

/** Starts `argv` in new namespaces and returns the process id of the program in them, seen from here. */
async function namespace(started: ChildProcess[], kinds: readonly string[], argv: Argv): Promise<number> {
  const child = spawn('unshare', [...kinds, '--', ...argv], { stdio: 'ignore', detached: true });
  started.push(child);
  const pid = child.pid;
  if (pid === undefined)
    throw new Error('network namespaces: unshare could not be started; install util-linux');
  // Before unshare has become the program, entering its namespaces would be entering this machine's own.
  const name = path.basename(argv[0]);
  return waitUntil({ what: `${name} runs in namespaces of its own`, timeoutMs: 15_000 }, async () => {
    const first = kinds.includes('-f') ? await firstChildOf(pid) : pid;
    return first !== null && (await readFile(`/proc/${String(first)}/comm`, 'utf8')).trim() === name && first;
  });
}

async function firstChildOf(pid: number): Promise<number | null> {
  const children = await readFile(`/proc/${String(pid)}/task/${String(pid)}/children`, 'utf8');
  return Number(children.trim().split(' ')[0]) || null;
}

async function buildBridge(bridgePid: number): Promise<void> {
  const inBridge = inNamespaces(bridgePid, ['-n']);
  await must(inBridge(['ip', 'link', 'add', 'br0', 'type', 'bridge']));
  await must(inBridge(['ip', 'link', 'set', 'br0', 'up']));
  // The address .254 lies in the bridge's namespace, not on the machine: nothing of the machine's own
  // network is changed. Whoever wants to reach the hosts runs a program on one of them.
  await must(inBridge(['ip', 'addr', 'add', `${outside}/24`, 'dev', 'br0']));
}

interface HostParts {
  readonly options: NetnsOptions;
  readonly files: SharedFiles;
  readonly bridgePid: number;
  readonly started: ChildProcess[];
  readonly name: string;
  readonly number: number;
}

async function createHost(parts: HostParts): Promise<Host> {
  const pid = await namespace(
    parts.started,
    ['-n', '-m', '-u', '-i', '-p', '-f', '--kill-child', '--propagation', 'private', '--mount-proc'],
    init,
  );
  const address = `${subnet}.${String(parts.number)}`;
  const onHost = inNamespaces(pid, ['-n', '-m', '-u', '-i', '-p']);
  await must(onHost(['hostname', parts.name]));
  await must(onHost(['mount', '--bind', parts.files.hosts, '/etc/hosts']));
  await must(onHost(['mount', '--bind', parts.files.nsswitch, '/etc/nsswitch.conf']));
  if (parts.options.spoolSkeleton !== null) {
    const own = path.join(parts.options.dir, parts.name, 'spool');
    await cp(parts.options.spoolSkeleton, own, { recursive: true, preserveTimestamps: true });
    await must(onHost(['mount', '--bind', own, spool]));
    if (!parts.options.dir.startsWith(`${temporary}/`))
      await must(onHost(['mount', '-t', 'tmpfs', '-o', 'mode=1777', 'none', temporary]));
  }
  await plugIn(parts, pid, address);
  return { name: parts.name, address, argvHere: onHost, throughHelper: true };
}

async function plugIn({ bridgePid, number }: HostParts, pid: number, address: string): Promise<void> {
  const inBridge = inNamespaces(bridgePid, ['-n']);
  const onHost = inNamespaces(pid, ['-n']);
  const cable = `veth${String(number)}`;
  await must(onHost(['ip', 'link', 'set', 'lo', 'up']));
  await must(
    inBridge(['ip', 'link', 'add', cable, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(pid)]),
  );
  await must(inBridge(['ip', 'link', 'set', cable, 'master', 'br0', 'up']));
  await must(onHost(['ip', 'addr', 'add', `${address}/24`, 'dev', 'eth0']));
  await must(onHost(['ip', 'link', 'set', 'eth0', 'up']));
}

function inNamespaces(pid: number, kinds: readonly string[]): (argv: Argv, cwd?: string) => Argv {
  // Entering a mount namespace puts a program at its root; the folder has to be named anew.
  return (argv, cwd = '/') => ['nsenter', '-t', String(pid), ...kinds, `--wdns=${cwd}`, '--', ...argv];
}

async function must(argv: Argv): Promise<void> {
  const result = await runCommand(argv, { timeoutMs: 10_000, outputBytesMax: 64 * 1024 });
  if (result.kind === 'exit' && result.code === 0) return;
  const why = result.kind === 'spawn-failed' ? result.error : result.stderr.toString('utf8').trim();
  throw new Error(`network namespaces: ${argv.slice(argv.indexOf('--') + 1).join(' ')}: ${why}`);
}

async function endNamespace(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}
