/**
 * The command line of mesos-torque. Exit codes: 0 all is well; 2 the command line, the configuration
 * or an input file is wrong, said on standard error with nothing on standard output; `run` also ends
 * with whatever code the scheduler ends with (1: it could not go on); 3 no scheduler answers.
 */
import { Command, CommanderError } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { GetStatusResponse, WatchResponse } from '@mesos-torque/proto/gen/control/v1/control.ts';
import { readConfig, readPolicy, readSocket, type Config, type ConfigResult } from '../config.ts';
import { readOptions, type ConfigSources } from '../config-read.ts';
import { askStatus, watchJournal } from './control-client.ts';
import { planOffline } from './plan-offline.ts';
import { readText, type Input } from './read-file.ts';
import { configJson, renderConfig } from './render-config.ts';
import { renderEntry, renderStatus } from './render-status.ts';
import { renderPlan } from './render-plan.ts';
import { clean, realTerminal, type Terminal } from './terminal.ts';

export const exitOk = 0;
export const exitBadInput = 2;
export const exitNoAnswer = 3;

/** What the command line starts and does not contain. */
export interface Parts {
  /** Runs the scheduler until it is stopped; the exit code. */
  readonly run: (config: Config) => Promise<number>;
}

interface ConfigFlags {
  readonly config?: string;
  readonly set: readonly string[];
}

interface PlanFlags extends ConfigFlags {
  readonly qstat: string;
  readonly pbsnodes: string;
  readonly offers: string;
  readonly json?: true;
}

interface ShowFlags extends ConfigFlags {
  readonly print?: true;
  readonly json?: true;
}

interface AskFlags extends ConfigFlags {
  readonly socket?: string;
  readonly json?: true;
}

const configBytesMax = 1024 * 1024;

/** Runs one command line (without program and script) to its exit code. Never rejects for bad input. */
export async function runCommandLine(
  args: readonly string[],
  parts: Parts,
  terminal: Terminal = realTerminal(),
): Promise<number> {
  const ending = { code: exitOk };
  const program = buildProgram(parts, terminal, (code) => {
    ending.code = code;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return ending.code;
  } catch (error) {
    // Commander has said what is wrong; --help and --version end this way too, with 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitOk : exitBadInput;
    throw error;
  }
}

/** The commands, each of which ends by telling `exit` its code. */
export function buildProgram(
  parts: Parts,
  terminal: Terminal = realTerminal(),
  exit: (code: number) => void = (code) => {
    process.exitCode = code;
  },
): Command {
  const program = new Command('mesos-torque')
    .description('Grows and shrinks a TORQUE cluster on Apache Mesos')
    .version(packageJson.version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => {
        terminal.out(text);
      },
      writeErr: (text) => {
        terminal.err(text);
      },
    });
  withConfigFlags(program.command('run'))
    .description('run the scheduler')
    .action(async (flags: ConfigFlags) => {
      exit(await runScheduler(flags, parts, terminal));
    });
  withConfigFlags(program.command('plan'))
    .description('plan once on saved outputs and say why, without doing anything')
    .requiredOption('--qstat <file>', 'output of qstat -f -x -t')
    .requiredOption('--pbsnodes <file>', 'output of pbsnodes -x (an empty file: no nodes)')
    .requiredOption('--offers <file>', "offers as Mesos' JSON: an array, or the OFFERS event")
    .option('--json', 'print decisions and report as JSON')
    .action(async (flags: PlanFlags) => {
      exit(await showPlan(flags, terminal));
    });
  withConfigFlags(program.command('config'))
    .description('check the configuration')
    .option('--print', 'show every option with its value, unit, default and reason')
    .option('--json', 'show them as JSON')
    .action(async (flags: ShowFlags) => {
      exit(await showConfig(flags, terminal));
    });
  withSocketFlag(program.command('status'))
    .description('what the running scheduler sees, wants and why')
    .option('--json', 'print it as JSON')
    .action(async (flags: AskFlags) => {
      exit(await showStatus(flags, terminal));
    });
  withSocketFlag(program.command('watch'))
    .description("the running scheduler's journal: what is kept, and each new entry until Ctrl-C")
    .option('--json', 'print an object per line')
    .action(async (flags: AskFlags) => {
      exit(await watch(flags, terminal));
    });
  program
    .command('version')
    .description('print the version')
    .action(() => {
      terminal.out(`${packageJson.version}\n`);
      exit(exitOk);
    });
  return program;
}

function withConfigFlags(command: Command): Command {
  return command
    .option('--config <file>', 'the configuration, in YAML')
    .option('--set <key=value>', 'one option, before file and environment; may be repeated', append, []);
}

