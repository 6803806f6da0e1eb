/** Makes the site that the command line asks for; where there is a choice, the best that this machine can do. */
import type { E2eOptions } from './options.ts';
import { processRuntime } from './process/runtime.ts';
import type { Runtime, Site } from './site.ts';

export async function openRuntime(options: E2eOptions, say: (line: string) => void): Promise<Site> {
  const wanted = options.runtime === 'process' ? processRuntime(options) : await containers(options);
  const missing = await wanted.missing();
  if (missing === null) return wanted.open(say);
  if (options.runtime !== 'any') throw new Error(`--runtime ${wanted.name} cannot be had: ${missing}`);
  say(`NOT IN CONTAINERS: ${missing}; the stories are played as processes of this machine`);
  return processRuntime(options).open(say);
}

async function containers({ keep }: E2eOptions): Promise<Runtime> {
  const { dockerRuntime } = await import('./docker/runtime.ts');
  return dockerRuntime({ baseImage: process.env['BASE_IMAGE'] ?? null, keep });
}
