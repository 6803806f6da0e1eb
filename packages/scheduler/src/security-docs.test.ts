/** What docs/security.md shows is tried: its configurations are read, its commands do what they say. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { optionKeys } from './config-options.ts';
import { readConfig } from './config.ts';
import { readSecretFile } from '@mesos-torque/common/secret-file.ts';

const text = readFileSync(new URL('../../../docs/security.md', import.meta.url), 'utf8');

/** The blocks of one kind, without what they are indented by. */
function blocks(kind: string): readonly string[] {
  const found = text.matchAll(new RegExp(`^( *)\`\`\`${kind}\\n([^]*?)^ *\`\`\`$`, 'gmu'));
  return [...found].map(([, indent = '', content = '']) =>
    content.replaceAll(new RegExp(`^${indent}`, 'gmu'), ''),
  );
}

test.each(blocks('yaml').map((block) => [block]))(
  'a configuration that is shown can be read: %s',
  (block) => {
    const settings = block.includes('master:') ? [] : ['mesos.master=m1.example.org:5050'];
    const file = { name: 'security.md', text: block };
    const config = readConfig({ file, environment: {}, settings }, 'head.example.org');
    expect(config.ok ? [] : config.errors).toEqual([]);
  },
);

test('options that are named exist', () => {
  const named = [...text.matchAll(/`((?:mesos|ha|control|executor|http)\.[A-Za-z]+)`/g)].map(
    ([, key]) => key,
  );
  expect(named.length).toBeGreaterThan(10);
  for (const key of named) expect(optionKeys).toContain(key);
});

test('the file that is made as shown is one that is read', async () => {
  const commands = blocks('console').flatMap((block) => block.trim().split('\n'));
  expect(commands.map((line) => line.split(' ')[1])).toEqual(['install', 'install']);
  const folder = await mkdtemp(path.join(os.tmpdir(), 'security-docs-'));
  try {
    for (const line of commands) {
      const own = line
        .replace('# ', '')
        .replace(' -o torque', '')
        .replaceAll('/etc/mesos-torque', path.join(folder, 'etc'));
      const [program = '', ...args] = own.split(' ');
      expect(spawnSync(program, args).status, own).toBe(0);
    }
    const file = path.join(folder, 'etc/mesos-secret');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readSecretFile(file, 'mesos.secretFile')).toMatchObject({
      ok: false,
      why: expect.stringContaining('is empty') as string,
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});
