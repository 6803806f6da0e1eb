/**
 * The command line of mesos-torque. Exit codes: 0 all is well; 2 the command line, the configuration
 * or an input file is wrong, said on standard error with nothing on standard output; `run` also ends
 * with whatever code the scheduler ends with (1: it could not go on), `setup` and `doctor` with 1 when something
 * is not as it should be; 3 no scheduler answers.
 */
import { Command, CommanderError } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { GetStatusResponse } from '@mesos-torque/proto/gen/control/v1/messages.ts';
import { readConfig, readPolicy, type Config, type SetupConfig } from '../config.ts';
import type { OptionKey } from '../config-options.ts';
import { readOptions, type ConfigSources } from '../config-read.ts';
import type { CheckResult } from '../doctor/check.ts';
import type { SetupReport, SetupRequest } from '../setup/run-setup.ts';
import {
  complain,
  complainOfConfig,
  exitOk,
  exitBadInput,
  sourcesOf,
  withConfigFlags,
  type ConfigFlags,
} from './config-flags.ts';
import { completionScript, shells } from './completion.ts';
import { ask, asking, exitCodes, withOutputFlags, type AskFlags } from './control-call.ts';
import { show, withFormats, type OutputFlags } from './output.ts';
import { filterWordsLast } from './filter-words.ts';
import { addExplainCommand } from './explain-command.ts';
import { addListCommands } from './list-commands.ts';
import { addOrderCommands } from './order-commands.ts';
import { addSnapshotCommand } from './snapshot-command.ts';
import { addWatchCommand } from './watch-command.ts';
import { planOffline } from './plan-offline.ts';
import { addDoctorCommand } from './doctor-command.ts';
import { renderConfig, shownOptions } from './render-config.ts';
import { renderStatus } from './render-status.ts';
import { renderPlan } from './render-plan.ts';
import { addRepairCommands } from './repair-command.ts';
import { addReplayCommand } from './replay-command.ts';
import { addSetupCommand } from './setup-command.ts';
import { clean, realTerminal, type Terminal } from './terminal.ts';

/** What the command line starts and does not contain. */
export interface Parts {
  /** Runs the scheduler until it is stopped; the exit code. */
  readonly run: (config: Config) => Promise<number>;
  /** Shows, applies or undoes the set-up of pbs_server. */
  readonly setup: (config: SetupConfig, request: SetupRequest) => Promise<SetupReport>;
  /** Looks at everything that the scheduler needs; `given` names the options that somebody has set. */
  readonly doctor: (config: Config, given: readonly OptionKey[]) => Promise<readonly CheckResult[]>;
}

const offlineExitCodes =
  'Exit codes: 0 done; 2 the command line, the configuration or a file that was given is wrong.';

interface PlanFlags extends ConfigFlags, OutputFlags {
  readonly qstat: string;
  readonly pbsnodes: string;
  readonly offers: string;
}

