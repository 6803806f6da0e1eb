/** qdel, qhold, qrls, qrerun and qrun: one request per job named. */
import type { Context } from '../shared/context.ts';
import type { Options } from '../shared/options.ts';
import { parseOptions } from '../shared/options.ts';
import type { Status } from '../shared/attribute.ts';
import { readSettings } from '../shared/settings.ts';
import type { Asked } from './ask.ts';
import { ask, exitCodeOf, failToConnect } from './ask.ts';

export function qdel(context: Context): Promise<number> {
  return forEachJob(context, 'abcm:pt:W:', (options, id) => ({
    op: 'delete-job',
    id,
    purge: options.has('p'),
  }));
}

export function qhold(context: Context): Promise<number> {
  return forEachJob(context, 'h:t:', (options, id) => ({
    op: 'hold-job',
    id,
    holds: options.last('h') ?? 'u',
  }));
}

export function qrls(context: Context): Promise<number> {
  return forEachJob(context, 'h:t:', (options, id) => ({
    op: 'release-job',
    id,
    holds: options.last('h') ?? 'u',
  }));
}

/** `-f`: without asking the mom, which may be dead. */
export function qrerun(context: Context): Promise<number> {
  return forEachJob(context, 'f', (options, id) => ({ op: 'rerun-job', id, force: options.has('f') }));
}

export async function qrun(context: Context): Promise<number> {
  const code = await forEachJob(context, 'aH:', (options, id) => ({
    op: 'run-job',
    id,
    hosts: options.last('H'),
  }));
  // It tries for a while to find a job that is not there.
  if (code === exitCodeOf(15001)) {
    await new Promise((resolve) => setTimeout(resolve, readSettings(context.home).qrunUnknownMs));
  }
  return code === 0 ? 0 : 2;
}

async function forEachJob(
  context: Context,
  spec: string,
  requestFor: (options: Options, id: string) => Asked,
): Promise<number> {
  const options = parseOptions(spec, context.args);
  if (options.bad !== null || options.operands.length === 0) {
    context.err(`usage: ${context.program} [options] job_identifier...\n`);
    return 2;
  }
  let exitCode = 0;
  for (const operand of await expandAll(context, options.operands)) {
    const id = await replaceArrayRange(operand, options.last('t'));
    const reply = await ask(context, requestFor(options, id));
    if (reply.kind === 'unreachable') return failToConnect(context, reply);
    if (reply.kind === 'ok') continue;
    context.err(complaint(context, operand, reply));
    exitCode = exitCodeOf(reply.code);
  }
  return exitCode;
}

function complaint(context: Context, operand: string, reply: { code: number; text: string }): string {
  if (reply.code === 15001 && context.program === 'qdel') return `qdel: nonexistent job id: ${operand}\n`;
  const { serverName } = readSettings(context.home);
  const id = operand.includes('.') ? operand : `${operand}.${serverName}`;
  return `${context.program}: ${reply.text} ${id}\n`;
}

/** `-t 3` names one element of the array. */
function replaceArrayRange(id: string, range: string | null): Promise<string> {
  return Promise.resolve(range !== null && /^\d+$/.test(range) ? id.replace('[]', `[${range}]`) : id);
}

/** `qdel all` */
async function expandAll(context: Context, operands: readonly string[]): Promise<readonly string[]> {
  if (context.program !== 'qdel' || !operands.includes('all')) return operands;
  const reply = await ask<Status[]>(context, { op: 'stat-jobs', id: null, expandArrays: false });
  if (reply.kind !== 'ok') return operands;
  const isOpen = (job: Status): boolean =>
    job.attributes.every((a) => a.name !== 'job_state' || a.value !== 'C');
  return reply.value.filter(isOpen).map((job) => job.name);
}
