/** Carries one fault out, and undoes it. Resolves to what is worth telling of it, once all of it runs again. */
import { setTimeout as delay } from 'node:timers/promises';
import { unreachable } from '@mesos-torque/common/units.ts';
import type { Cluster } from '../cluster.ts';
import { startDaemon, type Daemon } from '../daemon.ts';
import type { FrameworkSide } from '../framework-side.ts';
import { leader, stands, told } from '../ha-watch.ts';
import { waitUntil } from '../wait-until.ts';
import type { Fault } from './plan-round.ts';
import type { Span, Takeover } from './takeover.ts';

export interface FaultDone {
  readonly text: string;
  /** Null where that is not the question, or where the one that was killed led again before any other. */
  readonly takeover: Takeover | null;
  /** While there was no ZooKeeper; null where it was left alone. */
  readonly zooKeeperAway: Span | null;
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
      return killZooKeeper(cluster, fault.downMs);
    default:
      return unreachable(fault.kind);
  }
}

function plain(text: string, which: string): FaultDone {
  return { text: `${text} (${which})`, takeover: null, zooKeeperAway: null };
}

async function killZooKeeper(cluster: Cluster, downMs: number): Promise<FaultDone> {
  const fromMs = Date.now();
  await cluster.zookeeper?.kill();
  await delay(downMs);
  await cluster.zookeeper?.start();
  const text = `ZooKeeper was down for ${String(downMs)} ms`;
  return { text, takeover: null, zooKeeperAway: { fromMs, untilMs: Date.now() } };
}

async function killLeader(cluster: Cluster, downMs: number): Promise<FaultDone> {
  const dying = await waitUntil({ what: 'a scheduler leads', timeoutMs: leaderMs }, () => leader(cluster));
  const daemon = dying.daemon();
  const killedMs = Date.now();
  daemon?.signal('SIGKILL');
  await daemon?.ended;
  const takeover = takenOver(cluster, dying, killedMs);
  await delay(downMs);
  await dying.start();
  return { text: `${dying.name} was killed`, takeover: await takeover, zooKeeperAway: null };
}

async function stopLeader(cluster: Cluster, stoppedMs: number): Promise<FaultDone> {
  const stopped = await waitUntil({ what: 'a scheduler leads', timeoutMs: leaderMs }, () => leader(cluster));
  const fromMs = Date.now();
  stopped.daemon()?.signal('SIGSTOP');
  frozen.add(stopped);
  const takeover = takenOver(cluster, stopped, fromMs);
  await delay(stoppedMs);
  frozen.delete(stopped);
  stopped.daemon()?.signal('SIGCONT');
  return {
    text: `${stopped.name} was stopped for ${String(stoppedMs)} ms`,
    takeover: await takeover,
    zooKeeperAway: null,
  };
}

/** Stopped at this moment: what their logs say last is not true any more. */
const frozen = new Set<FrameworkSide>();

async function takenOver(cluster: Cluster, leaving: FrameworkSide, fromMs: number): Promise<Takeover | null> {
  if (cluster.zookeeper === null) return null;
  const others = cluster.schedulers.filter((scheduler) => scheduler !== leaving);
  const awake = others.filter((each) => !frozen.has(each));
  const hadStandby = (await Promise.all(awake.map((each) => stands(each, fromMs)))).includes(true);
  // One that is only just starting may lose against the one that was killed and is back.
  return waitUntil({ what: 'another scheduler leads', timeoutMs: leaderMs }, async () => {
    for (const each of others) {
      const line = await told(each, 'leadership began', fromMs);
      if (line !== undefined) return { span: { fromMs, untilMs: line.atMs }, hadStandby };
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
