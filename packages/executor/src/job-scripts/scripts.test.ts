/** The scripts as pbs_mom runs them: as files, with its arguments. */
import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { scriptFiles } from './scripts.ts';
import type { Hook, ScriptName } from './scripts.ts';

let home = '';
const children: ChildProcess[] = [];

beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), "mt it's-"));
  await mkdir(path.join(home, 'mom_priv/hooks'), { recursive: true });
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await rm(home, { recursive: true, force: true });
});

async function written(hooks: readonly Hook[], mpd = false): Promise<void> {
  for (const { name, text } of scriptFiles({ path: home, frameworkMark }, hooks, mpd)) {
    const file = path.join(home, 'mom_priv', name);
    await writeFile(file, text);
    await chmod(file, 0o500);
  }
}

const frameworkMark = 'MESOS_TORQUE_FRAMEWORK=0123456789abcdef';
const job = '12[3].head.example.org';
const user = userInfo().username;

function run(
  script: ScriptName,
  env: Record<string, string> = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const file = path.join(home, 'mom_priv', script);
  const args = [job, user, 'group', 'name', 'nodes=1', 'batch', 'account', 'script'];
  return new Promise((resolve) => {
    execFile(file, args, { env: { PATH: '/bin:/usr/bin', ...env } }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

function hook(script: ScriptName, point: Hook['point'], ...lines: string[]): Hook {
  return { script, point, lines };
}

/** A process with that environment, in a session of its own, as a rank that has lost its parents. */
async function aRank(
  jobId: string,
  { ignoresTerm = false, env = {} }: { ignoresTerm?: boolean; env?: Record<string, string> } = {},
): Promise<ChildProcess> {
  const program = `${ignoresTerm ? "trap '' TERM; " : ''}echo up; while :; do sleep 60 & wait $!; done`;
  const child = spawn('/bin/sh', ['-c', program], {
    env: { PATH: '/bin:/usr/bin', PBS_JOBID: jobId, ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  children.push(child);
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return child;
}

function endOf(child: ChildProcess): Promise<NodeJS.Signals | null> {
  return new Promise((resolve) => {
    if (child.signalCode !== null || child.exitCode !== null) resolve(child.signalCode);
    else
      child.once('exit', (_, signal) => {
        resolve(signal);
      });
  });
}

const onLinux = process.platform === 'linux';

describe('the scripts of a job', () => {
  it('say nothing and succeed where there is nothing to do', async () => {
    await written([]);
    for (const script of ['prologue', 'prologue.parallel', 'epilogue', 'epilogue.parallel'] as const) {
      expect(await run(script)).toEqual({ code: 0, stdout: '', stderr: '' });
    }
  });

  it.each([1, 2, 7])('of the site decide with exit code %i before anything else happens', async (code) => {
    await written([
      hook('prologue', 'before', `exit ${code}`),
      hook('prologue', 'after', 'echo not reached'),
    ]);
    expect(await run('prologue')).toMatchObject({ code, stdout: '' });
    expect(await readFile(path.join(home, 'job-scripts.log'), 'utf8')).toContain(
      `prologue ${job}: ${home}/mom_priv/hooks/prologue.before exited ${code}`,
    );
  });

  it('get TORQUE’s arguments, environment and output, in any language', async () => {
    await written([
      hook('prologue', 'before', 'echo "$#: $1 $4 $PBS_MSHOST"', "cat <<'END'", '  kept as it is: $1', 'END'),
      hook('prologue', 'after', '#!/usr/bin/awk -f', 'BEGIN { print "from awk, " ARGV[1] }'),
    ]);
    const { stdout } = await run('prologue', { PBS_MSHOST: 'node1' });
    expect(stdout).toBe(`8: ${job} name node1\n  kept as it is: $1\nfrom awk, ${job}\n`);
  });

  it('at the end all run, whatever came of the one before; the first failure is told', async () => {
    await written([
      hook('epilogue', 'before', 'echo before; exit 3'),
      hook('epilogue', 'after', 'echo after; exit 4'),
    ]);
    expect(await run('epilogue')).toMatchObject({ code: 3, stdout: 'before\nafter\n' });
  });
});

describe.runIf(onLinux)('the end of a job', () => {
  it.each(['epilogue', 'epilogue.parallel'] as const)(
    '%s ends what is left of it, and nothing else',
    async (script) => {
      await written([]);
      const [mine, deaf, longer, element] = await Promise.all([
        aRank(job),
        aRank(job, { ignoresTerm: true }),
        aRank(`${job}.uk`),
        aRank('12[30].head.example.org'),
      ]);
      expect(await run(script)).toMatchObject({ code: 0, stdout: '', stderr: '' });
      expect(await endOf(mine)).toBe('SIGTERM');
      expect(await endOf(deaf)).toBe('SIGKILL');
      for (const child of [longer, element]) expect(child.signalCode).toBeNull();
      expect(await readFile(path.join(home, 'job-scripts.log'), 'utf8')).toMatch(
        new RegExp(`ends what was left running:.* sh \\(${mine.pid!}\\)`),
      );
    },
  );

  it('leaves alone a job of the same id of another framework, whose cluster is on this machine, too', async () => {
    await written([]);
    const [own, others] = await Promise.all([
      aRank(job, { env: { MESOS_TORQUE_FRAMEWORK: '0123456789abcdef' } }),
      aRank(job, { env: { MESOS_TORQUE_FRAMEWORK: '0123456789abcdef0' } }),
    ]);
    await run('epilogue');
    expect(await endOf(own)).toBe('SIGTERM');
    expect(others.signalCode).toBeNull();
  });

  it('leaves alone what another user runs under the same job’s name', async () => {
    await written([]);
    const child = await aRank(job);
    const file = path.join(home, 'mom_priv/epilogue');
    const other = user === 'nobody' ? 'root' : 'nobody';
    await new Promise((resolve) => {
      execFile(file, [job, other], { env: {} }, resolve);
    });
    expect(child.signalCode).toBeNull();
  });
});
