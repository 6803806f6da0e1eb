/**
 * pbs_server ended while a job waits for its nodes, and started again. A job that is larger than the nodes
 * of the moment is what stock pbs_sched deletes after a start that nobody guards.
 */
import type { Argv } from '@mesos-torque/common/run-command.ts';
import { unreachable } from '@mesos-torque/common/units.ts';
import type { Cluster } from '../cluster.ts';
import { explain, succeeded } from '../command.ts';
import { waitUntil } from '../wait-until.ts';

/**
 * `kill`: SIGKILL, and `qterm`: an orderly end; the framework, which manages the server, starts it again. `site`: the
 * framework is attached, and the site ends the server in order and starts it with scheduling off.
 */
export type Restart = 'kill' | 'qterm' | 'site';

export const restarts: readonly Restart[] = ['kill', 'qterm', 'site'];

/** What the framework is told of the server, so that it starts it again or does not. */
export function torqueOptionsFor(restart: Restart | null): Readonly<Record<string, unknown>> {
  return restart === 'kill' || restart === 'qterm' ? { mode: 'manage' } : { mode: 'attach' };
}

/** Resolves when the server answers again, to how long it did not, in milliseconds. Hosts with processes of their own. */
export async function restartServer(cluster: Cluster, restart: Restart): Promise<number> {
  const beganMs = Date.now();
  await endServer(cluster, restart);
  await waitUntil({ what: 'pbs_server answers again', timeoutMs: 60_000, everyMs: 20 }, async () =>
    succeeded(await cluster.run('admin', ['qmgr', '-c', 'list server'])),
  );
  return Date.now() - beganMs;
}

async function endServer(cluster: Cluster, restart: Restart): Promise<void> {
  const admin = async (argv: Argv): Promise<void> => {
    const result = await cluster.run('admin', argv);
    if (!succeeded(result)) throw new Error(`${argv.join(' ')}: ${explain(result)}`);
  };
  switch (restart) {
    case 'kill':
      return admin(['pkill', '-9', '-x', 'pbs_server']);
    case 'qterm':
      return admin(['qterm', '-t', 'quick']);
    case 'site':
      await admin(['qterm', '-t', 'quick']);
      return waitUntil(
        { what: 'the site has started pbs_server', timeoutMs: 20_000, everyMs: 100 },
        async () => succeeded(await cluster.run('admin', ['pbs_server', '-a', 'false'])),
      ).then(() => undefined);
    default:
      return unreachable(restart);
  }
}
