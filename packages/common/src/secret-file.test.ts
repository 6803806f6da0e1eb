import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readSecretFile } from './secret-file.ts';
import { sayNotChecked } from './testing/not-checked.ts';

const secret = 'hunter2\n';
let folder = '';
let file = '';

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'secret-'));
  file = path.join(folder, 'secret');
  await writeFile(file, secret, { mode: 0o600 });
});
afterEach(() => rm(folder, { recursive: true }));

test.each([0o600, 0o400])('a file of mode %o is read', async (mode) => {
  await chmod(file, mode);
  expect(await readSecretFile(file, 'mesos.secretFile')).toEqual({ ok: true, text: secret });
});

test.each([
  [0o644, '0644'],
  [0o640, '0640'],
  [0o604, '0604'],
  [0o620, '0620'],
  [0o601, '0601'],
])('a file of mode %o is refused, with what to type', async (mode, shown) => {
  await chmod(file, mode);
  const reading = await readSecretFile(file, 'mesos.secretFile');
  expect(reading).toEqual({
    ok: false,
    why: `mesos.secretFile: "${file}" has mode ${shown}, so others than its owner can read or write it: chmod 600 ${file}`,
  });
});

test('a name with blanks is quoted in what to type', async () => {
  const odd = path.join(folder, "the site's secret");
  await writeFile(odd, secret, { mode: 0o644 });
  const reading = await readSecretFile(odd, 'mesos.secretFile');
  expect(reading).toMatchObject({
    why: expect.stringContaining(`chmod 600 '${folder}/the site'\\''s secret'`) as string,
  });
});

test('what is not there, a folder, nothing, and too much are each refused, and nothing of it is told', async () => {
  const whyOf = async (name: string): Promise<string> => {
    const reading = await readSecretFile(path.join(folder, name), 'x');
    return reading.ok ? 'read' : reading.why;
  };
  await mkdir(path.join(folder, 'folder'), { mode: 0o700 });
  await writeFile(path.join(folder, 'blank'), ' \n', { mode: 0o600 });
  await writeFile(path.join(folder, 'large'), 'hunter2'.repeat(20_000), { mode: 0o600 });
  expect(await whyOf('nothing')).toContain('does not exist');
  expect(await whyOf('folder')).toContain('is no file');
  expect(await whyOf('blank')).toContain('is empty');
  expect(await whyOf('large')).toContain('has 140000 bytes, at most 65536 are read');
  expect(await whyOf('large')).not.toContain('hunter2');
});

test('a file of another user is refused, for he could exchange it', async (context) => {
  if (process.getuid?.() !== 0) {
    sayNotChecked('a secret file of another user', 'only root can give a file away');
    context.skip();
    return;
  }
  await chown(file, 65_534, 65_534);
  expect(await readSecretFile(file, 'mesos.secretFile')).toMatchObject({
    ok: false,
    why: expect.stringContaining(
      `belongs to user id 65534, who could exchange it: chown 0 ${file}`,
    ) as string,
  });
});
