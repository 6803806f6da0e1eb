/** One reign: from the moment when we may act to the moment when we may not, stop, or cannot go on. */
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { systemClock } from '@mesos-torque/common/clock.ts';
import { defaultStreamLimits, type Servers } from '@mesos-torque/common/event-stream.ts';
import type { Log } from '@mesos-torque/common/logger.ts';
import { runCommand } from '@mesos-torque/common/run-command.ts';
import { nothing } from '@mesos-torque/common/units.ts';
import type { Config } from './config.ts';
import { fencedLaunch, fencedPort, fencedRun } from './ha/fenced-port.ts';
import type { Seat } from './ha/seat.ts';
import type { JournalRing } from './loop/journal.ts';
import { defaultLoopOptions } from './loop/options.ts';
import { createLoop, type Loop, type LoopEnd } from './loop/reconcile-loop.ts';
import type { Metrics } from './metrics/metrics.ts';
import { timedPort } from './metrics/timed-port.ts';
import type { MesosPort, SandboxPort, TorquePort } from './loop/ports.ts';
import { readMesosAccess, type MesosAccess } from './mesos/access.ts';
import { callTimeMsMaxDefault } from './mesos/client-options.ts';
import type { OfferWishes } from './mesos/offer-wishes.ts';
import { executorEnvironment } from './mesos/executor-environment.ts';
import { openMasters, readMasters, type Masters } from './mesos/master-detector.ts';
import { momOrders } from './mesos/mom-orders.ts';
import { SchedulerClient } from './mesos/scheduler-client.ts';
import type { Executors } from './serve-executor.ts';
import { keepServer, serverForClients, type ServerKeeper } from './server-keeper.ts';
import { setupRecords } from './setup/setup-record.ts';
import { hostsFile } from './torque/hosts-file.ts';
import { systemNameLookup } from './torque/name-lookup.ts';
import { NodeAddresses } from './torque/node-addresses.ts';
import { clientRun } from './torque/server/client-run.ts';
import { launcherIn } from './torque/server/launch.ts';
import { TorqueClient, type NodeExtras } from './torque/torque-client.ts';

const shutdownGraceMs = 30_000;

export interface ReignParts {
  readonly config: Config;
  readonly ring: JournalRing;
  readonly executors: Executors;
  /** Where agents fetch the executor from us. */
  readonly baseUrl: string;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'torqueCalled' | 'mesosCalled'>;
}

export interface Ruling {
  readonly loop: Loop;
  readonly keeper: ServerKeeper;
  readonly sandboxes: SandboxPort;
}

/** `deposed`: another may act now, and we may not. */
export type ReignEnd = LoopEnd | { readonly kind: 'deposed'; readonly why: string };

/**
 * Acts until the end or until `stopped` is aborted, and resolves when nothing is under way any more.
 * `onRuling` is told what rules. Rejects when it cannot begin.
 */
export async function reign(
  seat: Seat,
  parts: ReignParts,
  stopped: AbortSignal,
  onRuling: (ruling: Ruling) => void,
): Promise<ReignEnd> {
  const { config, log } = parts;
  const opened: (() => Promise<void> | void)[] = [];
  try {
    const keeper = await keeperOf(seat, parts);
    opened.push(() => keeper.end(seat.mayAct() ? 'as-configured' : 'leave'));
    const access = await accessOf(config);
    const masters = openMasters(mastersOf(config.mesos.master, access), systemClock, log);
    opened.push(() => masters.close());
    const mesos = mesosClient(parts, access, fencedServers(masters, seat));
    masters.onChange((leader) => {
      mesos.leaderChanged(leader);
    });
    const loop = joinLoop(seat, parts, keeper, mesos);
    onRuling({ loop, keeper, sandboxes: mesos.sandboxes });
    await masters.looked;
    await loop.start();
    const end = await untilEnd(loop, seat, stopped);
    // A subscription of ours would end the next leader's.
    if (end.kind === 'deposed') await mesos.close();
    await loop.stop();
    return end;
  } finally {
    for (const close of opened.reverse()) await close();
  }
}

function untilEnd(loop: Loop, seat: Seat, stopped: AbortSignal): Promise<ReignEnd> {
  return new Promise((resolve) => {
    const stop = (): void => {
      resolve({ kind: 'stopped' });
    };
    if (stopped.aborted) stop();
    stopped.addEventListener('abort', stop, { once: true });
    void loop.ended.then((end) => {
      // Mesos tells one that was stopped and goes on "Framework failed over": that is another leader's doing.
      const isDeposed = end.kind === 'fatal' && !seat.mayAct();
      resolve(isDeposed ? { kind: 'deposed', why: end.why } : end);
    });
    void seat.over.then((why) => {
      resolve({ kind: 'deposed', why });
    });
  });
}

/** A stream that broke because another leads now must not be made again. */
function fencedServers(masters: Servers, seat: Seat): Servers {
  return {
    next: () =>
      seat.mayAct() ? masters.next() : { ok: false, why: 'this scheduler does not lead any more' },
  };
}

