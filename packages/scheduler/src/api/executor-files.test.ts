import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { executorArtifacts } from './executor-files.ts';

let file: string;

beforeEach(() => {
  file = path.join(mkdtempSync(path.join(tmpdir(), 'executor-files-')), 'executor.mjs');
});

afterEach(() => {
  rmSync(path.dirname(file), { recursive: true });
});

test('another content gets another name, so that no agent takes an old copy for the new one', async () => {
  writeFileSync(file, 'version 1');
  const before = await executorArtifacts({ executorFile: file, runtimeFile: null });
  writeFileSync(file, 'version 2');
  const after = await executorArtifacts({ executorFile: file, runtimeFile: null });

  expect(before.executor.name).toMatch(/^torque-executor-[0-9a-f]{16}\.mjs$/);
  expect(after.executor.name).not.toBe(before.executor.name);
  expect(before.runtime).toBeNull();
});

test('a file that is not there is an error that names it', async () => {
  await expect(executorArtifacts({ executorFile: file, runtimeFile: null })).rejects.toThrow(file);
});
