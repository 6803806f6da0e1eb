import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SetupChange } from '../torque/server-setup.ts';
import { setupRecords } from './setup-record.ts';

let directory = '';
beforeEach(() => {
  directory = path.join(mkdtempSync(path.join(os.tmpdir(), 'mesos-torque-setup-')), 'state');
});
afterEach(() => {
  rmSync(path.dirname(directory), { recursive: true });
});

const nowMs = (): number => Date.UTC(2026, 10, 22, 11);
const nodect: SetupChange = {
  target: { kind: 'server', attribute: 'resources_available.nodect' },
  before: null,
  after: '48',
};
const node: SetupChange = { target: { kind: 'node', node: 'head' }, before: null, after: 'np=48' };

test('changes are kept with their time, over restarts', async () => {
  await setupRecords(directory, nowMs).of('head').append([nodect]);
  await setupRecords(directory, nowMs).of('head').append([node]);

  const kept = await setupRecords(directory, nowMs).of('head').load();

  expect(kept).toEqual([
    { at: '2026-11-22T11:00:00.000Z', server: 'head', ...nodect },
    { at: '2026-11-22T11:00:00.000Z', server: 'head', ...node },
  ]);
  expect(statSync(path.join(directory, 'setup.json')).mode & 0o777).toBe(0o600);
});

test('what was taken back is forgotten, the rest is not', async () => {
  const record = setupRecords(directory, nowMs).of('head');
  await record.append([nodect, node]);

  await record.keepOnly([node]);

  expect(await record.load()).toMatchObject([node]);
});

test('each server has its own changes', async () => {
  const records = setupRecords(directory, nowMs);
  await records.of('head').append([nodect]);
  await records.of('other').append([nodect, node]);

  await records.of('head').keepOnly([]);

  expect(await records.of('head').load()).toEqual([]);
  expect(await records.of('other').load()).toMatchObject([nodect, node]);
});

test('without a file nothing was changed', async () => {
  expect(await setupRecords(directory, nowMs).of('head').load()).toEqual([]);
});

test.each([
  ['is cut off', '{"version": 1, "chan'],
  ['is of another version', '{"version": 2, "changes": []}'],
  ['has something else in it', '{"version": 1, "changes": [{"target": {"kind": "job"}}]}'],
])('a file that %s is an error and stays', async (_, text) => {
  const record = setupRecords(directory, nowMs).of('head');
  await record.append([nodect]);
  const file = path.join(directory, 'setup.json');
  writeFileSync(file, text);

  await expect(record.load()).rejects.toThrow(`reading ${file}: `);
  await expect(record.append([node])).rejects.toThrow(`reading ${file}: `);
  expect(readFileSync(file, 'utf8')).toBe(text);
});
