/** What docs/troubleshooting.md says beyond its commands, which `docs-commands.test.ts` runs. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { optionKeys } from '../config-options.ts';
import { situations } from '../core/testing/situations.ts';

const text = readFileSync(path.resolve(import.meta.dirname, '../../../../docs/troubleshooting.md'), 'utf8');

it.each(situations)('has the sentence of a job that waits because of $name, as it is said', (situation) => {
  expect(text).toContain(`| ${situation.name} | ${situation.sentence} |`);
});

it('says for each symptom what to type', () => {
  const silent = text.split(/^## /m).filter((part) => !part.includes('```console\n'));

  expect(text.match(/^## /gm)?.length).toBeGreaterThan(12);
  expect(silent).toEqual([]);
});

it('names only options that there are', () => {
  const named = [...text.matchAll(/`((?:policy|mesos|torque|http|control|executor)\.[A-Za-z.]+)`/g)];
  const keys: readonly string[] = optionKeys;

  expect(named.length).toBeGreaterThan(8);
  expect(named.map(([, key = '']) => key).filter((key) => !keys.includes(key))).toEqual([]);
});
