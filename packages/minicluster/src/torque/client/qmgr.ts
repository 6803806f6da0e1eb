/** qmgr: `-c COMMAND` or commands on standard input, where a failure leaves the exit code 0 unless `-a`. */
import type { Status } from '../shared/attribute.ts';
import type { Context } from '../shared/context.ts';
import { parseOptions } from '../shared/options.ts';
import type { Reply } from '../shared/wire.ts';
import { ask, complainOfConnection } from './ask.ts';
import { listText, printText } from './qmgr-format.ts';
import type { QmgrCommand } from './qmgr-grammar.ts';
import { parseQmgr } from './qmgr-grammar.ts';

const inputBytesMax = 16 * 1024 * 1024;

/** How a command ended. The words of a failure are already printed. */
type Done = 'ok' | 'failed' | 'unreachable' | 'quit';

interface Manner {
  readonly quiet: boolean;
  readonly dryRun: boolean;
}

export async function qmgr(context: Context): Promise<number> {
  const options = parseOptions('ac:enz', context.args);
  if (options.bad !== null) {
    context.err(`qmgr: ${options.bad}\nusage: qmgr [-a] [-c command] [-e] [-n] [-z] [server...]\n`);
    return 1;
  }
  const manner = { quiet: options.has('z'), dryRun: options.has('n') };
  const single = options.last('c');
  if (single !== null) {
    if (options.has('e')) context.out(`${single}\n`);
    return exitCode(await obey(context, single, manner));
  }
  return obeyAll(context, await context.readStdin(inputBytesMax), manner, options.has('a'), options.has('e'));
}

async function obeyAll(
  context: Context,
  input: string,
  manner: Manner,
  stopAtFailure: boolean,
  echo: boolean,
): Promise<number> {
  const probe = await ask(context, { op: 'stat-server' });
  if (probe.kind === 'unreachable') return complainUnreachable(context, probe);
  context.out('Max open servers: 9\n');
  for (const line of input.split('\n')) {
    if (line.trim() === '') continue;
    context.out(`${line}\n`);
    if (echo) context.out(`${line}\n`);
    const done = await obey(context, line, manner);
    if (done === 'quit') return 0;
    if (done === 'unreachable') return 3;
    if (done === 'failed' && stopAtFailure) return 2;
  }
  return 0;
}

function exitCode(done: Done): number {
  switch (done) {
    case 'ok':
    case 'quit':
      return 0;
    case 'failed':
      return 2;
    case 'unreachable':
      return 3;
  }
}

async function obey(context: Context, line: string, manner: Manner): Promise<Done> {
  const parsed = parseQmgr(line);
  switch (parsed.kind) {
    case 'nothing':
      return 'ok';
    case 'quit':
      return 'quit';
    case 'error':
      if (!manner.quiet) context.err(parsed.text);
      return 'failed';
    case 'command':
      return manner.dryRun ? 'ok' : carryOut(context, parsed.command, manner);
  }
}

async function carryOut(context: Context, command: QmgrCommand, manner: Manner): Promise<Done> {
  const { verb } = command;
  if (verb === 'list' || verb === 'print') return show(context, command, manner);
  if (verb !== 'create' && verb !== 'delete' && verb !== 'set' && verb !== 'unset') return 'ok';
  let done: Done = 'ok';
  for (const name of command.names.length === 0 ? [''] : command.names) {
    const reply = await ask(context, {
      op: 'manage',
      verb: verb === 'unset' ? 'set' : verb,
      object: command.object,
      name,
      directives: command.directives,
    });
    const one = judge(context, reply, name, manner);
    if (one === 'unreachable') return one;
    if (one === 'failed') done = one;
  }
  return done;
}

/** `@default` is everything of the server; without a name 6.1.3 wants an "active" node. */
async function show(context: Context, command: QmgrCommand, manner: Manner): Promise<Done> {
  const { object, names } = command;
  if (object === 'node' && names.length === 0) {
    if (!manner.quiet) context.err('No Active Nodes, nothing done.\n');
    return 'ok';
  }
  const all = names.length === 0 || names.some((name) => name.startsWith('@'));
  const statuses: Status[] = [];
  let done: Done = 'ok';
  for (const name of all || object === 'server' ? [null] : names) {
    const reply = await ask<Status[]>(context, statRequest(object, name));
    const one = judge(context, reply, name ?? '', manner);
    if (one === 'unreachable') return one;
    if (reply.kind === 'ok') statuses.push(...reply.value);
    else done = one;
  }
  if (done !== 'ok' && statuses.length === 0) return done;
  if (command.verb === 'list') context.out(listText(object, statuses));
  else context.out((await queuesBefore(context, object)) + printText(object, statuses));
  return done;
}

function statRequest(object: QmgrCommand['object'], name: string | null) {
  switch (object) {
    case 'server':
      return { op: 'stat-server' } as const;
    case 'queue':
      return { op: 'stat-queues', name } as const;
    case 'node':
      return { op: 'stat-nodes', name } as const;
  }
}

/** `print server` prints the queues first. */
async function queuesBefore(context: Context, object: QmgrCommand['object']): Promise<string> {
  if (object !== 'server') return '';
  const reply = await ask<Status[]>(context, { op: 'stat-queues', name: null });
  return reply.kind === 'ok' && reply.value.length > 0 ? printText('queue', reply.value) : '';
}

function judge(context: Context, reply: Reply<unknown>, name: string, manner: Manner): Done {
  switch (reply.kind) {
    case 'ok':
      return 'ok';
    case 'refused':
      if (!manner.quiet) context.err(`qmgr obj=${name} svr=default: ${reply.text}\n`);
      return 'failed';
    case 'unreachable':
      complainUnreachable(context, reply);
      return 'unreachable';
  }
}

function complainUnreachable(context: Context, reply: { code: number; text: string }): number {
  complainOfConnection(context, reply.code, 1);
  context.err(`qmgr: cannot connect to server  (errno=${reply.code}) ${reply.text}\n`);
  return 3;
}
