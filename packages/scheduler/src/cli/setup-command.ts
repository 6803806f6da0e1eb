/** `mesos-torque setup` on the command line. */
import type { Command } from 'commander';
import { checkQueueName, checkUserAtHost } from '../torque/node-names.ts';
import { readSetup } from '../config.ts';
import type { SetupRequest } from '../setup/run-setup.ts';
import type { Parts } from './commands.ts';
import {
  append,
  complain,
  complainOfConfig,
  exitOk,
  exitWrong,
  sourcesOf,
  withConfigFlags,
  type ConfigFlags,
} from './config-flags.ts';
import type { Input } from './read-file.ts';
import { show, withFormats, type OutputFlags } from './output.ts';
import { renderSetup } from './render-setup.ts';
import type { Terminal } from './terminal.ts';

interface SetupFlags extends ConfigFlags, OutputFlags {
  readonly dryRun?: true;
  readonly undo?: true;
  readonly force?: true;
  readonly queueLimits?: true;
  readonly queue?: string;
  readonly manager: readonly string[];
}

const examples = `
Examples:
  mesos-torque setup --dry-run                       show what pbs_server lacks, and why
  mesos-torque setup                                 do it; what was there before is kept for --undo
  mesos-torque setup --queue batch                   make a queue too, where there is none
  mesos-torque setup --manager torque@head.site.org  let this user do what the scheduler does
  mesos-torque setup --undo --dry-run                show what would be taken back
  mesos-torque setup --undo                          take back exactly what set-ups changed

Exit codes: 0 done, or nothing to do; 1 it could not be done, or a value was changed by others since;
2 the command line or the configuration is wrong.
`;

export function addSetupCommand(
  program: Command,
  parts: Pick<Parts, 'setup'>,
  terminal: Terminal,
  exit: (code: number) => void,
): void {
  withFormats(withConfigFlags(program.command('setup')))
    .description('give pbs_server what an elastic cluster needs, or take it back')
    .option('--dry-run', 'show each qmgr sentence with its reason, and what is right already; change nothing')
    .option('--undo', 'bring back the values that set-ups found, unless others changed them since')
    .option('--force', 'with --undo: although jobs wait that pbs_sched may then delete')
    .option('--queue-limits', 'let qsub refuse what the safe allocation can never hold (torque.queueLimits)')
    .option('--queue <name>', 'make this execution queue where there is none, as the default one')
    .option('--manager <user@host>', 'make this user a manager; may be repeated', append, [])
    .addHelpText('after', examples)
    .action(async (flags: SetupFlags) => {
      exit(await setUp(flags, parts, terminal));
    });
}

async function setUp(flags: SetupFlags, parts: Pick<Parts, 'setup'>, terminal: Terminal): Promise<number> {
  const request = requestOf(flags);
  if (!request.ok) return complain(terminal, [request.error]);
  const sources = await sourcesOf(flags, terminal);
  if (!sources.ok) return complain(terminal, [sources.error]);
  const config = readSetup(sources.value, terminal.hostName);
  if (!config.ok) return complainOfConfig(terminal, config);
  const report = await parts.setup(config.value, request.value);
  show(
    flags,
    terminal,
    () => report,
    () => renderSetup(report),
  );
  return report.problem === null && report.conflicts.length === 0 ? exitOk : exitWrong;
}

function requestOf(flags: SetupFlags): Input<SetupRequest> {
  if (flags.force === true && flags.undo !== true)
    return { ok: false, error: '--force goes with --undo alone' };
  const wishes = flags.queueLimits === true || flags.queue !== undefined || flags.manager.length > 0;
  if (flags.undo === true && wishes)
    return {
      ok: false,
      error: '--undo takes back all that was changed: leave out --queue, --queue-limits and --manager',
    };
  const queue = flags.queue === undefined ? null : checkQueueName(flags.queue);
  if (queue?.ok === false) return { ok: false, error: `--queue: ${queue.error}` };
  const bad = flags.manager.map(checkUserAtHost).find((checked) => !checked.ok);
  if (bad?.ok === false) return { ok: false, error: `--manager: ${bad.error}` };
  return {
    ok: true,
    value: {
      act: flags.undo === true ? 'undo' : 'apply',
      dryRun: flags.dryRun === true,
      force: flags.force === true,
      wishes: {
        queueLimits: flags.queueLimits === true,
        queue: queue?.value ?? null,
        managers: flags.manager,
      },
    },
  };
}
