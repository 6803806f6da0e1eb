/** Joins the parts of the scheduler and runs them until they are stopped. */
import { mkdir, readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '@mesos-torque/common/clock.ts';
import { defaultStreamLimits } from '@mesos-torque/common/event-stream.ts';
import type { Log } from '@mesos-torque/common/logger.ts';
import { pinoLog } from '@mesos-torque/common/pino-log.ts';
import { runCommand } from '@mesos-torque/common/run-command.ts';
import { serveControl } from './api/control-server.ts';
import { controlService } from './api/control-service.ts';
import { executorArtifacts } from './api/executor-files.ts';
import { serveHttp, type Artifact, type HttpServer } from './api/http-server.ts';
import { journalView } from './api/journal-view.ts';
import { statusOf } from './api/status-view.ts';
import type { Config } from './config.ts';
import { bothOf, createJournalRing, type JournalRing } from './loop/journal.ts';
import { openJournalFile } from './loop/journal-file.ts';
import { defaultLoopOptions } from './loop/options.ts';
import { createLoop, type Loop } from './loop/reconcile-loop.ts';
import { openStateFile, type StateFile } from './loop/state-file.ts';
import { callTimeMsMaxDefault, type ExecutorUri } from './mesos/client-options.ts';
import { readMasters, type Masters } from './mesos/master-detector.ts';
import { SchedulerClient } from './mesos/scheduler-client.ts';
import { keepServerSetUp, type ServerKeeper } from './server-keeper.ts';
import { TorqueClient } from './torque/torque-client.ts';

const journalEntriesMax = 10_000;
const journalFileBytesMax = 64 * 1024 * 1024;
const journalFilesMax = 5;
const shutdownGraceMs = 30_000;

const exitOk = 0;
const exitCannotGoOn = 1;

/** Runs until a signal (0), or until the scheduler cannot go on (1), and then says why and what to do. */
export async function runScheduler(config: Config): Promise<number> {
  const log = pinoLog({ level: config.log.level, name: 'mesos-torque' });
  try {
    return await runWith(config, log);
  } catch (error) {
    log.error('scheduler could not start', { why: error instanceof Error ? error.message : String(error) });
    return exitCannotGoOn;
  }
}

async function runWith(config: Config, log: Log): Promise<number> {
  const opened: (() => Promise<void> | void)[] = [];
  try {
    const state = await openStateFile(config.stateDir);
    opened.push(() => state.close());
    const ring = createJournalRing(journalEntriesMax);
    const torque = new TorqueClient({
      run: runCommand,
      binDir: config.torque.binDir,
      timeoutMs: config.torque.commandTimeoutMs,
    });
    const keeper = keepServerSetUp(config, torque, systemClock, log);
    opened.push(() => {
      keeper.stop();
    });
    let planned: Loop | null = null;
    const { http, uris } = await serveFiles(config, log, () => readiness(planned, keeper));
    opened.push(() => http.close());
    const mesos = await mesosClient(config, uris, log);
    const loop = await joinLoop({ config, log, state, ring, torque, mesos });
    planned = loop;
    const control = await serveControl(
      config.control.socket,
      controlService({ status: () => statusOf(loop.latest(), config.policy), journal: journalView(ring) }),
    );
    opened.push(() => control.close());
    log.info('scheduler started', {
      http: http.port,
      control: config.control.socket,
      stateDir: config.stateDir,
    });
    return await untilEnd(loop, log);
  } finally {
    for (const close of opened.reverse()) await close();
  }
}

interface LoopParts {
  readonly config: Config;
  readonly log: Log;
  readonly state: StateFile;
  readonly ring: JournalRing;
  readonly torque: TorqueClient;
  readonly mesos: SchedulerClient;
}

async function joinLoop({ config, log, state, ring, torque, mesos }: LoopParts): Promise<Loop> {
  const directory = path.join(config.stateDir, 'journal');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const file = openJournalFile({ directory, bytesMax: journalFileBytesMax, filesMax: journalFilesMax }, log);
  return createLoop({
    torque,
    mesos,
    state,
    log,
    clock: systemClock,
    journal: bothOf(ring, file),
    policy: config.policy,
    options: {
      ...defaultLoopOptions,
      readFastMs: config.torque.pollMs,
      readSlowMs: config.torque.quietPollMs,
    },
    random: Math.random,
  });
}

async function untilEnd(loop: Loop, log: Log): Promise<number> {
  const stop = (signal: NodeJS.Signals): void => {
    log.info('scheduler asked to stop', { signal });
    void loop.stop();
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  await loop.start();
  const end = await loop.ended;
  if (end.kind === 'stopped') return exitOk;
  log.error('scheduler cannot go on', { why: end.why, remedy: end.remedy });
  return exitCannotGoOn;
}

function readiness(loop: Loop | null, keeper: ServerKeeper): { ok: boolean; why: string } {
  const latest = loop?.latest() ?? null;
  if (latest === null) return { ok: false, why: 'no plan has been made yet' };
  const { queue, nodes, mesos } = latest.snapshot;
  if (!mesos.connected) return { ok: false, why: 'not connected to Mesos' };
  for (const reading of [queue, nodes]) {
    if (reading.state !== 'fresh') return { ok: false, why: reading.why };
  }
  const why = keeper.problem();
  return { ok: why === null, why: why ?? '' };
}

/** Serves what agents fetch and returns the addresses under which they do. */
async function serveFiles(
  config: Config,
  log: Log,
  ready: () => { ok: boolean; why: string },
): Promise<{ http: HttpServer; uris: readonly ExecutorUri[] }> {
  const executorFile =
    config.executor.file ?? fileURLToPath(new URL('../../../dist/torque-executor.mjs', import.meta.url));
  const runtimeFile = config.executor.runtimeUri === null ? process.execPath : null;
  const { executor, runtime } = await executorArtifacts({ executorFile, runtimeFile }).catch(
    (error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      throw new Error(`executor.file: ${why}; build it with "pnpm build", or name another file`);
    },
  );
  const artifacts = [executor, runtime].filter((artifact) => artifact !== null);
  const http = await serveHttp({ ...config.http, artifacts, ready, log });
  const uriOf = ({ name }: Artifact): string =>
    `http://${config.http.advertise}:${String(http.port)}/artifact/${name}`;
  return {
    http,
    uris: [
      {
        value: uriOf(executor),
        executable: false,
        extract: false,
        cache: true,
        outputFile: 'torque-executor.mjs',
      },
      {
        value: runtime === null ? (config.executor.runtimeUri ?? '') : uriOf(runtime),
        executable: true,
        extract: false,
        cache: true,
        outputFile: 'node',
      },
    ],
  };
}

async function mesosClient(config: Config, uris: readonly ExecutorUri[], log: Log): Promise<SchedulerClient> {
  const { mesos, executor, policy, torque } = config;
  return new SchedulerClient({
    masters: mastersOf(mesos.master),
    encoding: mesos.encoding,
    credential: await credentialOf(config),
    frameworkName: mesos.frameworkName,
    user: mesos.user,
    role: mesos.role,
    principal: mesos.principal,
    failoverTimeoutS: mesos.failoverTimeoutMs / 1000,
    wantsGpus: policy.safeAllocation.gpus !== 0,
    webuiUrl: mesos.webuiUrl,
    hostname: os.hostname(),
    executor: {
      uris,
      command: { value: './node', arguments: ['./node', './torque-executor.mjs'] },
      env: {},
      resources: { ...policy.executor, cpuMilli: executor.cpuMilli },
      shutdownGraceMs,
      killGraceMs: policy.killGraceMs,
    },
    orders: ({ intent }) => ({
      nodeName: intent.nodeName,
      pbsServer: torque.server,
      np: intent.np,
      momServicePort: intent.ports?.service ?? 0,
      momManagerPort: intent.ports?.manager ?? 0,
      momConfigLines: [...executor.momConfigLines],
      healthIntervalMs: executor.healthIntervalMs,
      pbsMom: executor.pbsMom,
      momctl: executor.momctl,
      path: executor.path,
      torqueHome: executor.torqueHome ?? '',
    }),
    callTimeMsMax: callTimeMsMaxDefault,
    limits: defaultStreamLimits,
    clock: systemClock,
    random: Math.random,
    log,
  });
}

function mastersOf(master: string): Masters {
  const reading = readMasters(master);
  if (reading.ok) return reading.masters;
  throw new Error(`mesos.master: ${reading.why}`);
}

/** Null where the master does not authenticate. */
async function credentialOf({ mesos }: Config): Promise<{ principal: string; secret: string } | null> {
  if (mesos.principal === null || mesos.secretFile === null) return null;
  const secret = await readFile(mesos.secretFile, 'utf8').catch((error: unknown) => {
    throw new Error(`mesos.secretFile: ${error instanceof Error ? error.message : String(error)}`);
  });
  return { principal: mesos.principal, secret: secret.trimEnd() };
}
