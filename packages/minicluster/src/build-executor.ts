/**
 * The executor as `pnpm build` makes it, in a file of the cluster's own, and not packed: packing takes 15 s, the rest 1 s.
 */
import { fileURLToPath } from 'node:url';
import { runCommand } from '@mesos-torque/common/run-command.ts';
import { explain, succeeded } from './command.ts';

/** Returns `file`. */
export async function buildExecutor(file: string): Promise<string> {
  const build = fileURLToPath(new URL('../../../scripts/build.mjs', import.meta.url));
  const result = await runCommand([process.execPath, build, '--executor', file], {
    timeoutMs: 60_000,
    outputBytesMax: 1024 * 1024,
  });
  if (!succeeded(result)) throw new Error(`building the executor: ${explain(result)}`);
  return file;
}
