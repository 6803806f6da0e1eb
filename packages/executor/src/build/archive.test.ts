import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCommand } from '@mesos-torque/common/run-command.ts';
import { tarGz } from './archive.ts';

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'archive-'));
});

afterEach(async () => {
  await rm(dir, { recursive: true });
});

const files = [
  { name: 'torque-executor', mode: 0o755, content: Buffer.alloc(1300, 'x') },
  { name: 'sub/licences.txt', mode: 0o644, content: Buffer.from('do what you like') },
] as const;

test('tar unpacks what went in, with its modes', async () => {
  const archive = path.join(dir, 'a.tar.gz');
  await writeFile(archive, await tarGz(files));
  const result = await runCommand(['tar', '-C', dir, '-xf', archive], {
    timeoutMs: 10_000,
    outputBytesMax: 65_536,
  });

  expect(result).toMatchObject({ kind: 'exit', code: 0 });
  expect(await readFile(path.join(dir, 'torque-executor'))).toEqual(files[0].content);
  expect((await stat(path.join(dir, 'torque-executor'))).mode & 0o777).toBe(0o755);
  expect(await readFile(path.join(dir, 'sub/licences.txt'), 'utf8')).toBe('do what you like');
});

test('the same input gives the same bytes', async () => {
  expect((await tarGz(files)).equals(await tarGz(files))).toBe(true);
});

test.each(['/etc/passwd', '../x', 'a b', 'x'.repeat(101)])('%s is no name for it', async (name) => {
  await expect(tarGz([{ ...files[0], name }])).rejects.toThrow('cannot be a name in an archive');
});
