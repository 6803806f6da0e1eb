// Makes what administrators install, from what `node scripts/build.mjs` has built: for each architecture that is there a
// .deb and a tarball of the same files. Both are made without Debian's tools; with SOURCE_DATE_EPOCH (or on one day) they are
// the same bytes each time.
//
//   --from DIR   where the build is (dist/)
//   --out DIR    where packages go (dist/)
//   --quick      not compressed, for tests
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import packageJson from '../package.json' with { type: 'json' };
import { tarGz } from '../packages/executor/src/build/archive.ts';
import { debPackage } from '../packages/executor/src/build/deb.ts';
import { archs } from '../packages/executor/src/build/runtime.ts';
import { configName, packageTree } from '../packages/scheduler/src/package/package-tree.ts';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const { version } = packageJson;
const { values } = parseArgs({
  options: { from: { type: 'string' }, out: { type: 'string' }, quick: { type: 'boolean' } },
});
const from = path.resolve(values.from ?? path.join(root, 'dist'));
const out = path.resolve(values.out ?? from);
const level = values.quick ? 0 : 9;
const debianArchs = { x64: 'amd64', arm64: 'arm64' };

const built = archs.filter((arch) => existsSync(archiveOf(arch)));
if (built.length === 0) {
  console.error(`package: there is no ${archiveOf(archs[0])}; build it with: node scripts/build.mjs`);
  process.exit(1);
}
mkdirSync(out, { recursive: true });
for (const arch of archs) {
  if (built.includes(arch)) await makePackages(arch);
  else console.error(`LEFT OUT: packages for linux-${arch}: there is no ${archiveOf(arch)}`);
}

async function makePackages(arch) {
  const unpacked = mkdtempSync(path.join(tmpdir(), 'mesos-torque-package-'));
  try {
    execFileSync('tar', ['-xzf', archiveOf(arch), '-C', unpacked]);
    const programDir = path.join(unpacked, `mesos-torque-${version}`);
    const tree = await packageTree({ programDir, root, version, date: releaseDate() });
    write(`mesos-torque_${version}_${debianArchs[arch]}.deb`, await debPackage(controlOf(arch), tree, level));
    write(`mesos-torque_${version}_linux_${arch}.tar.gz`, await tarGz(tree, level));
  } finally {
    rmSync(unpacked, { recursive: true });
  }
}

function controlOf(arch) {
  return {
    name: 'mesos-torque',
    version,
    architecture: debianArchs[arch],
    // What Node is linked with; everything else is in the program.
    depends: 'libc6 (>= 2.28), libstdc++6, libgcc-s1',
    recommends: 'systemd',
    maintainer: 'The mesos-torque project <mesos-torque@localhost>',
    homepage: '',
    summary: packageJson.description.split(':')[0],
    description: [
      'Grows and shrinks a TORQUE cluster on Apache Mesos: watches the queue of',
      'pbs_server, takes offers when jobs wait for nodes, gives the machines back',
      'when they do not, and has a reason, with numbers, for all that it does not do.',
    ],
    conffiles: [`/${configName}`],
    scripts: Object.fromEntries(
      ['postinst', 'prerm', 'postrm'].map((name) => [
        name,
        readFileSync(path.join(root, 'packaging', name), 'utf8'),
      ]),
    ),
  };
}

/** SOURCE_DATE_EPOCH where the builder sets it, as reproducible builds do; else that of the program's manifest. */
function releaseDate() {
  const seconds = Number(process.env.SOURCE_DATE_EPOCH ?? Date.now() / 1000);
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}

function archiveOf(arch) {
  return path.join(from, `mesos-torque-linux-${arch}.tar.gz`);
}

function write(name, content) {
  const file = path.join(out, name);
  writeFileSync(file, content);
  const sha256 = createHash('sha256').update(content).digest('hex');
  console.log(`packed ${file}: ${(content.length / 1e6).toFixed(1)} MB, sha256 ${sha256}`);
}
