/**
 * Makes pbs_server read `resources_available.nodect`. After a start it counts as unset until the server
 * checks a submission; setting it anew does not help (tried on 6.1.3: three of three jobs were deleted).
 *
 * The probe asks for more nodes than any cluster has and so is refused, in the very check that reads
 * nodect; nothing is left behind. A queue that takes everything (`is_transit=true`) accepts it: it is held,
 * and deleted at once.
 */
import path from 'node:path';
import type { Argv, CommandResult, RunCommand } from '@mesos-torque/common/run-command.ts';
import type { Outcome } from '../../loop/ports.ts';
import { failed } from '../torque-commands.ts';
import { wordsIn } from './words.ts';
import { findAccount, type Account } from './account.ts';

export interface ProbeParts {
  readonly run: RunCommand;
  /** Null: TORQUE's programs are on the PATH. */
  readonly binDir: string | null;
  readonly timeoutMs: number;
  /** As whom; null as ourselves. qsub refuses root: "qsub can not be run as root", exit 1. */
  readonly account: Account | null;
  readonly env: Readonly<Record<string, string>>;
}

/** By this name a probe is known that was accepted and that we did not live to delete. */
export const probeName = 'mesos-torque-probe';
/** More than nodect can sensibly be: qmgr takes up to 65,535 slots for the placeholder. */
const nodesOfProbe = 999_999;
const outputBytesMax = 1024 * 1024;
/** Leftovers deleted at a time; more of them are left for the next. */
const leftoversMax = 20;
const jobIdPattern = /^[0-9]{1,12}(?:\.[A-Za-z0-9._-]{1,255})?$/;
/** Of qsub: PBSE_EXCQRESC, the request was compared with what there is. */
const exceedsLimits = 190;

/** `user`: as whom to submit; null as ourselves. Looked up each time, for the account may be made while we run. */
export async function probeParts(
  parts: Omit<ProbeParts, 'account'>,
  user: string | null,
): Promise<Outcome<ProbeParts>> {
  const account = user === null ? null : await findAccount(parts.run, user);
  if (account?.ok === false)
    return failed(account.problem.kind, `torque.probeUser: ${account.problem.detail}`);
  return { ok: true, value: { ...parts, account: account?.value ?? null } };
}

export async function probeNodect(parts: ProbeParts): Promise<Outcome<null>> {
  const leftovers = await deleteLeftovers(parts);
  if (!leftovers.ok) return leftovers;
  const result = await runAs(
    parts,
    ['qsub', '-h', '-N', probeName, '-l', `nodes=${nodesOfProbe}`],
    'exit 0\n',
  );
  if (result.kind !== 'exit') return failed('unreachable', `qsub of the probe: ${wordsIn(result)}`);
  if (result.code === 0) return deleteJobs(parts, [result.stdout.toString('utf8').trim()]);
  if (result.code === exceedsLimits && wordsIn(result).includes('exceeds queue resource limits')) {
    return { ok: true, value: null };
  }
  return failed('refused', `qsub of the probe${asWhom(parts)} exited ${result.code}: ${wordsIn(result)}`);
}

/** A held job of the probe's name is one of ours that was not deleted: we were killed in between. */
async function deleteLeftovers(parts: ProbeParts): Promise<Outcome<null>> {
  const result = await runAs(parts, ['qselect', '-N', probeName, '-s', 'H']);
  if (result.kind !== 'exit' || result.code !== 0) {
    return failed('unreachable', `qselect of earlier probes: ${wordsIn(result)}`);
  }
  const ids = result.stdout
    .toString('utf8')
    .split('\n')
    .filter((line) => line.trim() !== '');
  return deleteJobs(parts, ids.slice(0, leftoversMax));
}

async function deleteJobs(parts: ProbeParts, ids: readonly string[]): Promise<Outcome<null>> {
  for (const id of ids) {
    if (!jobIdPattern.test(id))
      return failed('garbled', `the probe's job id reads ${JSON.stringify(id.slice(0, 60))}`);
    const result = await runAs(parts, ['qdel', id]);
    // 153: it is gone; 170: it has ended.
    const done = result.kind === 'exit' && [0, 153, 170].includes(result.code);
    if (!done) return failed('refused', `qdel of the probe ${id}${asWhom(parts)}: ${wordsIn(result)}`);
  }
  return { ok: true, value: null };
}

/** Whether any job waits, held ones included; so many that they cannot be listed are some. */
export async function hasWaitingJobs(parts: ProbeParts): Promise<Outcome<boolean>> {
  const result = await runAs({ ...parts, account: null }, ['qselect', '-s', 'QHW']);
  if (result.kind === 'too-much-output') return { ok: true, value: true };
  if (result.kind === 'exit' && result.code === 0) {
    return { ok: true, value: result.stdout.toString('utf8').trim() !== '' };
  }
  return failed('unreachable', `qselect of waiting jobs: ${wordsIn(result)}`);
}

function runAs(parts: ProbeParts, argv: Argv, stdin?: string): Promise<CommandResult> {
  const { account, binDir, timeoutMs, env } = parts;
  const [program, ...args] = argv;
  const file = binDir === null ? program : path.join(binDir, program);
  return parts.run([file, ...args], {
    timeoutMs,
    outputBytesMax,
    cwd: '/',
    env: account === null ? env : { ...env, HOME: '/', USER: account.name, LOGNAME: account.name },
    ...(stdin === undefined ? {} : { stdin }),
    ...(account === null ? {} : { account: { uid: account.uid, gid: account.gid } }),
  });
}

function asWhom({ account }: ProbeParts): string {
  return account === null ? '' : ` as ${account.name}`;
}
