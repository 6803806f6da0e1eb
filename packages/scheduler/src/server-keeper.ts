/**
 * Joins what keeps pbs_server as an elastic cluster needs it: its daemons (manage mode), its settings, the guard
 * of the queue through restarts, and the scheduler of TORQUE.
 */
import { access } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '@mesos-torque/common/clock.ts';
import type { Log } from '@mesos-torque/common/logger.ts';
import type { Config } from './config.ts';
import type { Outcome, TorquePort } from './loop/ports.ts';
import { noWishes, wantedSetup } from './setup/wanted-setup.ts';
import { chooseScheduler } from './torque/server/choose-scheduler.ts';
import type { ClientRun } from './torque/server/client-run.ts';
import type { GuardRecordPort } from './torque/server/guard-record.ts';
import { guardedServer } from './torque/server/guarded-server.ts';
import type { LaunchDaemon } from './torque/server/launch.ts';
import { manageServer, type ManagedServer } from './torque/server/manage-server.ts';
import { probeParts, type ProbeParts } from './torque/server/nodect-probe.ts';
import type { TorqueScheduler } from './torque/server/schedulers/torque-scheduler.ts';
import { withScheduler } from './torque/server/scheduling-port.ts';
import { askServerHome } from './torque/server/server-home.ts';
import { serverLife } from './torque/server/server-life.ts';
import { startRecordIn, type StartRecord } from './torque/server/start-record.ts';
import { pbsServer, trqauthd } from './torque/server/torque-daemons.ts';
import { watchServer, type ServerWatch } from './torque/server/watch-server.ts';
import { applyPlanned, type SetupRecords } from './torque/server-apply.ts';
import { isSchedulingStep, planSetup } from './torque/server-setup.ts';
import { readServer } from './torque/server-view.ts';
import { readSettingsIfManager, sayWhatGrants, type RightParts } from './right-to-manage.ts';
import { failed } from './torque/torque-commands.ts';
import type { TorqueClient } from './torque/torque-client.ts';

/** The server that TORQUE's clients are told; null: the one of TORQUE's own file `server_name`. */
export function serverForClients(config: Pick<Config, 'server' | 'torque'>, isRoot: boolean): string | null {
  return config.server.isNamed || isManaged(config, isRoot) ? config.torque.server : null;
}

export interface KeeperParts {
  readonly config: Config;
  /** Runs its commands through `clients`. */
  readonly torque: TorqueClient;
  readonly clients: ClientRun;
  readonly records: SetupRecords;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly isRoot: boolean;
  /** Of this machine. */
  readonly hostName: string;
  /** What must not be forgotten about `scheduling`. */
  readonly guard: GuardRecordPort;
  readonly launch: LaunchDaemon;
}

export interface ServerKeeper {
  /** TORQUE for the loop: with its scheduler's reasons, and with cycles asked for when that is safe. */
  readonly torque: TorquePort;
  /** Null once the server is as wanted; until then, why jobs may be refused, kept waiting or deleted. */
  problem(): string | null;
  /** Leaves the daemons running or stops them in order, as configured; `leave` where they are another's to keep now. */
  end(how?: 'as-configured' | 'leave'): Promise<void>;
}

/** Rejects when the configuration cannot be carried out at all. */
export async function keepServer(parts: KeeperParts): Promise<ServerKeeper> {
  const { config, clock, log } = parts;
  const started = startRecordIn(path.join(config.stateDir, 'daemons'));
  const home = isManaged(config, parts.isRoot) ? await homeOf(parts) : null;
  const scheduler = schedulerOf(parts, started, home);
  const watched = config.torque.manageServer || home !== null;
  let managed: ManagedServer | null = null;
  const lifeHome = home ?? (await homeBeside(parts));
  const life = lifeHome === null ? null : () => lifeOf(lifeHome, started);
  const watch = watched ? watchOf(parts, scheduler, life, home !== null, () => managed) : null;
  if (home !== null) managed = manage(parts, { home, started, scheduler, watch });
  parts.clients.onRefused((why) => watch?.lost(why));
  const problem = (): string | null => managed?.problem() ?? watch?.problem() ?? null;
  return {
    torque: {
      ...withScheduler({
        torque: parts.torque,
        scheduler,
        whyNoCycle: () => watch?.whyNoCycle() ?? null,
        clock,
        log,
      }),
      readSettings: () => readSettingsIfManager(rightOf(parts)),
    },
    problem,
    async end(how = 'as-configured') {
      watch?.stop();
      managed?.leave();
      if (how === 'as-configured' && config.server.onEnd === 'stop') await managed?.end();
    },
  };
}

/** Whether the daemons are ours to start. */
export function isManaged({ server }: Pick<Config, 'server'>, isRoot: boolean): boolean {
  switch (server.mode) {
    case 'manage':
      return true;
    case 'attach':
      return false;
    case 'manage-as-root':
      return isRoot;
  }
}

async function homeOf({ config, clients }: KeeperParts): Promise<string> {
  if (config.server.home !== null) return config.server.home;
  const home = await askServerHome(clients.run, config.server.sbinDir);
  if (home.ok) return home.value;
  throw new Error(
    `${home.problem.detail}; name torque.sbinDir or torque.home, or set torque.mode to attach if pbs_server is not ours to start`,
  );
}

