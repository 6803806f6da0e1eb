/** The executor as one file of JavaScript, for tests that run it on their own Node. */
import path from 'node:path';
import { bundle, type Bundle } from './build/bundle.ts';

/** A name that Node takes for CommonJS, whatever lies around it. */
export const executorFileName = 'torque-executor.cjs';

/** Writes the bundle to `outFile`. Rejects when it cannot be built. */
export function bundleExecutor(outFile: string): Promise<Bundle> {
  return bundle(path.join(import.meta.dirname, 'main.ts'), outFile);
}
