/** The site in containers: engine, images, cluster, and the way back. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf } from '@mesos-torque/common/text.ts';
import type { Runtime } from '../site.ts';
import { composeOf } from './compose.ts';
import { ensureDebian } from './debian.ts';
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
      // Without it no image can be built, and that is better known before anything is begun.
      const why = await ensureDebian(say).then(() => null, messageOf);
      if (why === null) ({ engine } = ensured);
      else await ensured.engine.stop();
      return why;
    },
    async open(say) {
      if (engine === null) throw new Error('there is no docker engine; ask what is missing first');
      const own = engine;
      const images = await ensureImages(root, options.baseImage, say);
      const compose = composeOf({ compose: own.compose, root, images });
      const beganMs = performance.now();
      const close = async (): Promise<void> => {
        forget();
        if (options.keep) return;
        await compose.down();
        await own.stop();
      };
      const forget = onInterrupt(close, say);
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

/** Whoever interrupts a run leaves no containers. The result ends the watch. */
function onInterrupt(close: () => Promise<void>, say: (line: string) => void): () => void {
  const stop = (signal: NodeJS.Signals): void => {
    say(`${signal}: the cluster is taken away`);
    void close()
      .catch((error: unknown) => {
        say(messageOf(error));
      })
      .then(() => process.exit(130));
  };
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.once(signal, stop);
  return () => {
    for (const signal of signals) process.off(signal, stop);
  };
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
