// Builds what is shipped: dist/torque-executor.mjs, the file that Mesos agents fetch. `--executor FILE`
// writes it elsewhere.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bundleExecutor } from '../packages/executor/src/build.ts';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const { values } = parseArgs({ options: { executor: { type: 'string' } } });
const file = path.resolve(values.executor ?? path.join(root, 'dist/torque-executor.mjs'));
mkdirSync(path.dirname(file), { recursive: true });
const { bytes, sha256 } = await bundleExecutor(file);
console.log(`built ${file}: ${bytes} bytes, sha256 ${sha256}`);
