/**
 * Agents on which only TORQUE and an MPI are: no Node, no sshd. The executor is the archive that is shipped, and
 * comes through the agent's fetcher.
 */
import { access, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Cluster } from '../cluster.ts';
import { hasSshd, hideNode } from '../hosts/without-node.ts';
import type { Story } from './stories.ts';

const dist = fileURLToPath(new URL('../../../../dist/', import.meta.url));

/** Why it cannot be tried here; null when it can. */
export function whyNoBareAgents(torque: 'stand-in' | 'real'): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return 'hosts with files of their own are mount namespaces, which root makes on Linux';
  return torque === 'real' ? null : 'the stand-ins of TORQUE are run by Node; give --torque real';
}

/** The archive of `pnpm build` for this machine, with what it was built from. */
export async function shippedExecutor(): Promise<{ readonly file: string; readonly build: string }> {
  const name = `torque-executor-linux-${process.arch}`;
  const file = `${dist}${name}.tar.gz`;
  await access(file).catch(() => {
    throw new Error(`${file} is not there: run pnpm build`);
  });
  const { build } = JSON.parse(await readFile(`${dist}${name}.json`, 'utf8')) as { readonly build: string };
  return { file, build };
}

/** To be called when the agents run: they could not be started any more. */
export async function bareAgents(cluster: Cluster, say: (line: string) => void): Promise<void> {
  const hidden = await Promise.all(cluster.agentHosts.map((host) => hideNode(host)));
  for (const [index, host] of cluster.agentHosts.entries()) {
    if (await hasSshd(host)) throw new Error(`${host.name}: something listens at port 22`);
    say(`${host.name}: no node or nodejs is found, nothing listens at port 22; hidden:`);
    for (const file of hidden[index] ?? []) say(`  ${file}`);
  }
}

/** What a job sees on each of the agents. */
export function noNodeStory(nodes: number): Story {
  const look = 'command -v node nodejs || echo no node on $(hostname)';
  return {
    title: 'jobs find no Node on any node',
    jobs: [
      {
        name: 'nonode',
        args: ['-l', `nodes=${nodes}:ppn=1,walltime=00:05:00`],
        script: `pbsdsh -u /bin/sh -c '${look}'\n`,
        ranks: null,
        says: [[/^no node on \S+$/gm, nodes]],
        exit: 'zero',
      },
    ],
    deletes: false,
    atOnce: false,
    same: null,
  };
}
