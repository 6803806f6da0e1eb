// Generates packages/proto/src/gen from protos/. The result is checked in; `node scripts/generate.mjs
// --check` fails when regenerating would change it.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const gen = path.join(root, 'packages/proto/src/gen');

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort();
}

function contents(folder) {
  return new Map(filesBelow(folder).map((file) => [file, readFileSync(path.join(folder, file), 'utf8')]));
}

function generate() {
  rmSync(gen, { recursive: true, force: true });
  const buf = path.join(root, 'node_modules/.bin/buf');
  const result = spawnSync(buf, ['generate', '.', '--template', 'buf.gen.yaml'], {
    cwd: path.join(root, 'protos'),
    stdio: 'inherit',
  });
  if (result.status !== 0) {
    console.error('generating: buf generate failed; see its messages above');
    process.exit(1);
  }
}

if (!process.argv.includes('--check')) {
  generate();
} else {
  const kept = mkdtempSync(path.join(tmpdir(), 'mesos-torque-gen-'));
  cpSync(gen, kept, { recursive: true });
  generate();
  const before = contents(kept);
  const after = contents(gen);
  rmSync(kept, { recursive: true });
  const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
    (file) => before.get(file) !== after.get(file),
  );
  if (changed.length > 0) {
    console.error(
      `generated code differs from what is checked in: ${changed.join(', ')}; commit the result of pnpm generate`,
    );
    process.exit(1);
  }
  console.log(`generated code is as checked in (${after.size} files)`);
}
