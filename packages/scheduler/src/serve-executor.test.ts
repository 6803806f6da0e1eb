import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ExecutorConfig } from './config.ts';
import { openExecutors } from './serve-executor.ts';

type Choices = Pick<ExecutorConfig, 'file' | 'uri' | 'uriCache' | 'uriSha256s' | 'arch' | 'archAttribute'>;

function configWith(more: Partial<Choices>): ExecutorConfig {
  const choices: Choices = {
    file: null,
    uri: null,
    uriCache: false,
    uriSha256s: [],
    arch: null,
    archAttribute: null,
    ...more,
  };
  return choices as ExecutorConfig;
}

const base = 'http://head.example.org:8470';
let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'serve-executor-'));
});

afterEach(async () => {
  await rm(dir, { recursive: true });
});

async function fileNamed(name: string): Promise<string> {
  const file = path.join(dir, name);
  await writeFile(file, `this is ${name}`);
  return file;
}

/** Of the file that `fileNamed` makes. */
function sha256Of(name: string): string {
  return createHash('sha256').update(`this is ${name}`).digest('hex');
}

describe('a file of ours', () => {
  test('that is an archive is verified before it is unpacked, and kept by its agents', async () => {
    const executors = await openExecutors(configWith({ file: await fileNamed('torque-executor.tar.gz') }));
    expect(executors.programFor({}, base)).toMatchObject({
      ok: true,
      program: {
        uris: [
          {
            value: expect.stringMatching(
              `^${base}/artifact/torque-executor-[0-9a-f]{16}\\.tar\\.gz$`,
            ) as string,
            extract: false,
            executable: false,
            cache: true,
            outputFile: 'torque-executor.archive',
          },
        ],
        command: {
          value: '/bin/sh',
          arguments: expect.arrayContaining([sha256Of('torque-executor.tar.gz')]) as string[],
        },
      },
    });
    await executors.close();
  });

  test('that is the executable gets its name in the sandbox', async () => {
    const executors = await openExecutors(configWith({ file: await fileNamed('torque-executor') }));
    expect(executors.programFor({}, base)).toMatchObject({
      ok: true,
      program: { uris: [{ extract: false, executable: true, outputFile: 'torque-executor' }] },
    });
    await executors.close();
  });

  test('for one architecture is not given to another', async () => {
    const file = await fileNamed('torque-executor-linux-x64.tar.gz');
    const sha256 = sha256Of('torque-executor-linux-x64.tar.gz');
    const manifest = { version: '0.1.0', arch: 'x64', build: '0123456789abcdef', sha256 };
    await writeFile(path.join(dir, 'torque-executor-linux-x64.json'), JSON.stringify(manifest));
    const executors = await openExecutors(configWith({ file, archAttribute: 'arch' }), 'x64');

    expect(executors.builds).toEqual(new Set(['0123456789abcdef']));
    expect(executors.programFor({ arch: 'x86_64' }, base).ok).toBe(true);
    expect(executors.programFor({}, base).ok, 'an agent that does not tell is as ours').toBe(true);
    expect(executors.programFor({ arch: 'aarch64' }, base)).toEqual({
      ok: false,
      why: 'there is no executor for arm64, only for x64',
    });
    expect(executors.programFor({ arch: 'riscv64' }, base)).toMatchObject({ ok: false });
    await executors.close();
  });

  test('that is not there says what to do', async () => {
    await expect(openExecutors(configWith({ file: path.join(dir, 'none.tar.gz') }))).rejects.toThrow(
      /^executor\.file: ENOENT.*build it with "npm run build", or name another file$/,
    );
  });
});

test("the site's address has the agent's architecture in it, and is not cached unless wanted", async () => {
  const uri = 'hdfs://nn.example.org/mesos/torque-executor-linux-{arch}.tar.gz';
  const executors = await openExecutors(configWith({ uri, archAttribute: 'cpu' }), 'x64');
  expect(executors.artifacts).toEqual([]);
  expect(executors.programFor({ cpu: 'arm64' }, base)).toMatchObject({
    ok: true,
    program: {
      uris: [
        {
          value: 'hdfs://nn.example.org/mesos/torque-executor-linux-arm64.tar.gz',
          extract: true,
          cache: false,
        },
      ],
    },
  });
  const cached = await openExecutors(
    configWith({ uri: 'file:///opt/torque-executor', uriCache: true }),
    'x64',
  );
  expect(cached.programFor({}, base)).toMatchObject({
    ok: true,
    program: { uris: [{ value: 'file:///opt/torque-executor', executable: true, cache: true }] },
  });
});

test("what is at the site's address is verified where the checksums are configured", async () => {
  const uri = 'https://files.example.org/torque-executor-{arch}.tgz';
  const uriSha256s = ['a'.repeat(64), 'b'.repeat(64)];
  const executors = await openExecutors(configWith({ uri, uriSha256s }), 'x64');
  const choice = executors.programFor({}, base);
  expect(choice.ok && choice.program.uris[0]).toMatchObject({ extract: false });
  expect(choice.ok && choice.program.command.arguments.slice(-2)).toEqual(uriSha256s);
});
