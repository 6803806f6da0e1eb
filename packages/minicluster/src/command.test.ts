import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { run } from './command.ts';
import { localHost, type Host } from './hosts/host.ts';

let cwd = '';
beforeEach(() => {
  cwd = realpathSync(mkdtempSync(path.join(tmpdir(), 'command-')));
});
afterEach(() => {
  rmSync(cwd, { recursive: true });
});

const whereAmI = [process.execPath, '-p', 'process.cwd()'] as const;

async function folderOf(host: Host): Promise<string> {
  const result = await run({ host, argv: whereAmI, env: {}, cwd });
  return result.kind === 'exit' ? result.stdout.toString('utf8').trim() : result.kind;
}

// qsub remembers where it was run: the job's output is brought there.
test('a command on this machine runs in the folder that is named', async () => {
  expect(await folderOf(localHost('node1.example.org'))).toBe(cwd);
});

test('a helper is told the folder, and runs where there is one in any case', async () => {
  const told: string[] = [];
  const throughHelper: Host = {
    ...localHost('node1.example.org'),
    throughHelper: true,
    argvHere(argv, folder) {
      told.push(folder);
      return argv;
    },
  };

  expect(await folderOf(throughHelper)).toBe('/');
  expect(told).toEqual([cwd]);
});