function keeperOf(seat: Seat, { config, log }: ReignParts): Promise<ServerKeeper> {
  const isRoot = process.getuid?.() === 0;
  const mayAct = (): boolean => seat.mayAct();
  const clients = clientRun(fencedRun(runCommand, mayAct), process.env, serverForClients(config, isRoot));
  const torque = new TorqueClient(
    { run: clients.run, binDir: config.torque.binDir, timeoutMs: config.torque.commandTimeoutMs },
    { neednodesBind: config.server.scheduler === 'maui' || config.server.scheduler === 'moab' },
    nodeExtras(config, log),
  );
  return keepServer({
    config,
    torque,
    clients,
    records: setupRecords(config.stateDir, () => systemClock.nowMs()),
    guard: seat.guard,
    launch: fencedLaunch(launcherIn(path.join(config.stateDir, 'daemons')), mayAct),
    clock: systemClock,
    random: Math.random,
    log,
    isRoot,
    hostName: os.hostname(),
  });
}

function nodeExtras({ torque, policy }: Config, log: Log): NodeExtras {
  return {
    names: torque.checkNames ? new NodeAddresses(systemNameLookup(systemClock), systemClock) : null,
    hosts: torque.hostsFile === null ? null : hostsFile(torque.hostsFile, log),
    ownerMark: policy.ownerMark,
  };
}

/** What is measured of both sides. */
const torqueCalls = [
  'readQueue',
  'readNodes',
  'readSettings',
  'createNode',
  'setOffline',
  'clearOffline',
  'deleteNode',
  'kickScheduler',
] as const satisfies readonly (keyof TorquePort)[];
const mesosCalls = [
  'accept',
  'decline',
  'suppress',
  'revive',
  'kill',
  'acknowledge',
  'reconcile',
  'startMom',
] as const satisfies readonly (keyof MesosPort)[];

function joinLoop(
  seat: Seat,
  { config, ring, log, metrics }: ReignParts,
  keeper: ServerKeeper,
  mesos: SchedulerClient,
): Loop {
  const mayAct = (): boolean => seat.mayAct();
  return createLoop({
    torque: timedPort(
      fencedPort(keeper.torque, ['readQueue', 'readNodes', 'readSettings'], mayAct),
      torqueCalls,
      systemClock,
      metrics.torqueCalled,
    ),
    mesos: timedPort(
      fencedPort(mesos, ['open', 'close'], mayAct),
      mesosCalls,
      systemClock,
      metrics.mesosCalled,
    ),
    state: seat.state,
    log,
    clock: systemClock,
    journal: ring,
    policy: config.policy,
    options: {
      ...defaultLoopOptions,
      readFastMs: config.torque.pollMs,
      readSlowMs: config.torque.quietPollMs,
    },
    random: Math.random,
  });
}

function mesosClient(
  { config, executors, baseUrl, log }: ReignParts,
  { credential, agentCredential, tls }: MesosAccess,
  masters: Servers,
): SchedulerClient {
  const { mesos, executor, policy, torque } = config;
  return new SchedulerClient({
    masters,
    encoding: mesos.encoding,
    credential,
    agentCredential,
    tls,
    frameworkName: mesos.frameworkName,
    user: mesos.user,
    role: mesos.role,
    principal: mesos.principal,
    failoverTimeoutS: mesos.failoverTimeoutMs / 1000,
    wantsOtherRegions: mesos.otherRegions,
    wishes: offerWishes(config),
    keepsToFairShare: mesos.keepToFairShare,
    wantsGpus: policy.safeAllocation.gpus !== 0,
    webuiUrl: mesos.webuiUrl,
    hostname: os.hostname(),
    executor: {
      programFor: (attributes) => executors.programFor(attributes, baseUrl),
      builds: executors.builds,
      env: executorEnvironment(executor.agentTls),
      resources: { ...policy.executor, cpuMilli: executor.cpuMilli },
      image: executor.image,
      shutdownGraceMs,
      killGraceMs: policy.killGraceMs,
    },
    orders: (launch) => momOrders(launch, { ...executor.mom, pbsServer: torque.server, path: executor.path }),
    callTimeMsMax: callTimeMsMaxDefault,
    limits: defaultStreamLimits,
    clock: systemClock,
    random: Math.random,
    log,
  });
}

function offerWishes({ mesos, policy }: Config): OfferWishes {
  if (!mesos.tellWishes) return { constraints: [], least: nothing };
  const { np, memMib } = policy.minComputeNode;
  return {
    constraints: policy.constraints,
    // The executor's processors are part of the node's; its memory is not.
    least: { cpuMilli: np * policy.cpuMilliPerSlot, memMib: memMib + policy.executor.memMib },
  };
}

function mastersOf(master: string, access: MesosAccess): Masters {
  const reading = readMasters(master, access);
  if (reading.ok) return reading.masters;
  throw new Error(`mesos.master: ${reading.why}`);
}

/** Rejects with what is wrong with the files that the configuration names. */
async function accessOf({ mesos }: Config): Promise<MesosAccess> {
  const reading = await readMesosAccess(mesos);
  if (reading.ok) return reading.access;
  throw new Error(reading.why);
}