/**
 * In attach mode, where the server is on this machine (by its name, or because its home is named) and we may look: its home, from which a restart is known. A restart
 * by others that is over between two of our commands is otherwise taken for scheduling switched off by somebody.
 */
async function homeBeside({ config, clients, isRoot, hostName }: KeeperParts): Promise<string | null> {
  const { server } = config.torque;
  const isHere =
    config.server.home !== null ||
    server === hostName ||
    server.startsWith(`${hostName}.`) ||
    hostName.startsWith(`${server}.`);
  if (!isRoot || !isHere) return null;
  const asked = config.server.home === null ? await askServerHome(clients.run, config.server.sbinDir) : null;
  const home = asked?.ok === true ? asked.value : config.server.home;
  const serves = home !== null && (await isThere(path.join(home, 'server_priv', 'serverdb')));
  return serves ? home : null;
}

async function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

function schedulerOf(parts: KeeperParts, started: StartRecord, home: string | null): TorqueScheduler {
  const { config, clients, clock, isRoot } = parts;
  const { scheduler: kind, schedulerCommand: command, schedulerBinDir: binDir, releasesMax } = config.server;
  return chooseScheduler(
    { kind, command, binDir, releasesMax },
    {
      ...clients,
      clock,
      started,
      timeoutMs: config.torque.commandTimeoutMs,
      managed: home === null ? null : { home, sbinDir: config.server.sbinDir, isRoot },
    },
  );
}

function watchOf(
  parts: KeeperParts,
  scheduler: TorqueScheduler,
  life: (() => Promise<string | null>) | null,
  makesQueue: boolean,
  managed: () => ManagedServer | null,
): ServerWatch {
  const { config, torque, clock, random, log } = parts;
  const server = guardedServer({
    commands: torque.commands,
    probe: () => probeOf(parts),
    setUp: async () => sayWhatGrants(await setUp(parts, makesQueue), rightOf(parts)),
  });
  return watchServer({
    server: {
      ...server,
      setScheduling: async (on) => sayWhatGrants(await server.setScheduling(on), rightOf(parts)),
    },
    record: parts.guard,
    life,
    needsProbe: scheduler.deletesJobs,
    clock,
    random,
    log,
    watchMs: config.server.watchMs,
    onLost: (why) => managed()?.serverLost(why),
    onSafe: () => managed()?.serverSafe(),
  });
}

function rightOf({ torque, config }: KeeperParts): RightParts {
  return { torque, server: config.torque.server };
}

/** A server that makes its database writes no lock file (6.1.3); then it is one that we have started. */
async function lifeOf(home: string, started: StartRecord): Promise<string | null> {
  return (await serverLife(home)) ?? started.lifeOf('pbs_server');
}

function probeOf({ config, clients, isRoot }: KeeperParts): Promise<Outcome<ProbeParts>> {
  const { binDir, commandTimeoutMs: timeoutMs } = config.torque;
  return probeParts({ ...clients, binDir, timeoutMs }, isRoot ? config.server.probeUser : null);
}

/** All settings but `scheduling`, which is the guard's. Where we keep the server and it has no queue, it gets one. */
async function setUp(parts: KeeperParts, makesQueue: boolean): Promise<Outcome<null>> {
  const { config, torque, log } = parts;
  if (!config.torque.manageServer) return { ok: true, value: null };
  const view = await readServer(torque);
  if (!view.ok) return view;
  const record = parts.records.of(view.value.name);
  const queue = makesQueue && config.server.createDatabase ? 'batch' : null;
  const plan = planSetup(view.value, wantedSetup(config, { ...noWishes, queue }), await record.load());
  if (!plan.ok) return failed('conflict', `setting up pbs_server: ${plan.why}; ${plan.remedy}`);
  const done = await applyPlanned(
    torque,
    plan.steps.filter((step) => !isSchedulingStep(step)),
    record,
  );
  if (!done.ok) return done;
  for (const step of done.value) log.info('server set up', { step: step.sentence, why: step.why });
  return { ok: true, value: null };
}

interface ManageWith {
  readonly home: string;
  readonly started: StartRecord;
  readonly scheduler: TorqueScheduler;
  readonly watch: ServerWatch | null;
}

function manage(parts: KeeperParts, { home, started, scheduler, watch }: ManageWith): ManagedServer {
  const { config, torque, clients, clock, random, log, isRoot } = parts;
  const { sbinDir, createDatabase, startsMax, startsWindowMs, watchMs } = config.server;
  const daemon = {
    ...clients,
    commands: torque.commands,
    clock,
    binDir: config.torque.binDir,
    sbinDir,
    home,
    isRoot,
    createDatabase,
    beforeServerEnds: async () => {
      const problem = (await watch?.hold()) ?? null;
      if (problem !== null) log.warn('scheduling not held', { why: problem });
    },
  };
  return manageServer({
    trqauthd: trqauthd(daemon),
    server: pbsServer(daemon),
    scheduler: scheduler.daemon,
    schedulerLeaves: scheduler.deletesJobs,
    launch: parts.launch,
    started,
    onChange: () => {
      watch?.lookSoon();
    },
    options: { startsMax, windowMs: startsWindowMs, watchMs, env: clients.env },
    clock,
    random,
    log,
  });
}
