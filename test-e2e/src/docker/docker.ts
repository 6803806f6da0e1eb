/** The docker command line, with the end of each command as a value or as an error that says what docker said. */
import { runCommand, type Argv, type CommandResult } from '@mesos-torque/common/run-command.ts';
import { explain, succeeded } from '@mesos-torque/minicluster/command.ts';

export interface DockerOptions {
  readonly timeoutMs?: number;
  readonly stdin?: string;
  /** Added to our own environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

const timeoutMsUsual = 60_000;
const outputBytesMax = 64 * 1024 * 1024;

export function run(argv: Argv, options: DockerOptions = {}): Promise<CommandResult> {
  return runCommand(argv, {
    timeoutMs: options.timeoutMs ?? timeoutMsUsual,
    outputBytesMax,
    stdin: options.stdin ?? '',
    env: { ...ownEnvironment(), ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
}

/** What the command printed. Throws where it ends other than with 0. */
export async function must(argv: Argv, options: DockerOptions = {}): Promise<string> {
  const result = await run(argv, options);
  if (result.kind === 'exit' && succeeded(result)) return result.stdout.toString('utf8');
  // The first words tell which command; builds have long ones.
  throw new Error(`${argv.slice(0, 6).join(' ')}: ${explain(result).slice(-4000)}`);
}

export function docker(args: readonly string[], options: DockerOptions = {}): Promise<string> {
  return must(['docker', ...args], options);
}

export async function isThere(program: string): Promise<boolean> {
  return succeeded(await run(['which', program]));
}

function ownEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
