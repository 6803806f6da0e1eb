// Builds what is shipped, into dist/: the executor that Mesos agents fetch and the scheduler with it, as
// single executables, one archive per architecture, each with a manifest (version, checksum, sizes).
//
//   --arch x64|arm64   this one alone; left out, both, and another machine's is left out when its Node cannot be had
//   --out DIR          elsewhere than dist/
//   --executor FILE    nothing but the executor, not packed, to be run on this machine
import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import packageJson from '../package.json' with { type: 'json' };
import { buildDashboard } from '../packages/dashboard/build.ts';
import { archs } from '../packages/executor/src/build/runtime.ts';
import { executorOptions, runHere, schedulerOptions, ship } from '../packages/executor/src/build/ship.ts';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const executor = {
  entry: path.join(root, 'packages/executor/src/main.ts'),
  nodeOptions: executorOptions,
};
const scheduler = { entry: path.join(root, 'packages/scheduler/src/main.ts'), nodeOptions: schedulerOptions };
const { version } = packageJson;
const { values } = parseArgs({
  options: { arch: { type: 'string' }, out: { type: 'string' }, executor: { type: 'string' } },
});

if (values.executor === undefined) await buildAll();
else await runHere(executor, path.resolve(values.executor), root);

async function buildAll() {
  const out = path.resolve(values.out ?? path.join(root, 'dist'));
  const wanted = values.arch === undefined ? archs : archs.filter((arch) => arch === values.arch);
  if (wanted.length === 0) fail(`--arch ${values.arch}: there are ${archs.join(' and ')}`);
  const tries = wanted.map((arch) => {
    const shipment = { name: 'torque-executor', version, source: executor, arch, beside: [], folder: '' };
    return tried(shipment, out, values.arch === undefined && arch !== process.arch);
  });
  const executors = (await Promise.all(tries)).filter((built) => built !== null);
  const dashboard = path.join(out, 'dashboard');
  const pages = await buildDashboard(dashboard);
  console.log(`built ${dashboard}: ${mb(pages.reduce((sum, { bytes }) => sum + bytes, 0))} MB`);
  // The scheduler serves executors of every architecture, so it carries all that there are, and its pages.
  const inOut = executors.flatMap(({ file }) => [file, file.replace(/\.tar\.gz$/, '.json')]);
  const beside = [
    ...inOut.map((name) => ({ name, file: path.join(out, name) })),
    ...pages.map(({ file }) => ({ name: `dashboard/${file}`, file: path.join(dashboard, file) })),
    { name: 'LICENSE', file: path.join(root, 'LICENSE') },
  ];
  const folder = `mesos-torque-${version}`;
  await Promise.all(
    executors.map(({ arch }) =>
      tried({ name: 'mesos-torque', version, source: scheduler, arch, beside, folder }, out, false),
    ),
  );
}

/** What may be left out is, loudly, and nothing old is left in its place. */
async function tried(shipment, out, mayBeLeftOut) {
  const began = performance.now();
  try {
    const built = await ship(shipment, out, root);
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    console.log(
      `built ${path.join(out, built.file)}: ${mb(built.bytes)} MB (${mb(built.unpackedBytes)} MB unpacked), ` +
        `sha256 ${built.sha256}, build ${built.build}, in ${seconds} s`,
    );
    return built;
  } catch (error) {
    const why = `${shipment.name} for linux-${shipment.arch}: ${error.message}`;
    if (!mayBeLeftOut) fail(why);
    console.error(`LEFT OUT: ${why}`);
    for (const ending of ['tar.gz', 'json']) {
      const old = path.join(out, `${shipment.name}-linux-${shipment.arch}.${ending}`);
      if (existsSync(old)) rmSync(old);
    }
    return null;
  }
}

function mb(bytes) {
  return (bytes / 1e6).toFixed(1);
}

function fail(message) {
  console.error(`build: ${message}`);
  process.exit(1);
}
