/** `repair` and `brake`: what contradicts itself, what is held back, and a person's word on both. */
import type { Command } from 'commander';
import { RepairRequest, RepairResponse } from '@mesos-torque/proto/gen/control/v1/messages.ts';
import { counted } from '../core/reasons.ts';
import { exitBadInput, exitOk, exitWrong } from './config-flags.ts';
import {
  ask,
  asking,
  CallFailed,
  exitCodes,
  whoTypes,
  withOutputFlags,
  type AskFlags,
} from './control-call.ts';
import type { Place } from './place.ts';
import { show } from './output.ts';
import { renderBrake, renderRepair } from './render-repair.ts';
import { clean, type Terminal } from './terminal.ts';

interface RepairFlags extends AskFlags {
  readonly dryRun?: true;
  readonly yes?: true;
  readonly why?: string;
  readonly clearAgent?: string;
}

interface BrakeFlags extends AskFlags {
  readonly why?: string;
}

export function addRepairCommands(program: Command, terminal: Terminal, exit: (code: number) => void): void {
  withOutputFlags(program.command('repair'))
    .description('what contradicts itself between TORQUE, Mesos and the scheduler, and what is done about it')
    .option('--dry-run', 'only show it, which is what happens without --yes too')
    .option('--yes', 'look again at once and mend what can be; takes --why')
    .option(
      '--clear-agent <id>',
      'with --yes: let an agent, named by its id or host, be tried again that is in quarantine',
    )
    .option('--why <reason>', 'why; it goes into the journal, with who typed it')
    .addHelpText(
      'after',
      `
Examples:
  mesos-torque repair                          shows it, and exits with 1 if there is something
  mesos-torque repair --yes --why "after the outage"
  mesos-torque repair --yes --clear-agent a7-S3 --why "disk replaced"

What many answers at once speak against is not removed before somebody confirms it: mesos-torque brake.

${exitCodes}
`,
    )
    .action(async (flags: RepairFlags) => {
      exit(await repair(flags, terminal));
    });
  withOutputFlags(program.command('brake'))
    .description(
      'removals that are held back, because too many nodes are to go at once; confirm lets them go',
    )
    .argument('[confirm]', 'the word confirm')
    .argument('[id]', 'the id that was shown; it stands for the nodes that were shown with it')
    .option('--why <reason>', 'why; it goes into the journal, with who typed it')
    .addHelpText(
      'after',
      `
Examples:
  mesos-torque brake                           shows what is held back, and exits with 1 if something is
  mesos-torque brake confirm brake-1a2b3c4d --why "rack 7 has burnt"

${exitCodes}
`,
    )
    .action(async (word: string | undefined, id: string | undefined, flags: BrakeFlags) => {
      exit(await brake(word, id, flags, terminal));
    });
}

function repair(flags: RepairFlags, terminal: Terminal): Promise<number> {
  return asking(flags, terminal, async (place) => {
    const isOrder = flags.yes === true;
    if (isOrder && flags.dryRun === true) throw wrong('--dry-run and --yes: give one of them');
    if (!isOrder && flags.clearAgent !== undefined) throw wrong('--clear-agent: takes --yes');
    const request = isOrder
      ? { ...by(flags, terminal), clearAgentId: flags.clearAgent ?? '' }
      : { dryRun: true };
    const answer = await order(place, request);
    show(
      flags,
      terminal,
      () => RepairResponse.toJSON(answer),
      () => renderRepair(answer),
    );
    return !isOrder && (answer.steps.length > 0 || answer.brake !== undefined) ? exitWrong : exitOk;
  });
}

function brake(
  word: string | undefined,
  id: string | undefined,
  flags: BrakeFlags,
  terminal: Terminal,
): Promise<number> {
  return asking(flags, terminal, async (place) => {
    if (word === undefined) return showBrake(place, flags, terminal);
    if (word !== 'confirm') throw wrong(`brake ${word}: only confirm is possible`);
    if (id === undefined) throw wrong('brake confirm: give the id that mesos-torque brake shows');
    const answer = await order(place, { ...by(flags, terminal), confirmBrake: id });
    const { confirmedNodes } = answer;
    show(
      flags,
      terminal,
      () => RepairResponse.toJSON(answer),
      () =>
        clean(`Confirmed: ${counted(confirmedNodes.length, 'node')} will go: ${confirmedNodes.join(', ')}`) +
        '\n',
    );
    return exitOk;
  });
}

async function showBrake(place: Place, flags: BrakeFlags, terminal: Terminal): Promise<number> {
  const answer = await order(place, { dryRun: true });
  const held = answer.brake;
  show(
    flags,
    terminal,
    () => RepairResponse.toJSON(RepairResponse.fromPartial({ brake: held })),
    () => (held === undefined ? 'Nothing is held back.\n' : renderBrake(held)),
  );
  return held === undefined ? exitOk : exitWrong;
}

function order(place: Place, request: Partial<RepairRequest>): Promise<RepairResponse> {
  return ask<RepairResponse>(place, (client, metadata, options, done) =>
    client.repair(RepairRequest.fromPartial(request), metadata, options, done),
  );
}

function by({ why }: BrakeFlags, terminal: Terminal): { readonly who: string; readonly why: string } {
  if (why !== undefined) return { who: whoTypes(terminal), why };
  throw wrong('--why: every change names its reason');
}

function wrong(message: string): CallFailed {
  return new CallFailed(message, exitBadInput);
}
