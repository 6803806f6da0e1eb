// Sets a fresh checkout up and then runs one of its programs: `npm run demo`, `npm test`.
// Needs Node >= 20 and npm, nothing else: pnpm, the pinned Node 24 and all libraries come as packages.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const pnpmVersion = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')).config.pnpm;
const bin = path.join(root, 'node_modules', '.bin');
const stampFile = path.join(root, 'node_modules', '.mesos-torque-setup');

const programs = {
  demo: ['node', 'packages/minicluster/src/demo/main.ts'],
  test: ['vitest', 'run'],
  'test:e2e': ['node', 'test-e2e/src/main.ts'],
  install: null,
};

function fail(message) {
  console.error(message);
  process.exit(1);
}

/** What the installed tree depends on; a tree installed for the same inputs is taken as it is. */
function wantedStamp() {
  const hash = createHash('sha256');
  for (const file of ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml']) {
    hash.update(readFileSync(path.join(root, file)));
  }
  return `${hash.digest('hex')} ${process.platform} ${process.arch}\n`;
}

function run(command, args, env) {
  const result = spawnSync(command, args, { cwd: root, env, stdio: 'inherit' });
  if (result.error) fail(`running ${command}: ${result.error.message}`);
  return result.status ?? 1;
}

function setUp() {
  const stamp = wantedStamp();
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return;
  console.error(`setting up: installing packages with pnpm ${pnpmVersion} (once, about a minute)`);
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const status = run(
    npm,
    [
      'exec',
      '--yes',
      `--package=pnpm@${pnpmVersion}`,
      '--',
      'pnpm',
      'install',
      '--frozen-lockfile',
      '--reporter=append-only',
    ],
    process.env,
  );
  if (status !== 0) fail('setting up: pnpm install failed; see its messages above');
  mkdirSync(path.dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, stamp);
}

const [name = '', ...args] = process.argv.slice(2);
if (!(name in programs))
  fail(`with-setup: no program "${name}"; there are ${Object.keys(programs).join(', ')}`);
if (Number(process.versions.node.split('.')[0]) < 20)
  fail(`Node 20 or newer is needed, this is ${process.version}`);
setUp();
const program = programs[name];
if (program !== null) {
  const [command, ...fixed] = program;
  // The pinned Node stands in node_modules/.bin and is found before the one that runs this script.
  const env = { ...process.env, PATH: `${bin}${path.delimiter}${process.env.PATH ?? ''}` };
  process.exit(run(path.join(bin, command), [...fixed, ...args], env));
}
