/** `drain`, `undrain`, `hold`, `release`, `scale` and `log-level`: what an operator may change while the scheduler runs. */
import type { Command } from 'commander';
import {
  DrainResponse,
  type DrainRequest,
  HoldGrowthResponse,
  type ReleaseGrowthResponse,
  SetLogLevelResponse,
  SetPolicyResponse,
  type UndrainResponse,
} from '@mesos-torque/proto/gen/control/v1/messages.ts';
import { grouped } from '@mesos-torque/common/units.ts';
import { duration } from '../config-kinds.ts';
import { exitBadInput, exitOk } from './config-flags.ts';
import {
  ask,
  asking,
  CallFailed,
  exitCodes,
  whoTypes,
  withOutputFlags,
  type AskFlags,
} from './control-call.ts';
import { show } from './output.ts';
import { clean, type Terminal } from './terminal.ts';

interface OrderFlags extends AskFlags {
  readonly why: string;
}

interface DrainFlags extends OrderFlags {
  readonly deadline?: string;
  readonly force?: true;
}

interface ScaleFlags extends OrderFlags {
  readonly min?: string;
  readonly max?: string;
  readonly reset?: true;
}

const yearMs = 365 * 24 * 3_600_000;
const deadlineKind = duration(1000, yearMs);

export function addOrderCommands(program: Command, terminal: Terminal, exit: (code: number) => void): void {
  const order = (name: string, what: string, examples: string): Command =>
    withOutputFlags(program.command(name))
      .description(what)
      .requiredOption('--why <reason>', 'why: it is shown wherever this has an effect, with who typed it')
      .addHelpText('after', `\nExamples:\n${examples}\n\n${exitCodes}\n`);

  order(
    'drain',
    'take a node, or what runs on an agent, out of service: offline, its jobs end, gone; nothing new is launched there',
    `  mesos-torque drain node n7.example.org --why "new disk"
  mesos-torque drain agent n8.example.org --why "kernel" --deadline 2h   agents may be named by their hosts
  mesos-torque drain node n7 --why "it burns" --deadline 5m --force   what still runs then is ended`,
  )
    .argument('<kind>', 'node or agent')
    .argument('<name>', "the node's name; the agent's id, or the name of its host")
    .option('--deadline <time>', 'how long its jobs may go on, such as 30m or 2h')
    .option('--force', 'end what still runs at the deadline; without it a deadline only shows who is late')
    .action(async (kind: string, name: string, flags: DrainFlags) => {
      exit(await drain(kind, name, flags, terminal));
    });
  order('undrain', 'take a drain back', '  mesos-torque undrain node n7.example.org --why "disk is in"')
    .argument('<kind>', 'node or agent')
    .argument('<name>', "the node's name; the agent's id, or the name of its host")
    .action(async (kind: string, name: string, flags: OrderFlags) => {
      exit(await undrain(kind, name, flags, terminal));
    });
  order(
    'hold',
    'launch nothing until release; what is there goes on',
    '  mesos-torque hold --why "power cut at six"',
  ).action(async (flags: OrderFlags) => {
    exit(await hold(flags, terminal));
  });
  order('release', 'let nodes be launched again', '  mesos-torque release --why "power is back"').action(
    async (flags: OrderFlags) => {
      exit(await release(flags, terminal));
    },
  );
  order(
    'scale',
    'hold more or fewer nodes, within what is configured, restarts included',
    `  mesos-torque scale --min 2 --max 20 --why "weekend"
  mesos-torque scale --reset --why "monday"     back to the configuration`,
  )
    .option('--min <nodes>', 'nodes held even when nothing waits (policy.minSlotsHeld)')
    .option('--max <nodes>', 'nodes held at the most (policy.safeAllocation.nodes)')
    .option('--reset', 'as configured')
    .action(async (flags: ScaleFlags) => {
      exit(await scale(flags, terminal));
    });
  order(
    'log-level',
    'how much the running scheduler logs, until it ends',
    '  mesos-torque log-level debug --why "job 42 waits for no reason"\n  mesos-torque log-level info --why "seen enough"',
  )
    .argument('<level>', 'debug, info, warn or error')
    .action(async (level: string, flags: OrderFlags) => {
      exit(await logLevel(level, flags, terminal));
    });
}

