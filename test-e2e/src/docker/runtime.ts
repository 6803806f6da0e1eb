/** The site in containers: engine, images, cluster, and the way back. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf } from '@mesos-torque/common/text.ts';
import type { Runtime } from '../site.ts';
import { composeOf } from './compose.ts';
import { openSite } from './docker-site.ts';
import { ensureEngine, type Engine } from './engine.ts';
import { ensureImages } from './images.ts';

export interface DockerOptions {
  /** An image with the real programs on its PATH; null for the stand-ins. */
  readonly baseImage: string | null;
  /** Leaves the cluster running when the site is closed. */
  readonly keep: boolean;
}

const root = fileURLToPath(new URL('../../../', import.meta.url));

export function dockerRuntime(options: DockerOptions): Runtime {
  let engine: Engine | null = null;
  return {
    name: 'docker',
    async missing() {
      const ensured = await ensureEngine(path.join(root, '.mesos-torque'), say);
      if (ensured.kind === 'none') return ensured.why;
      ({ engine } = ensured);
      return null;
    },
    async open(say) {
      if (engine === null) throw new Error('there is no docker engine; ask what is missing first');
      const own = engine;
      const images = await ensureImages(root, options.baseImage, say);
      const compose = composeOf({ compose: own.compose, root, images });
      const beganMs = performance.now();
      const close = async (): Promise<void> => {
        if (options.keep) return;
        await compose.down();
        await own.stop();
      };
      await compose.down();
      try {
        await compose.up();
        const site = await openSite({ compose, toolsImage: images.tools, close });
        say(`the cluster was up after ${((performance.now() - beganMs) / 1000).toFixed(0)} s`);
        return site;
      } catch (error) {
        await close().catch((closing: unknown) => {
          say(`taking the cluster away: ${messageOf(closing)}`);
        });
        throw error;
      }
    },
  };
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
