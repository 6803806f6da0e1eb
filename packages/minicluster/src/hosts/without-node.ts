/**
 * Takes Node away from a host that is a mount namespace of this machine: every executable called node or
 * nodejs on the whole file system has /dev/null mounted over it. What runs already, such as the stand-in of
 * the agent, runs on; nothing on the host can be started by Node from then on, nor an agent again.
 */
import { runCommand, type Argv, type CommandResult } from '@mesos-torque/common/run-command.ts';
import { explain } from '../command.ts';
import type { Host } from './host.ts';

/** Root's and the system's folders alone: what is below /proc and /sys is no file. */
const search: Argv = [
  'find', '/', '(', '-path', '/proc', '-o', '-path', '/sys', ')', '-prune', '-o',
  '-type', 'f', '-perm', '/111', '(', '-name', 'node', '-o', '-name', 'nodejs', ')', '-print',
]; // prettier-ignore
const filesMax = 100;
const sshPort = 22;

/** The files that were hidden. Rejects when one could not be, or a Node is still found. */
export async function hideNode(host: Host): Promise<readonly string[]> {
  const files = await nodesOn(host);
  if (files.length > filesMax) throw new Error(`${host.name} has ${files.length} files called node`);
  for (const file of files) await must(host, ['mount', '--bind', '/dev/null', file]);
  const left = await nodesOn(host);
  if (left.length > 0) throw new Error(`${host.name} still has ${left.join(', ')}`);
  const found = await on(host, ['which', 'node', 'nodejs']);
  if (found.kind !== 'exit' || found.code === 0)
    throw new Error(`${host.name}: which node: ${explain(found)}`);
  return files;
}

/** Whether something listens at the port of ssh, asked from the host's own table of sockets. */
export async function hasSshd(host: Host): Promise<boolean> {
  const tables = await Promise.all(['tcp', 'tcp6'].map((name) => must(host, ['cat', `/proc/net/${name}`])));
  return tables.some((table) => isListening(table, sshPort));
}

/** In the form of /proc/net/tcp: number, local address and port, other side, state (0A listens). */
function isListening(table: string, port: number): boolean {
  const ending = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .some(([, local = '', , state]) => local.endsWith(ending) && state === '0A');
}

/** find exits 1 where a file went away while it looked. */
async function nodesOn(host: Host): Promise<readonly string[]> {
  const result = await on(host, search);
  if (result.kind !== 'exit') throw new Error(`${host.name}: looking for Node: ${explain(result)}`);
  return result.stdout
    .toString('utf8')
    .split('\n')
    .filter((file) => file !== '');
}

async function must(host: Host, argv: Argv): Promise<string> {
  const result = await on(host, argv);
  if (result.kind === 'exit' && result.code === 0) return result.stdout.toString('utf8');
  throw new Error(`${host.name}: ${argv.join(' ')}: ${explain(result)}`);
}

function on(host: Host, argv: Argv): Promise<CommandResult> {
  return runCommand(host.argvHere(argv, '/'), { timeoutMs: 120_000, outputBytesMax: 1024 * 1024 });
}