function logLevel(level: string, flags: OrderFlags, terminal: Terminal): Promise<number> {
  return asking(flags, terminal, async (place) => {
    const request = { ...by(flags, terminal), level };
    const answer = await ask<SetLogLevelResponse>(place, (client, metadata, options, done) =>
      client.setLogLevel(request, metadata, options, done),
    );
    say(
      flags,
      terminal,
      SetLogLevelResponse.toJSON(answer),
      `Log level: ${level}, was ${answer.levelBefore}.`,
    );
    return exitOk;
  });
}

/** One sentence for people, the answer for programs. */
function say(flags: OrderFlags, terminal: Terminal, answer: unknown, sentence: string): void {
  show(
    flags,
    terminal,
    () => answer,
    () => `${clean(sentence)}\n`,
  );
}

function by(flags: OrderFlags, terminal: Terminal): { who: string; why: string } {
  return { who: whoTypes(terminal), why: flags.why };
}

function targetOf(kind: string, value: string): NonNullable<DrainRequest['target']> {
  switch (kind) {
    case 'node':
      return { $case: 'node', value };
    case 'agent':
      return { $case: 'agentId', value };
    default:
      throw new CallFailed(`${kind} ${value}: nodes and agents can be drained`, exitBadInput);
  }
}

function drain(kind: string, name: string, flags: DrainFlags, terminal: Terminal): Promise<number> {
  return asking(flags, terminal, async (place) => {
    const request = {
      ...by(flags, terminal),
      target: targetOf(kind, name),
      deadlineAfterMs: BigInt(flags.deadline === undefined ? 0 : deadlineMs(flags.deadline)),
      force: flags.force === true,
    };
    const answer = await ask<DrainResponse>(place, (client, metadata, options, done) =>
      client.drain(request, metadata, options, done),
    );
    const { nodes } = answer;
    const which = nodes.length === 0 ? 'no node of ours is there now' : nodes.join(', ');
    say(
      flags,
      terminal,
      DrainResponse.toJSON(answer),
      `Draining ${kind} ${name} (${which}). mesos-torque explain ${kind} ${name} tells how far it is.`,
    );
    return exitOk;
  });
}

function deadlineMs(text: string): number {
  const read = deadlineKind.read(text);
  if (read.ok) return read.value;
  throw new CallFailed(`--deadline ${text} is not possible: ${read.remedy}`, exitBadInput);
}

function undrain(kind: string, name: string, flags: OrderFlags, terminal: Terminal): Promise<number> {
  return asking(flags, terminal, async (place) => {
    const request = { ...by(flags, terminal), target: targetOf(kind, name) };
    await ask<UndrainResponse>(place, (client, metadata, options, done) =>
      client.undrain(request, metadata, options, done),
    );
    say(flags, terminal, {}, `No longer drained: ${kind} ${name}.`);
    return exitOk;
  });
}

function hold(flags: OrderFlags, terminal: Terminal): Promise<number> {
  return asking(flags, terminal, async (place) => {
    const answer = await ask<HoldGrowthResponse>(place, (client, metadata, options, done) =>
      client.holdGrowth(by(flags, terminal), metadata, options, done),
    );
    const text = 'Growth is held: nothing is launched until mesos-torque release.';
    say(flags, terminal, HoldGrowthResponse.toJSON(answer), text);
    return exitOk;
  });
}

function release(flags: OrderFlags, terminal: Terminal): Promise<number> {
  return asking(flags, terminal, async (place) => {
    await ask<ReleaseGrowthResponse>(place, (client, metadata, options, done) =>
      client.releaseGrowth(by(flags, terminal), metadata, options, done),
    );
    say(flags, terminal, {}, 'Growth is released.');
    return exitOk;
  });
}

function scale(flags: ScaleFlags, terminal: Terminal): Promise<number> {
  return asking(flags, terminal, async (place) => {
    const request = {
      ...by(flags, terminal),
      minNodes: nodesOf('--min', flags.min),
      maxNodes: nodesOf('--max', flags.max),
      reset: flags.reset === true,
    };
    const answer = await ask<SetPolicyResponse>(place, (client, metadata, options, done) =>
      client.setPolicy(request, metadata, options, done),
    );
    const { minNodes, maxNodes } = answer;
    const most = maxNodes === undefined ? 'any number' : grouped(maxNodes);
    const text = `Nodes held: at least ${grouped(minNodes)}, at most ${most}.`;
    say(flags, terminal, SetPolicyResponse.toJSON(answer), text);
    return exitOk;
  });
}

function nodesOf(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new CallFailed(`${flag} ${text} is not a whole number of nodes`, exitBadInput);
}