function withSocketFlag(command: Command): Command {
  return withConfigFlags(command).option(
    '--socket <path>',
    'where the scheduler answers; left out, the configuration says',
  );
}

function append(value: string, values: readonly string[]): readonly string[] {
  return [...values, value];
}

async function runScheduler(flags: ConfigFlags, parts: Parts, terminal: Terminal): Promise<number> {
  const sources = await sourcesOf(flags, terminal);
  if (!sources.ok) return complain(terminal, [sources.error]);
  const config = readConfig(sources.value, terminal.hostName);
  return config.ok ? parts.run(config.value) : complainOfConfig(terminal, config);
}

async function showPlan(flags: PlanFlags, terminal: Terminal): Promise<number> {
  const sources = await sourcesOf(flags, terminal);
  if (!sources.ok) return complain(terminal, [sources.error]);
  const policy = readPolicy(sources.value, terminal.hostName);
  if (!policy.ok) return complainOfConfig(terminal, policy);
  const planned = await planOffline(flags, policy.value, terminal.nowMs());
  if (!planned.ok) return complain(terminal, [planned.error]);
  const { plan, snapshot, notes } = planned.value;
  for (const note of notes) terminal.err(`mesos-torque: ${clean(note)}\n`);
  terminal.out(flags.json === true ? `${JSON.stringify(plan, null, 2)}\n` : renderPlan(snapshot, plan));
  return exitOk;
}

async function showStatus(flags: AskFlags, terminal: Terminal): Promise<number> {
  const socket = await socketOf(flags, terminal);
  if (!socket.ok) return complain(terminal, [socket.error]);
  const answer = await askStatus(socket.value);
  if (!answer.ok) return complain(terminal, [answer.error], exitNoAnswer);
  terminal.out(
    flags.json === true
      ? `${JSON.stringify(GetStatusResponse.toJSON(answer.value), null, 2)}\n`
      : renderStatus(answer.value, terminal.nowMs()),
  );
  return exitOk;
}

async function watch(flags: AskFlags, terminal: Terminal): Promise<number> {
  const socket = await socketOf(flags, terminal);
  if (!socket.ok) return complain(terminal, [socket.error]);
  const interrupted = new AbortController();
  process.once('SIGINT', () => {
    interrupted.abort();
  });
  const print = (entry: WatchResponse): void => {
    terminal.out(
      flags.json === true ? `${JSON.stringify(WatchResponse.toJSON(entry))}\n` : renderEntry(entry),
    );
  };
  const why = await watchJournal(socket.value, print, interrupted.signal);
  return why === null ? exitOk : complain(terminal, [why], exitNoAnswer);
}

async function socketOf(flags: AskFlags, terminal: Terminal): Promise<Input<string>> {
  if (flags.socket !== undefined) return { ok: true, value: flags.socket };
  const sources = await sourcesOf(flags, terminal);
  if (!sources.ok) return sources;
  const socket = readSocket(sources.value);
  return socket.ok ? socket : { ok: false, error: socket.errors.join('; ') };
}

async function showConfig(flags: ShowFlags, terminal: Terminal): Promise<number> {
  const sources = await sourcesOf(flags, terminal);
  if (!sources.ok) return complain(terminal, [sources.error]);
  if (flags.print !== true && flags.json !== true) return checkConfig(sources.value, terminal);
  // What must be given may be missing here: the options are shown to those who begin to write a file.
  const policy = readPolicy(sources.value, terminal.hostName);
  if (!policy.ok) return complainOfConfig(terminal, policy);
  const read = readOptions(sources.value);
  terminal.out(flags.json === true ? configJson(read) : renderConfig(read));
  return exitOk;
}

function checkConfig(sources: ConfigSources, terminal: Terminal): number {
  const config = readConfig(sources, terminal.hostName);
  if (!config.ok) return complainOfConfig(terminal, config);
  terminal.out('The configuration is sound. --print shows every option.\n');
  return exitOk;
}

async function sourcesOf(flags: ConfigFlags, terminal: Terminal): Promise<Input<ConfigSources>> {
  const others = { environment: terminal.environment, settings: flags.set };
  if (flags.config === undefined) return { ok: true, value: { file: null, ...others } };
  const text = await readText(flags.config, configBytesMax);
  return text.ok ? { ok: true, value: { file: { name: flags.config, text: text.value }, ...others } } : text;
}

function complainOfConfig(terminal: Terminal, result: Exclude<ConfigResult<unknown>, { ok: true }>): number {
  return complain(terminal, result.errors);
}

function complain(terminal: Terminal, errors: readonly string[], code = exitBadInput): number {
  for (const error of errors) terminal.err(`mesos-torque: ${clean(error)}\n`);
  return code;
}
