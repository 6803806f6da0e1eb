/**
 * All programs of the stand-in; a launcher names the one to run. Each is loaded only when needed, so
 * that a command starts fast.
 */
import { messageOf } from '@mesos-torque/common/text.ts';
import { userInfo } from 'node:os';
import type { Context, Program } from './shared/context.ts';

/** What a launcher has baked in. */
export interface Launch {
  readonly program: string;
  readonly home: string;
  /** Who acts; null for the user of the process. */
  readonly user: string | null;
  readonly binDir: string;
}

const programs: Readonly<Record<string, () => Promise<Program>>> = {
  qsub: async () => (await import('./client/qsub.ts')).qsub,
  qstat: async () => (await import('./client/qstat.ts')).qstat,
  qdel: async () => (await import('./client/job-commands.ts')).qdel,
  qhold: async () => (await import('./client/job-commands.ts')).qhold,
  qrls: async () => (await import('./client/job-commands.ts')).qrls,
  qrerun: async () => (await import('./client/job-commands.ts')).qrerun,
  qrun: async () => (await import('./client/job-commands.ts')).qrun,
  qselect: async () => (await import('./client/qselect.ts')).qselect,
  qmgr: async () => (await import('./client/qmgr.ts')).qmgr,
  qterm: async () => (await import('./client/qterm.ts')).qterm,
  pbsnodes: async () => (await import('./client/pbsnodes.ts')).pbsnodes,
  momctl: async () => (await import('./client/momctl.ts')).momctl,
  pbsdsh: async () => (await import('./client/pbsdsh.ts')).pbsdsh,
  trqauthd: async () => (await import('./client/trqauthd.ts')).trqauthd,
  pbs_server: async () => (await import('./server/pbs-server.ts')).pbsServer,
  pbs_sched: async () => (await import('./sched/pbs-sched.ts')).pbsSched,
  pbs_mom: async () => (await import('./mom/pbs-mom.ts')).pbsMom,
};

export const programNames: readonly string[] = Object.keys(programs);
/** qmgr, qdel, qterm and momctl of 6.1.3 have no such flag. */
const tellVersion = ['qstat', 'pbsnodes', 'qsub', 'pbs_server', 'trqauthd', 'pbs_mom'];
const daemons = ['trqauthd', 'pbs_server', 'pbs_sched', 'pbs_mom'];

/** Runs the launcher's program with this process's arguments; sets the exit code. */
export async function launch(how: Launch): Promise<void> {
  const context: Context = {
    ...how,
    args: process.argv.slice(2),
    user: process.env['TORQUE_STANDIN_USER'] ?? how.user ?? userInfo().username,
    env: process.env,
    cwd: process.cwd(),
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    readStdin,
  };
  process.exitCode = await runProgram(context);
  // Timers of a daemon that has done its work keep nobody waiting.
  if (daemons.includes(how.program)) process.exit();
}

/** Runs one program to its end; its exit code. */
export async function runProgram(context: Context): Promise<number> {
  try {
    const load = programs[context.program];
    if (load === undefined) throw new Error('no such program');
    if (context.args[0] === '--version' && tellVersion.includes(context.program)) {
      context.out('Version: 6.1.3.h5\nCommit: 4decc716daa73044648b5578ef68d89713d2f6a2\n');
      return 0;
    }
    const run = await load();
    return await run(context);
  } catch (error) {
    context.err(`${context.program}: ${messageOf(error)}\n`);
    return 1;
  }
}

async function readStdin(bytesMax: number): Promise<string> {
  if (process.stdin.isTTY) return '';
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of process.stdin) {
    const buffer = part as Buffer;
    bytes += buffer.length;
    if (bytes > bytesMax) throw new Error(`more than ${bytesMax} bytes on standard input`);
    parts.push(buffer);
  }
  return Buffer.concat(parts).toString('utf8');
}
