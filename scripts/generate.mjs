// Generates packages/proto/src/gen from protos/. The result is checked in; `node scripts/generate.mjs
// --check` fails when regenerating would change it. With --release the protos as they are become what later ones are compared
// with (`buf breaking`); that is done once for each release.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { descriptorsModule } from '../packages/proto/src/build/descriptors.ts';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const gen = path.join(root, 'packages/proto/src/gen');

/** What the scheduler serves, and so tells of by reflection. */
const servedPackages = ['control.v1', 'grpc.health.v1', 'grpc.reflection.v1'];

/** What programs and executors of other versions speak with us. */
const releasedPackages = ['control', 'torque'];

/** Generates into `folder`. Programs may be running from the generated code, so it is made aside. */
function generateInto(folder) {
  buf('generate', '.', '--template', 'buf.gen.yaml', '--output', folder);
  const set = path.join(folder, 'set.binpb');
  buf('build', '.', '--exclude-source-info', '--output', set);
  writeFileSync(path.join(folder, 'descriptors.ts'), descriptorsModule(readFileSync(set), servedPackages));
  rmSync(set);
}

function buf(...args) {
  const program = path.join(root, 'node_modules/.bin/buf');
  const result = spawnSync(program, args, { cwd: path.join(root, 'protos'), stdio: 'inherit' });
  if (result.status === 0) return;
  console.error(`generating: buf ${args[0]} failed; see its messages above`);
  process.exit(1);
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

if (process.argv.includes('--release')) {
  const paths = releasedPackages.flatMap((name) => ['--path', name]);
  buf('build', '.', '--exclude-source-info', ...paths, '--output', 'released.binpb');
  process.exit();
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
