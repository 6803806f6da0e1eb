/**
 * Growth by hand, in the fastest order that is known: create the nodes, wait until pbs_server has sent its
 * host list, start the moms, wait until all are free, ask for a scheduling cycle.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Argv } from '@mesos-torque/common/run-command.ts';
import type { Cluster } from '../cluster.ts';
import { explain, run, succeeded } from '../command.ts';
import type { Host } from '../hosts/host.ts';
import { waitUntil } from '../wait-until.ts';
import { jobRuns, settleMs, type Growth } from './growth.ts';

const spool = '/var/spool/torque';
const lookEveryMs = 50;

/** One growth from no nodes to a running job of `count` nodes; everything is put away afterwards. */
export async function growByHand(cluster: Cluster, count: number): Promise<Growth> {
  const hosts = cluster.agentHosts.slice(0, count);
  for (const host of hosts) await configureMom(cluster, host);
  const steps: Growth['steps'][number][] = [];
  const beganMs = Date.now();
  let lastMs = beganMs;
  const reached = (step: string): void => {
    const nowMs = Date.now();
    steps.push({ step, ms: nowMs - lastMs });
    lastMs = nowMs;
  };
  const job = await cluster.qsub(['-l', `nodes=${String(count)}:ppn=2`], 'sleep 1\n');
  const names = hosts.map(({ name }) => name);
  await qmgr(cluster, `create node ${names.join(',')} np=2`);
  reached('created');
  await seen(cluster, names, 'announced', (states) => !states.includes('MOM-list-not-sent'));
  reached('host list sent');
  await Promise.all(hosts.map((host) => onAgent(cluster, host, ['pbs_mom'])));
  await seen(cluster, names, 'free', (states) => states.includes('free'));
  reached('free');
  await qmgr(cluster, 'set server scheduling=true');
  await jobRuns(cluster, job);
  reached('running');
  const totalMs = Date.now() - beganMs;
  await putAway(cluster, hosts, job);
  return { totalMs, steps, awayMs: null };
}

async function putAway(cluster: Cluster, hosts: readonly Host[], job: string): Promise<void> {
  await waitUntil({ what: `${job} is done`, timeoutMs: 60_000, everyMs: 200 }, async () =>
    (await cluster.jobs()).every(({ id, state }) => id !== job || state === 'C'),
  );
  const names = hosts.map(({ name }) => name);
  await cluster.run('admin', ['pbsnodes', '-o', ...names]);
  await Promise.all(names.map((name) => qmgr(cluster, `delete node ${name}`)));
  for (const host of hosts) await onAgent(cluster, host, ['momctl', '-s']);
  await delay(settleMs);
}

async function configureMom(cluster: Cluster, host: Host): Promise<void> {
  const { serverName } = cluster.torque;
  await onAgent(cluster, host, ['tee', `${spool}/server_name`], `${serverName}\n`);
  await onAgent(cluster, host, ['tee', `${spool}/mom_priv/config`], `$pbsserver ${serverName}\n`);
}

async function onAgent(cluster: Cluster, host: Host, argv: Argv, stdin = ''): Promise<void> {
  const { env } = cluster.torque.command('admin', argv);
  const result = await run({ host, argv, env, cwd: '/' }, stdin);
  if (!succeeded(result)) throw new Error(`${argv.join(' ')} on ${host.name}: ${explain(result)}`);
}

async function qmgr(cluster: Cluster, sentence: string): Promise<void> {
  const result = await cluster.run('admin', ['qmgr', '-c', sentence]);
  if (!succeeded(result)) throw new Error(`qmgr ${sentence}: ${explain(result)}`);
}

async function seen(
  cluster: Cluster,
  names: readonly string[],
  what: string,
  is: (states: readonly string[]) => boolean,
): Promise<void> {
  await waitUntil({ what: `all nodes are ${what}`, timeoutMs: 90_000, everyMs: lookEveryMs }, async () => {
    const nodes = await cluster.nodes();
    return names.every((name) => nodes.some((node) => node.name === name && is(node.states)));
  });
}