interface ShowFlags extends ConfigFlags, OutputFlags {
  readonly print?: true;
}

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
    await program.parseAsync([...filterWordsLast(args)], { from: 'user' });
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
    .addHelpText(
      'after',
      `
Examples:
  mesos-torque run --config /etc/mesos-torque.yaml
  mesos-torque run --set mesos.master=m1:5050 --pbs-server head.example.org
  mesos-torque run --ha zk://z1:2181,z2:2181,z3:2181/torque

USR2 lowers the log level to debug, and once more brings it back.

Exit codes: 0 stopped by a signal; 1 it could not start or could not go on, and says why; 2 the command line or the
configuration is wrong.
`,
    )
    .action(async (flags: ConfigFlags) => {
      exit(await runScheduler(flags, parts, terminal));
    });
  withFormats(withConfigFlags(program.command('plan')))
    .description('plan once on saved outputs and say why, without doing anything')
    .requiredOption('--qstat <file>', 'output of qstat -f -x -t')
    .requiredOption('--pbsnodes <file>', 'output of pbsnodes -x (an empty file: no nodes)')
    .requiredOption('--offers <file>', "offers as Mesos' JSON: an array, or the OFFERS event")
    .option('--settings <file>', 'output of qmgr -c "print server"; left out, no queue and user is limited')
    .addHelpText(
      'after',
      `
Examples:
  qstat -f -x -t > qstat.xml; pbsnodes -x > pbsnodes.xml
  mesos-torque plan --qstat qstat.xml --pbsnodes pbsnodes.xml --offers offers.json
  mesos-torque plan --qstat qstat.xml --pbsnodes pbsnodes.xml --offers offers.json --set policy.npMax=16 --json

${offlineExitCodes}
`,
    )
    .action(async (flags: PlanFlags) => {
      exit(await showPlan(flags, terminal));
    });
  withFormats(withConfigFlags(program.command('config')))
    .description('check the configuration')
    .option('--print', 'show every option with its value, unit, default and reason')
    .addHelpText(
      'after',
      `
Examples:
  mesos-torque config --config /etc/mesos-torque.yaml
  mesos-torque config --print
  mesos-torque config --print --json | jq -r '.[].key'

${offlineExitCodes}
`,
    )
    .action(async (flags: ShowFlags) => {
      exit(await showConfig(flags, terminal));
    });
  withOutputFlags(program.command('status'))
    .description('what the running scheduler sees, wants and why')
    .addHelpText(
      'after',
      `\nExamples:\n  mesos-torque status\n  mesos-torque status -o yaml\n\n${exitCodes}\n`,
    )
    .action(async (flags: AskFlags) => {
      exit(await showStatus(flags, terminal));
    });
  addListCommands(program, terminal, exit);
  addExplainCommand(program, terminal, exit);
  addOrderCommands(program, terminal, exit);
  addRepairCommands(program, terminal, exit);
  addWatchCommand(program, terminal, exit);
  addSnapshotCommand(program, terminal, exit);
  addReplayCommand(program, terminal, exit);
  addSetupCommand(program, parts, terminal, exit);
  addDoctorCommand(program, parts, terminal, exit);
  program
    .command('completion')
    .description('a script that completes command lines; the shell reads it')
    .argument('<shell>', 'bash or zsh')
    .addHelpText(
      'after',
      '\nExamples:\n  source <(mesos-torque completion bash)\n  mesos-torque completion zsh > ~/.zfunc/_mesos-torque\n\n' +
        `${offlineExitCodes}\n`,
    )
    .action((name: string) => {
      const shell = shells.find((one) => one === name);
      if (shell === undefined) {
        exit(complain(terminal, [`completion ${name}: there are bash and zsh`]));
        return;
      }
      terminal.out(completionScript(program, shell));
      exit(exitOk);
    });
  program
    .command('version')
    .description('print the version')
    .addHelpText('after', `\nExamples:\n  mesos-torque version\n\nExit codes: 0 always.\n`)
    .action(() => {
      terminal.out(`${packageJson.version}\n`);
      exit(exitOk);
    });
  return program;
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
  show(
    flags,
    terminal,
    () => plan,
    () => renderPlan(snapshot, plan),
  );
  return exitOk;
}

function showStatus(flags: AskFlags, terminal: Terminal): Promise<number> {
  return asking(flags, terminal, async (place) => {
    const answer = await ask<GetStatusResponse>(place, (client, metadata, options, done) =>
      client.getStatus({ summary: false }, metadata, options, done),
    );
    show(
      flags,
      terminal,
      () => GetStatusResponse.toJSON(answer),
      () => renderStatus(answer, terminal.nowMs()),
    );
    return exitOk;
  });
}

async function showConfig(flags: ShowFlags, terminal: Terminal): Promise<number> {
  const sources = await sourcesOf(flags, terminal);
  if (!sources.ok) return complain(terminal, [sources.error]);
  const isForPrograms = flags.json === true || flags.output === 'json' || flags.output === 'yaml';
  if (flags.print !== true && !isForPrograms) return checkConfig(sources.value, terminal);
  // What must be given may be missing here: the options are shown to those who begin to write a file.
  const policy = readPolicy(sources.value, terminal.hostName);
  if (!policy.ok) return complainOfConfig(terminal, policy);
  const read = readOptions(sources.value);
  show(
    flags,
    terminal,
    () => shownOptions(read),
    () => renderConfig(read),
  );
  return exitOk;
}

function checkConfig(sources: ConfigSources, terminal: Terminal): number {
  const config = readConfig(sources, terminal.hostName);
  if (!config.ok) return complainOfConfig(terminal, config);
  terminal.out('The configuration is sound. --print shows every option.\n');
  return exitOk;
}
