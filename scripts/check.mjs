// Every check that is not a test, each by name; all are run, and the names of those that failed are
// printed at the end. `node scripts/check.mjs lint types` runs some.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const bin = path.join(root, 'node_modules/.bin');

const checks = {
  types: ['tsc', '-p', 'tsconfig.json'],
  'types of the dashboard': ['tsc', '-p', 'packages/dashboard/tsconfig.json'],
  lint: ['eslint', '.', '--max-warnings', '0'],
  format: ['prettier', '--check', '--log-level', 'warn', '.'],
  imports: ['depcruise', '--config', '.dependency-cruiser.cjs', 'packages', 'bench', 'test-e2e'],
  unused: ['knip'],
  protos: ['buf', 'lint', 'protos'],
  'protos against the released': ['buf', 'breaking', 'protos', '--against', 'protos/released.binpb'],
  generated: ['node', 'scripts/generate.mjs', '--check'],
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in checks));
if (unknown.length > 0) {
  console.error(`no check named ${unknown.join(', ')}; there are ${Object.keys(checks).join(', ')}`);
  process.exit(2);
}

const failed = [];
for (const [name, [command, ...args]] of Object.entries(checks)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const began = Date.now();
  const result = spawnSync(path.join(bin, command), args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, PATH: `${bin}${path.delimiter}${process.env.PATH ?? ''}` },
  });
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  console.log(`check ${name}: ${result.status === 0 ? 'ok' : 'FAILED'} (${seconds} s)`);
  if (result.status !== 0) failed.push(name);
}
if (failed.length > 0) {
  console.error(`checks failed: ${failed.join(', ')}`);
  process.exit(1);
}
