/** Completion in a real bash: what it offers at each place of a command line. */
import { spawnSync } from 'node:child_process';
import { sayNotChecked } from '@mesos-torque/common/testing/not-checked.ts';
import { describe, expect, it } from 'vitest';
import { run } from './testing/run.ts';

const hasBash = spawnSync('bash', ['--version']).status === 0;
if (!hasBash) sayNotChecked('completion in bash', 'there is no bash');

/** What bash would offer behind these words; the last one is being typed. */
async function offered(...words: readonly string[]): Promise<readonly string[]> {
  const { out } = await run('completion', 'bash');
  const line = ['mesos-torque', ...words];
  const script = `${out}
COMP_WORDS=(${line.map((word) => `'${word}'`).join(' ')})
COMP_CWORD=${String(words.length)}
_mesos_torque
printf '%s\\n' "\${COMPREPLY[@]}"
`;
  const ended = spawnSync('bash', ['--norc', '--noprofile', '-u'], { input: script, encoding: 'utf8' });
  expect({ status: ended.status, stderr: ended.stderr }).toEqual({ status: 0, stderr: '' });
  return ended.stdout.split('\n').filter((word) => word !== '');
}

describe.skipIf(!hasBash)('bash completes', () => {
  it.each([
    [['dr'], ['drain']],
    [['un'], ['undrain']],
    [
      ['explain', ''],
      ['job', 'node', 'offer', 'agent'],
    ],
    [['explain', 'no'], ['node']],
    [['brake', 'c'], ['confirm']],
    [['log-level', 'd'], ['debug']],
    [['drain', 'node', 'n1', '--dead'], ['--deadline']],
    [['status', '-o', 'y'], ['yaml']],
    [['completion', 'z'], ['zsh']],
    [['nonsense', ''], []],
  ])('%j with %j', async (words, expected) => {
    expect((await offered(...words)).slice(0, expected.length + 1)).toEqual(
      expected.length > 1 ? expect.arrayContaining(expected) : expected,
    );
  });

  it('every command', async () => {
    const all = await offered('');

    expect(all).toEqual(expect.arrayContaining(['run', 'status', 'repair', 'brake', 'version']));
    for (const command of all) expect(await offered(command, '--h')).toContain('--help');
  }, 60_000);

  it('files where files are wanted', async () => {
    expect(await offered('run', '--config', '/etc/host')).toContain('/etc/hosts');
  });
});
