/** The ring of mpd, with programs of that name that write down how they were called. */
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { waitUntil } from '../testing/wait-until.ts';
import { scriptFiles } from './scripts.ts';
import type { ScriptName } from './scripts.ts';

let home = '';
const user = userInfo().username;
/** A user that has no console in /tmp from elsewhere would be better; the fake makes none. */
const job = '4711.head.example.org';

beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'mt-'));
  await mkdir(path.join(home, 'mom_priv/hooks'), { recursive: true });
  await mkdir(path.join(home, 'bin'));
  await fake(
    'mpd',
    'case "$*" in *-h*) echo "$PBS_MSHOST" >> DIR/hosts ;; *) echo first > DIR/hosts ;; esac',
  );
  await fake('mpdtrace', 'cat DIR/hosts');
  await fake('mpdallexit', 'rm -f DIR/hosts');
  await fake('ln', ':');
  await writeFile(path.join(home, 'nodes'), 'node1\nnode1\nnode2\n');
});

afterEach(async () => {
  await rm(home, { recursive: true, force: true });
});

async function fake(name: string, body: string): Promise<void> {
  const file = path.join(home, 'bin', name);
  const note = `echo "${name} $* job=$PBS_JOBID console=$MPD_CON_EXT" >> ${home}/calls`;
  await writeFile(file, `#!/bin/sh\n${note}\n${body.replaceAll('DIR', home)}\n`);
  await chmod(file, 0o755);
}

async function run(script: ScriptName): Promise<number> {
  for (const { name, text } of scriptFiles(
    { path: home, frameworkMark: 'MESOS_TORQUE_FRAMEWORK=1' },
    [],
    true,
  )) {
    const file = path.join(home, 'mom_priv', name);
    await rm(file, { force: true });
    // The scripts set a PATH of the system's; here the fakes come before it.
    await writeFile(file, text.replaceAll('PATH=/usr/local/bin:$PATH', `PATH=${home}/bin:$PATH`));
    await chmod(file, 0o500);
  }
  const env = { PBS_NODEFILE: path.join(home, 'nodes'), PBS_MSHOST: 'node1' };
  return new Promise((resolve) => {
    execFile(path.join(home, 'mom_priv', script), [job, user], { env }, (error) => {
      resolve(typeof error?.code === 'number' ? error.code : 0);
    });
  });
}

async function calls(): Promise<readonly string[]> {
  return (await readFile(path.join(home, 'calls'), 'utf8').catch(() => '')).trim().split('\n');
}

it('is begun on the first host, joined from the others at the same port, and ended', async () => {
  const marks = 'job=4711.head.example.org console=4711_head_example_org';
  expect(await run('prologue.parallel')).toBe(0);
  await waitUntil('the sister has called mpd', async () =>
    (await calls()).some((call) => call.startsWith('mpd ')),
  );
  expect(await calls()).toEqual([`mpd --daemon -h node1 -p 24711 ${marks}`]);

  await writeFile(path.join(home, 'bin/mpdtrace'), '#!/bin/sh\necho node1; echo node2\n');
  expect(await run('prologue')).toBe(0);
  expect((await calls()).slice(1, 2)).toEqual([`mpd --daemon --listenport=24711 ${marks}`]);

  expect(await run('epilogue.parallel')).toBe(0);
  expect(await run('epilogue')).toBe(0);
  expect((await calls()).at(-1)).toBe(`mpdallexit  ${marks}`);
});

it('that cannot begin is told in the log and keeps no job from running', async () => {
  await fake('mpd', 'echo "configuration file not found" >&2; exit 1');
  expect(await run('prologue')).toBe(0);
  const log = await readFile(path.join(home, 'job-scripts.log'), 'utf8');
  expect(log).toContain('prologue 4711.head.example.org: mpd: configuration file not found');
});
