import { expect, test } from 'vitest';
import { e2eOptions, isChosen } from './options.ts';

test('all stories are played in containers unless something else is said', () => {
  expect(e2eOptions([])).toEqual({
    runtime: 'any',
    only: [],
    keep: false,
    list: false,
    reportDir: null,
  });
});

test('what pnpm puts before the arguments is no argument', () => {
  expect(e2eOptions(['--', '--runtime', 'process', '--only', 'array', '--only', '5']).only).toEqual([
    'array',
    '5',
  ]);
});

test('a runtime that is none is refused with what there is', () => {
  expect(() => e2eOptions(['--runtime', 'podman'])).toThrow('--runtime podman: give docker, process or any');
});

test('an option that is none is refused', () => {
  expect(() => e2eOptions(['--all'])).toThrow(/--all/);
});

test('a number means that story alone, a word every story that has it', () => {
  expect(isChosen('1 from zero', ['1'])).toBe(true);
  expect(isChosen('12 an agent is lost', ['1'])).toBe(false);
  expect(isChosen('12 an agent is lost', ['AGENT'])).toBe(true);
  expect(isChosen('12 an agent is lost', ['array', '12'])).toBe(true);
  expect(isChosen('12 an agent is lost', [])).toBe(true);
});
