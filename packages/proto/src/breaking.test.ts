/** What was released keeps its meaning: buf compares our protos with those of the last release. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../../..');
const scratch = mkdtempSync(path.join(tmpdir(), 'breaking-'));
afterAll(() => {
  rmSync(scratch, { recursive: true });
});

function breaking(protos: string): { readonly status: number | null; readonly said: string } {
  const ended = spawnSync(
    path.join(root, 'node_modules/.bin/buf'),
    ['breaking', protos, '--against', path.join(root, 'protos/released.binpb')],
    { encoding: 'utf8' },
  );
  return { status: ended.status, said: `${ended.stdout}${ended.stderr}` };
}

test('programs of the last release understand us', { timeout: 60_000 }, () => {
  expect(breaking(path.join(root, 'protos'))).toEqual({ status: 0, said: '' });
});

test.each([
  ['control/v1/messages.proto', 'bool dry_run = 3;', 'string dry_run = 3;'],
  ['control/v1/control.proto', '  rpc Drain(DrainRequest) returns (DrainResponse);\n', ''],
  ['torque/v1/orders.proto', /( = )1;/, '$19;'],
])('a change of %s that breaks them is noticed', { timeout: 60_000 }, (file, from, to) => {
  const changed = path.join(scratch, file.replaceAll('/', '-'));
  cpSync(path.join(root, 'protos'), changed, { recursive: true });
  const before = readFileSync(path.join(changed, file), 'utf8');
  writeFileSync(path.join(changed, file), before.replace(from, to));

  const { status, said } = breaking(changed);

  expect(status).toBe(100);
  expect(said).toContain(path.basename(file));
});
