/** `mesos-torque doctor` on the command line. */
import type { Command } from 'commander';
import { readConfig } from '../config.ts';
import { readOptions } from '../config-read.ts';
import type { CheckResult } from '../doctor/check.ts';
import type { Parts } from './commands.ts';
import {
  complain,
  complainOfConfig,
  exitOk,
  exitWrong,
  sourcesOf,
  withConfigFlags,
  type ConfigFlags,
} from './config-flags.ts';
import { show, withFormats, type OutputFlags } from './output.ts';
import { renderChecks } from './render-doctor.ts';
import type { Terminal } from './terminal.ts';

interface DoctorFlags extends ConfigFlags, OutputFlags {}

const examples = `
Examples:
  mesos-torque doctor --config /etc/mesos-torque.yaml     look at everything
  sudo -u torque mesos-torque doctor --config …           as the user who runs the scheduler: what may it do?
  mesos-torque doctor --json | jq '.checks[] | select(.status != "ok")'

It changes nothing, and may be run beside a scheduler.

Exit codes: 0 nothing is wrong (warnings and what could not be tried aside); 1 something is wrong;
2 the command line or the configuration is wrong.
`;

export function addDoctorCommand(
  program: Command,
  parts: Pick<Parts, 'doctor'>,
  terminal: Terminal,
  exit: (code: number) => void,
): void {
  withFormats(withConfigFlags(program.command('doctor')))
    .description('look at every precondition, and say what mends those that are not met')
    .addHelpText('after', examples)
    .action(async (flags: DoctorFlags) => {
      exit(await examine(flags, parts, terminal));
    });
}

async function examine(
  flags: DoctorFlags,
  parts: Pick<Parts, 'doctor'>,
  terminal: Terminal,
): Promise<number> {
  const sources = await sourcesOf(flags, terminal);
  if (!sources.ok) return complain(terminal, [sources.error]);
  const config = readConfig(sources.value, terminal.hostName);
  if (!config.ok) return complainOfConfig(terminal, config);
  const given = [...readOptions(sources.value).origins].filter(([, origin]) => origin !== 'default');
  const checks = await parts.doctor(
    config.value,
    given.map(([key]) => key),
  );
  show(
    flags,
    terminal,
    () => ({ checks: checks.map(shape) }),
    () => renderChecks(checks),
  );
  return checks.some(({ status }) => status === 'wrong') ? exitWrong : exitOk;
}

/** What programs read, in this order. */
function shape({ name, status, found, remedy }: CheckResult): CheckResult {
  return { name, status, found, remedy };
}
