/** A command on a host of the cluster, and how its end reads. */
import { runCommand, type Argv, type CommandResult } from '@mesos-torque/common/run-command.ts';
import type { Host } from './hosts/host.ts';

export interface Command {
  readonly host: Host;
  readonly argv: Argv;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

export function run(command: Command, stdin = ''): Promise<CommandResult> {
  const { host, argv, cwd, env } = command;
  return runCommand(host.argvHere(argv, cwd), {
    timeoutMs: 60_000,
    outputBytesMax: 64 * 1024 * 1024,
    env,
    // A helper goes to the folder itself, on its host, where alone it may exist.
    cwd: host.throughHelper ? '/' : cwd,
    stdin,
  });
}

export function succeeded(result: CommandResult): boolean {
  return result.kind === 'exit' && result.code === 0;
}

export function explain(result: CommandResult): string {
  if (result.kind === 'spawn-failed') return result.error;
  const said = result.stderr.toString('utf8').trim();
  return result.kind === 'exit' ? `exit code ${String(result.code)}: ${said}` : `${result.kind}: ${said}`;
}
