import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openExecutorFile } from './executor-files.ts';

let dir: string;
let file: string;

beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'executor-files-'));
  file = path.join(dir, 'torque-executor-linux-x64.tar.gz');
  writeFileSync(file, 'version 1');
});

afterEach(() => {
  rmSync(dir, { recursive: true });
});

function writeManifest(more: Readonly<Record<string, unknown>> = {}): void {
  const sha256 = createHash('sha256').update('version 1').digest('hex');
  const manifest = { version: '0.1.0', arch: 'x64', build: '0123456789abcdef', sha256, ...more };
  writeFileSync(path.join(dir, 'torque-executor-linux-x64.json'), JSON.stringify(manifest));
}

test('another content gets another name, so that no agent takes an old copy for the new one', async () => {
  const before = await openExecutorFile(file);
  writeFileSync(file, 'version 2');
  const after = await openExecutorFile(file);

  expect(before.artifact.name).toMatch(/^torque-executor-linux-x64-[0-9a-f]{16}\.tar\.gz$/);
  expect(after.artifact.name).not.toBe(before.artifact.name);
  expect(before.manifest).toBeNull();
  await Promise.all([before.artifact.close(), after.artifact.close()]);
});

test('the manifest beside it says which executor it is', async () => {
  writeManifest();
  const { artifact, manifest } = await openExecutorFile(file);
  expect(manifest).toMatchObject({ version: '0.1.0', arch: 'x64', build: '0123456789abcdef' });
  await artifact.close();
});

test('a file that was cut is not served, and both checksums are named', async () => {
  writeManifest();
  truncateSync(file, 5);
  await expect(openExecutorFile(file)).rejects.toThrow(
    /was cut or exchanged: its sha256 is [0-9a-f]{64}, and/,
  );
});

test.each([['{'], ['[]'], ['{"version":"1","arch":"mips","build":"b","sha256":"s"}']])(
  'a manifest that is none is named: %s',
  async (text) => {
    writeFileSync(path.join(dir, 'torque-executor-linux-x64.json'), text);
    await expect(openExecutorFile(file)).rejects.toThrow('is no manifest of an executor');
  },
);

test('a file that is not there is an error that names it', async () => {
  rmSync(file);
  await expect(openExecutorFile(file)).rejects.toThrow(file);
});
