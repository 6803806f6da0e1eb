/** The cluster as compose has it: `docker/compose.yaml` with the images and names of this run. */
import path from 'node:path';
import type { Argv } from '@mesos-torque/common/run-command.ts';
import { must } from './docker.ts';
import type { Images } from './images.ts';

export interface ComposeOptions {
  readonly compose: Argv;
  readonly root: string;
  readonly images: Images;
}

export interface Compose {
  /** Of the machine with this key in the layout. */
  containerOf(key: string): string;
  addressOf(number: number): string;
  up(): Promise<void>;
  /** Takes away containers, network and volumes; also what another run has left. */
  down(): Promise<void>;
}

const upMsMax = 180_000;

/** Two runs beside each other on one engine need two names and two networks. */
export function composeOf({ compose, root, images }: ComposeOptions): Compose {
  const project = process.env['E2E_PROJECT'] ?? 'mesos-torque-e2e';
  const net = process.env['E2E_NET'] ?? '10.213.7';
  const [program, ...first] = compose;
  const run = (...args: readonly string[]): Promise<string> =>
    must(
      [
        program,
        ...first,
        '--project-name',
        project,
        '--file',
        path.join(root, 'docker', 'compose.yaml'),
        ...args,
      ],
      {
        timeoutMs: upMsMax,
        env: {
          E2E_PROJECT: project,
          E2E_NET: net,
          E2E_MACHINE_IMAGE: images.machine,
          E2E_ZOOKEEPER_IMAGE: images.zookeeper,
        },
      },
    );
  return {
    containerOf: (key) => `${project}-${key}`,
    addressOf: (number) => `${net}.${String(number)}`,
    async up() {
      await run('up', '--detach', '--no-build');
    },
    async down() {
      await run('down', '--volumes', '--remove-orphans', '--timeout', '0');
    },
  };
}
