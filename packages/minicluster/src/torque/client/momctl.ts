/** momctl: talks to moms, not to the server, on their manager port. Always needs root. */
import type { MomRequest } from '../shared/api.ts';
import type { Status } from '../shared/attribute.ts';
import type { Context } from '../shared/context.ts';
import { readHosts, resolveHost } from '../shared/hosts.ts';
import type { Options } from '../shared/options.ts';
import { parseOptions } from '../shared/options.ts';
import { readSettings } from '../shared/settings.ts';
import type { Reply } from '../shared/wire.ts';
import { request } from '../shared/wire.ts';
import { ask } from './ask.ts';

const answerMsMax = 30_000;
const attemptsForUnknownHost = 5;

const usage = `  no command specified
USAGE:  momctl <ARGS>
            [ -c {JOB|'all'} ]    // CLEAR JOB
            [ -C ]                // CYCLE
            [ -d DIAGLEVEL ]      // DIAGNOSE (0 - 3)
            [ -f HOSTFILE ]       // FILE CONTAINING HOSTLIST
            [ -h HOST[,HOST]... ] // HOSTLIST
            [ -l ]                // PRINT MACHINE LAYOUT (CGROUPS ONLY)
            [ -p PORT ]           // PORT
            [ -q ATTR ]           // QUERY ATTRIBUTE
            [ -r FILE ]           // RECONFIG
            [ -s ]                // SHUTDOWN
            [ -u ]                // UPDATE PBS_SERVER HARDWARE CONFIGURATION

 Only one of c, C, d, q, r, or s must be specified, but -q may
 be used multiple times. HOST may be a hostname or ":property".
`;

export async function momctl(context: Context): Promise<number> {
  if (context.user !== 'root') {
    context.err('Must be run as root\n');
    return 1;
  }
  const options = parseOptions('c:Cd:f:h:lp:q:r:su', context.args);
  const commands = options.given.filter(([letter]) => 'cCdqrs'.includes(letter));
  if (options.bad !== null || commands.length === 0) {
    context.err(options.bad === null ? usage : `momctl: ${options.bad}\n${usage}`);
    return 1;
  }
  let exitCode = 0;
  for (const host of await hostsOf(context, options.last('h') ?? 'localhost')) {
    exitCode = Math.max(exitCode, await askMom(context, options, host));
  }
  return exitCode;
}

/** `:ALL` and `:property` stand for the server's nodes. */
async function hostsOf(context: Context, list: string): Promise<string[]> {
  if (!list.startsWith(':')) return list.split(',');
  const reply = await ask<Status[]>(context, { op: 'stat-nodes', name: null });
  if (reply.kind !== 'ok') return [];
  const properties = (node: Status): string[] =>
    (node.attributes.find((a) => a.name === 'properties')?.value ?? '').split(',');
  return reply.value
    .filter((node) => list === ':ALL' || properties(node).includes(list.slice(1)))
    .map((node) => node.name);
}

async function askMom(context: Context, options: Options, host: string): Promise<number> {
  const address = resolveHost(readHosts(context.home), host);
  if (address === null) return unknownHost(context, host);
  const port = Number(options.last('p') ?? 15003);
  const call = (body: MomRequest): Promise<Reply<unknown>> =>
    request({ host: address, port }, body, answerMsMax);
  const queries = options.given.filter(([letter]) => letter === 'q').map(([, name]) => name);
  if (queries.length > 0) return query(context, call, host, queries);
  const [body, said] = commandOf(options, host);
  if (body === null) {
    context.err(said);
    return 1;
  }
  const reply = await call(body);
  if (reply.kind !== 'ok') return cannotConnect(context, host, reply.code, reply.text);
  context.out(typeof reply.value === 'string' ? reply.value : said);
  return 0;
}

/** The request, and what is printed when it succeeds; null with what is printed when it cannot be done. */
function commandOf(options: Options, host: string): [MomRequest | null, string] {
  if (options.has('d')) return [{ op: 'diagnose', level: Number(options.last('d')) }, ''];
  if (options.has('C')) return [{ op: 'cycle' }, `mom ${host} successfully cycled cycle forced\n`];
  if (options.has('s')) return [{ op: 'shutdown' }, `shutdown request successful on ${host}\n`];
  const job = options.last('c');
  if (job !== null) return [{ op: 'clear-job', id: job }, `job clear request successful on ${host}\n`];
  return [null, `ERROR:    cannot reconfigure mom on ${host} (errno=0-Success)\n`];
}

async function query(
  context: Context,
  call: (body: MomRequest) => Promise<Reply<unknown>>,
  host: string,
  names: readonly string[],
): Promise<number> {
  for (const [i, name] of names.entries()) {
    const reply = await call({ op: 'query', name });
    if (reply.kind !== 'ok') return cannotConnect(context, host, reply.code, reply.text);
    if (typeof reply.value !== 'string') {
      context.err(`ERROR:    query[${i}] '${name}' failed on ${host} (errno=0 - Success : 0 - Success)\n`);
      return 1;
    }
    context.out(`${host.padStart(12)}: ${name.padStart(12)} = '${name}=${reply.value}'\n`);
  }
  return 0;
}

function cannotConnect(context: Context, host: string, code: number, text: string): number {
  context.err(`cannot connect to MOM on node '${host}', errno=${code} (${text})\n`);
  return 1;
}

async function unknownHost(context: Context, host: string): Promise<number> {
  const { momctlRetryMs } = readSettings(context.home);
  for (let attempt = 0; attempt < attemptsForUnknownHost; attempt++) {
    cannotConnect(context, host, 0, 'Success');
    context.out('attempting command again\n');
    await new Promise((resolve) => setTimeout(resolve, momctlRetryMs));
  }
  return 1;
}
