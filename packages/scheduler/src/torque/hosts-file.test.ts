import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { silentLog } from '@mesos-torque/common/logger.ts';
import { blockBegin, blockEnd, hostsFile, withHost } from './hosts-file.ts';

const theirs = '127.0.0.1 localhost\n10.0.0.1 head.example.org head # by hand\n';

describe('our block of a hosts file', () => {
  test('comes after what people wrote, which stays as it is', () => {
    expect(withHost(theirs, 'n7.example.org', '10.0.0.7')).toBe(
      `${theirs}${blockBegin}\n10.0.0.7 n7.example.org n7\n${blockEnd}\n`,
    );
  });

  test('takes further nodes and changes of address, between lines of people', () => {
    const one = `${withHost(theirs, 'n7', '10.0.0.7')}10.0.0.9 late\n`;

    expect(withHost(withHost(one, 'n8', '10.0.0.8'), 'n7', '10.0.1.7')).toBe(
      `${theirs}${blockBegin}\n10.0.1.7 n7\n10.0.0.8 n8\n${blockEnd}\n10.0.0.9 late\n`,
    );
  });

  test('does not change for what it holds already', () => {
    const one = withHost(theirs, 'n7', '10.0.0.7');

    expect(withHost(one, 'n7', '10.0.0.7')).toBe(one);
  });

  test('leaves names alone that people gave an address', () => {
    expect(withHost(theirs, 'head', '10.9.9.9')).toBe(theirs);
  });

  test('is never made of people’s lines, where its end is missing', () => {
    const torn = `${blockBegin}\n10.0.0.7 n7\n10.0.0.9 late\n`;

    expect(withHost(torn, 'n8', '10.0.0.8').startsWith(torn)).toBe(true);
  });
});

describe('the file', () => {
  const dirs: string[] = [];
  afterEach(async () => {
    for (const dir of dirs.splice(0)) await rm(dir, { recursive: true });
  });

  test('is replaced as a whole, and several nodes at once are all entered', async () => {
    const dir = await mkdtemp(path.join(os.tmpdir(), 'hosts-'));
    dirs.push(dir);
    const file = path.join(dir, 'hosts');
    await writeFile(file, theirs);
    const hosts = hostsFile(file, silentLog);

    await Promise.all(
      [1, 2, 3].map((n) => hosts.learn(`n${String(n)}`, ['fe80::1', `10.0.0.1${String(n)}`])),
    );
    await hosts.learn('n4', []);
    await hosts.learn('n5 evil', ['10.0.0.15']);

    expect(await readFile(file, 'utf8')).toBe(
      `${theirs}${blockBegin}\n10.0.0.11 n1\n10.0.0.12 n2\n10.0.0.13 n3\n${blockEnd}\n`,
    );
    expect(await readdir(dir)).toEqual(['hosts']);
  });

  test('that cannot be written is no reason to stop', async () => {
    await expect(hostsFile('/nowhere/hosts', silentLog).learn('n1', ['10.0.0.1'])).resolves.toBeUndefined();
  });
});
