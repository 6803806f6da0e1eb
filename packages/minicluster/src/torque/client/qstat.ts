/** qstat: jobs, queues (`-Q`) and the server (`-B`), as tables, in full (`-f`) or as XML (`-x`, jobs only). */
import type { Status } from '../shared/attribute.ts';
import type { Context } from '../shared/context.ts';
import type { Options } from '../shared/options.ts';
import { parseOptions } from '../shared/options.ts';
import { readSettings } from '../shared/settings.ts';
import type { Reply } from '../shared/wire.ts';
import { ask, complainOfConnection, exitCodeOf, serverInComplaint } from './ask.ts';
import { fullText, jobXml } from './full-format.ts';
import {
  hostsLine,
  jobTableHead,
  jobTableRow,
  queueTable,
  serverTable,
  valueOf,
  wideTableHead,
  wideTableRow,
} from './short-format.ts';

/** It tries three times to connect. */
const attempts = 3;

export async function qstat(context: Context): Promise<number> {
  const options = parseOptions('1aBcC:efGilMnqQrRstu:W:x', context.args);
  if (options.bad !== null) {
    context.err(`qstat: ${options.bad}\n`);
    return 2;
  }
  if (options.has('Q')) return queues(context, options);
  if (options.has('B')) return server(context, options);
  return jobs(context, options);
}

async function queues(context: Context, options: Options): Promise<number> {
  const names = options.operands.length === 0 ? [null] : options.operands;
  for (const name of names) {
    const reply = await ask<Status[]>(context, { op: 'stat-queues', name });
    if (reply.kind !== 'ok') return complain(context, reply, name);
    const full = reply.value.map((queue) => fullText('Queue', queue)).join('');
    context.out(options.has('f') ? full : queueTable(reply.value));
  }
  return 0;
}

async function server(context: Context, options: Options): Promise<number> {
  const reply = await ask<Status[]>(context, { op: 'stat-server' });
  if (reply.kind !== 'ok') return complain(context, reply, null);
  for (const one of reply.value) {
    context.out(options.has('f') ? fullText('Server', one) : serverTable(one));
  }
  return 0;
}

async function jobs(context: Context, options: Options): Promise<number> {
  const found: Status[] = [];
  let exitCode = 0;
  let named = false;
  for (const operand of options.operands.length === 0 ? [null] : options.operands) {
    // An operand that does not begin with a digit is a queue.
    const queue = operand !== null && !/^\d/.test(operand) ? operand : null;
    const id = queue === null ? operand : null;
    const reply = await ask<Status[]>(context, { op: 'stat-jobs', id, expandArrays: options.has('t') });
    if (reply.kind !== 'ok') {
      exitCode = complain(context, reply, operand);
      if (reply.kind === 'unreachable') return exitCode;
      continue;
    }
    named = true;
    found.push(...reply.value.filter((job) => queue === null || valueOf(job, 'queue') === queue));
  }
  if (named) context.out(render(context, options, found));
  return exitCode;
}

function render(context: Context, options: Options, jobs: readonly Status[]): string {
  if (options.has('x')) return `<?xml version="1.0"?>\n<Data>${jobs.map(jobXml).join('')}</Data>\n`;
  if (options.has('f')) return jobs.map((job) => fullText('Job Id', job)).join('');
  const wide = options.given.some(([letter]) => 'airnsGMu1'.includes(letter));
  if (!wide) return jobs.length === 0 ? '' : jobTableHead + jobs.map(jobTableRow).join('');
  const shown = jobs.filter((job) => isWanted(job, options));
  if (shown.length === 0) return '';
  const oneLine = options.has('1');
  const row = (job: Status): string => {
    const hosts = options.has('n') ? hostsLine(job) : oneLine ? '\n' : '';
    return `${wideTableRow(job)}${oneLine ? '' : '\n'}${hosts}`;
  };
  return wideTableHead(readSettings(context.home).serverName) + shown.map(row).join('');
}

/** `-r` shows jobs that run, `-i` those that do not, `-u` those of a user. */
function isWanted(job: Status, options: Options): boolean {
  const state = valueOf(job, 'job_state') ?? '';
  const user = options.last('u');
  if (user !== null && !user.split(',').includes(valueOf(job, 'euser') ?? '')) return false;
  if (options.has('r')) return ['R', 'S', 'E'].includes(state);
  if (options.has('i')) return ['Q', 'H', 'W', 'T'].includes(state);
  return true;
}

function complain(
  context: Context,
  reply: Exclude<Reply<unknown>, { kind: 'ok' }>,
  operand: string | null,
): number {
  if (reply.kind === 'unreachable') {
    complainOfConnection(context, reply.code, attempts);
    const name = serverInComplaint(context, reply.code);
    context.err(`qstat: cannot connect to server ${name} (errno=${reply.code}) ${reply.text}\n`);
    context.err(`qstat: Error (${reply.code} - ${reply.text}) \n`);
  } else {
    const ofJob = operand !== null && reply.code !== 15001 ? ` ${operand}` : '';
    context.err(`qstat: ${reply.text}${ofJob}\n`);
  }
  return exitCodeOf(reply.code);
}
