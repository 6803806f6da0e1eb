/** The list of traps names tests that exist. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../../../..');
const named = [
  ...readFileSync(path.join(root, 'docs/torque-traps.md'), 'utf8').matchAll(
    /(?:`(?<file>[^`]+\.test\.ts)`|same file) "(?<name>(?:[^"\\]|\\.)+)"/g,
  ),
].map(({ groups }) => ({ file: groups?.['file'] ?? null, name: groups?.['name'] ?? '' }));

let last = '';
const all = named.map(({ file, name }) => {
  last = file ?? last;
  return { file: last, name: name.replaceAll('\\"', '"') };
});

test('every trap names a test', () => {
  const rows = readFileSync(path.join(root, 'docs/torque-traps.md'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| trap'));
  expect(rows.length).toBeGreaterThan(25);
  expect(rows.filter((row) => !row.includes('.test.ts` "'))).toEqual([]);
});

test.each(all)('$file "$name" exists', ({ file, name }) => {
  const place = path.join(root, 'packages', file);
  expect(existsSync(place)).toBe(true);
  expect(readFileSync(place, 'utf8')).toContain(name);
});
