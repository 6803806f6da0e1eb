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

/** Generates into `folder`. Programs may be running from the generated code, so it is made aside. */
function generateInto(folder) {
  const buf = path.join(root, 'node_modules/.bin/buf');
  const result = spawnSync(buf, ['generate', '.', '--template', 'buf.gen.yaml', '--output', folder], {
    cwd: path.join(root, 'protos'),
    stdio: 'inherit',
  });
  if (result.status !== 0) {
    console.error('generating: buf generate failed; see its messages above');
    process.exit(1);
  }
}

function contents(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return new Map(
    files.map((entry) => {
      const file = path.join(entry.parentPath, entry.name);
      return [path.relative(folder, file), readFileSync(file, 'utf8')];
    }),
  );
}

const fresh = mkdtempSync(path.join(tmpdir(), 'mesos-torque-gen-'));
try {
  generateInto(fresh);
  if (process.argv.includes('--check')) {
    const [before, after] = [contents(gen), contents(fresh)];
    const names = new Set([...before.keys(), ...after.keys()]);
    const changed = [...names].filter((file) => before.get(file) !== after.get(file));
    if (changed.length > 0) {
      console.error(
        `generated code differs from what is checked in: ${changed.join(', ')}; commit the result of pnpm generate`,
      );
      process.exitCode = 1;
    } else {
      console.log(`generated code is as checked in (${after.size} files)`);
    }
  } else {
    rmSync(gen, { recursive: true, force: true });
    cpSync(fresh, gen, { recursive: true });
  }
} finally {
  rmSync(fresh, { recursive: true });
}
