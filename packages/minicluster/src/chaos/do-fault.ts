/** Carries one fault out, and undoes it. Resolves to what is worth telling of it, once all of it runs again. */
import { setTimeout as delay } from 'node:timers/promises';
import { unreachable } from '@mesos-torque/common/units.ts';
import type { Cluster } from '../cluster.ts';
import { startDaemon, type Daemon } from '../daemon.ts';
import { leader, told } from '../ha-watch.ts';
import { waitUntil } from '../wait-until.ts';
import type { Fault } from './plan-round.ts';

export interface FaultDone {
  readonly text: string;
  /** From the leader's death until another one led; null where that is not the question. Milliseconds. */
  readonly takeoverMs: number | null;
}

const leaderMs = 30_000;
/** Longer than any session here. */
const stoppedMsMin = 6_000;

export async function doFault(cluster: Cluster, fault: Fault): Promise<FaultDone> {
  switch (fault.kind) {
    case 'kill-leader':
      return killLeader(cluster, fault.downMs);
    case 'stop-leader':
      return stopLeader(cluster, stoppedMsMin + fault.downMs);
    case 'kill-master':
      return plain('a master was killed', await killMaster(cluster, fault));
    case 'kill-agent':
      return plain('an agent was killed', await killAgent(cluster, fault));
    case 'kill-server':
    case 'stop-server':
      return plain('pbs_server was restarted', await restartServer(cluster, fault));
    case 'kill-zookeeper':
      await cluster.zookeeper?.kill();
      await delay(fault.downMs);
      await cluster.zookeeper?.start();
      return { text: `ZooKeeper was down for ${String(fault.downMs)} ms`, takeoverMs: null };
    default:
      return unreachable(fault.kind);
  }
}

function plain(text: string, which: string): FaultDone {
  return { text: `${text} (${which})`, takeoverMs: null };
}

async function killLeader(cluster: Cluster, downMs: number): Promise<FaultDone> {
  const dying = await waitUntil({ what: 'a scheduler leads', timeoutMs: leaderMs }, () => leader(cluster));
  const daemon = dying.daemon();
  const killedMs = Date.now();
  daemon?.signal('SIGKILL');
  await daemon?.ended;
  const others = cluster.schedulers.filter((scheduler) => scheduler !== dying);
  const takeover = takenOver(cluster, others, killedMs);
  await delay(downMs);
  await dying.start();
  return { text: `${dying.name} was killed`, takeoverMs: await takeover };
}

async function stopLeader(cluster: Cluster, stoppedMs: number): Promise<FaultDone> {
  const stopped = await waitUntil({ what: 'a scheduler leads', timeoutMs: leaderMs }, () => leader(cluster));
  const fromMs = Date.now();
  stopped.daemon()?.signal('SIGSTOP');
  const others = cluster.schedulers.filter((scheduler) => scheduler !== stopped);
  const takeover = takenOver(cluster, others, fromMs);
  await delay(stoppedMs);
  stopped.daemon()?.signal('SIGCONT');
  return {
    text: `${stopped.name} was stopped for ${String(stoppedMs)} ms`,
    takeoverMs: await takeover,
  };
}

async function takenOver(
  cluster: Cluster,
  others: Cluster['schedulers'],
  sinceMs: number,
): Promise<number | null> {
  if (cluster.zookeeper === null) return null;
  // One that is only just starting may lose against the one that was killed and is back.
  return waitUntil({ what: 'another scheduler leads', timeoutMs: leaderMs }, async () => {
    for (const each of others) {
      const line = await told(each, 'leadership began', sinceMs);
      if (line !== undefined) return line.atMs - sinceMs;
    }
    return null;
  }).catch(() => null);
}

async function killMaster(cluster: Cluster, { downMs }: Fault): Promise<string> {
  const { masters } = cluster.mesos;
  const index = Math.max(0, await leadingMaster(cluster));
  const master = masters[index];
  if (master?.exit() !== null) return 'none ran';
  master.signal('SIGKILL');
  await master.ended;
  await delay(downMs);
  if (cluster.zookeeper === null) await cluster.mesos.startMaster(index);
  return master.name;
}

/** The one that answers for itself; -1 where none does. */
async function leadingMaster(cluster: Cluster): Promise<number> {
  for (const [index, url] of cluster.mesos.masterUrls.entries()) {
    const status = await fetch(`${url}/roles`, { redirect: 'manual' }).then(
      (answer) => answer.status,
      () => 0,
    );
    if (status !== 0 && status !== 307 && status !== 503) return index;
  }
  return -1;
}

async function killAgent(cluster: Cluster, { which, downMs }: Fault): Promise<string> {
  const index = which % cluster.mesos.agents.length;
  const agent = cluster.mesos.agents[index];
  agent?.signal('SIGKILL');
  await agent?.ended;
  await delay(downMs);
  await cluster.mesos.startAgent(index);
  return agent?.name ?? '';
}

const serverDaemons = new WeakMap<Cluster, Daemon[]>();

/** Whoever keeps it may be faster: then ours ends with "already running", and theirs serves. */
async function restartServer(cluster: Cluster, { kind, downMs }: Fault): Promise<string> {
  if (kind === 'stop-server') await cluster.run('admin', ['qterm', '-t', 'quick']);
  for (const { pid } of await serversOf(cluster)) killQuietly(pid);
  await delay(downMs);
  const { host, env, cwd } = cluster.torque.command('admin', ['pbs_server', '-D']);
  if ((await serversOf(cluster)).length === 0) {
    const daemon = startDaemon(host, {
      name: 'pbs_server',
      // As an administrator should: with scheduling on, and no framework there yet, stock pbs_sched deletes jobs.
      argv: ['pbs_server', '-D', '-a', 'false'],
      env,
      cwd,
      logDir: `${cluster.dir}/log`,
    });
    serverDaemons.set(cluster, [...(serverDaemons.get(cluster) ?? []), daemon]);
  }
  await waitUntil({ what: 'pbs_server answers', timeoutMs: 30_000, everyMs: 200 }, async () => {
    const answer = await cluster.run('admin', ['qmgr', '-c', 'list server']);
    return answer.kind === 'exit' && answer.code === 0;
  });
  return kind;
}

async function serversOf(cluster: Cluster): Promise<readonly { readonly pid: number }[]> {
  return (await cluster.processes()).filter(({ command }) => /\/pbs_server(?: |$)/.test(command));
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/** Those that were started here; the cluster's own are stopped by the cluster. */
export async function stopServers(cluster: Cluster): Promise<void> {
  for (const daemon of serverDaemons.get(cluster) ?? []) await daemon.stop(5_000);
}
