/**
 * `prologue` and `epilogue` of mom_priv, and their `.parallel` kin on sisters, as 6.1.3 runs them: with
 * the checks of owner and modes, the arguments, the environment and the working directory that were
 * recorded. Differs on purpose: they run as whoever runs the stand-in, and so must belong to that user.
 */
import { spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { userInfo } from 'node:os';
import path from 'node:path';
import type { Account } from '../shared/account.ts';
import type { JobEnd, JobOrder } from '../shared/api.ts';
import { jobFiles } from './job-files.ts';

export type JobScript = 'prologue' | 'prologue.parallel' | 'epilogue' | 'epilogue.parallel';

export interface JobScriptOf {
  readonly home: string;
  readonly order: JobOrder;
  /** The job's owner's; null where jobs run as whoever runs the stand-in. */
  readonly account: Account | null;
  /** Position among the job's nodes; 0 is the mother superior. */
  readonly nodeIndex: number;
  /** Descriptors of the job's output; null where the output is thrown away. */
  readonly outputs: { readonly stdout: number; readonly stderr: number } | null;
  /** How the job ended, for epilogues. */
  readonly end: JobEnd | null;
  readonly sessionId: number;
}

/** PBS_PROLOG_TIME of 6.1.3, less the ten seconds by which it is early. */
const scriptMsMax = 290_000;
const permissionError = -1;
const timedOut = -4;

/** Its exit code; 0 where there is none, -1 when it may not be run, -4 when it took too long. */
export async function runJobScript(name: JobScript, of: JobScriptOf): Promise<number> {
  const priv = path.join(of.home, 'mom_priv');
  const file = path.join(priv, name);
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) return 0;
  const mayRun = stat.isFile() && (stat.mode & 0o500) === 0o500 && (stat.mode & 0o022) === 0;
  if (!mayRun || stat.uid !== userInfo().uid) return permissionError;
  const { stdout, stderr } = of.outputs ?? ({ stdout: 'ignore', stderr: 'ignore' } as const);
  const child = spawn(file, argumentsOf(name, of), {
    cwd: priv,
    env: environmentOf(of),
    detached: true,
    stdio: ['ignore', stdout, stderr],
    timeout: scriptMsMax,
    killSignal: 'SIGKILL',
  });
  return new Promise((resolve) => {
    child.on('error', () => {
      resolve(255);
    });
    child.on('exit', (code) => {
      resolve(code ?? timedOut);
    });
  });
}

function argumentsOf(name: JobScript, { home, order, account, end, sessionId }: JobScriptOf): string[] {
  const script = jobFiles(home, order.id).script;
  const { name: user, gid } = account ?? { name: userInfo().username, gid: userInfo().gid };
  const about = [order.id, user, String(gid), order.name];
  const asked = order.resources.map(([key, value]) => `${key}=${value}`).join(',');
  if (name === 'prologue' || name === 'prologue.parallel') {
    return [...about, asked, order.queue, order.account, script];
  }
  const used = end?.kind === 'exit' ? `walltime=${end.walltimeS},mem=${end.memKb}kb` : '';
  const exitStatus = String(end?.exitStatus ?? 0);
  return [...about, String(sessionId), asked, used, order.queue, order.account, exitStatus, script];
}

function environmentOf({ home, order, nodeIndex }: JobScriptOf): Record<string, string> {
  const workDir = order.variables.find((one) => one.startsWith('PBS_O_WORKDIR='));
  const nodes = order.resources.find(([key]) => key === 'nodes')?.[1];
  return {
    LANG: 'C.UTF-8',
    PATH: '/bin:/usr/bin',
    PBS_MSHOST: order.hosts[0]?.node ?? '',
    PBS_NODENUM: String(nodeIndex),
    PBS_NP: String(order.hosts.reduce((sum, host) => sum + host.slots, 0)),
    PBS_NUM_NODES: String(order.hosts.length),
    PBS_NUM_PPN: String(order.hosts[0]?.slots ?? 1),
    ...(nodeIndex === 0 ? { PBS_NODEFILE: path.join(home, 'aux', order.id) } : {}),
    ...(workDir === undefined ? {} : { PBS_O_WORKDIR: workDir.slice('PBS_O_WORKDIR='.length) }),
    ...(nodes === undefined ? {} : { PBS_RESOURCE_NODES: nodes }),
  };
}
