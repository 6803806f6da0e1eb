/** The scheduler as a process: what it serves from its first moment to its last, and its reigns in between. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { systemClock } from '@mesos-torque/common/clock.ts';
import type { Log } from '@mesos-torque/common/logger.ts';
import { pinoLog, type LeveledLog } from '@mesos-torque/common/pino-log.ts';
import { messageOf } from '@mesos-torque/common/text.ts';
import type { Config } from './config.ts';
import { electedSeats, soleSeat, type Seat, type Seats } from './ha/seat.ts';
import { openJournal, type JournalOptions } from './loop/journal.ts';
import type { JournalPort } from './loop/ports.ts';
import { readMesosAccess, readZooKeeperSecret } from './mesos/access.ts';
import { openStateFile, type StateFile } from './loop/state-file.ts';
import { reign, type ReignEnd, type ReignParts, type Ruling } from './reign.ts';
import { serveApi, type Api } from './serve-api.ts';
import { openExecutors } from './serve-executor.ts';
import { readZooAddress } from './zookeeper/address.ts';

const journalEntriesMax = 10_000;
const journalFileBytesMax = 64 * 1024 * 1024;
const journalFilesMax = 5;

const exitOk = 0;
const exitCannotGoOn = 1;

/** Runs until a signal (0), or until the scheduler cannot go on (1), and then says why and what to do. */
export async function runScheduler(config: Config): Promise<number> {
  const log = pinoLog({ level: config.log.level, name: 'mesos-torque' });
  try {
    return await runWith(config, log);
  } catch (error) {
    log.error('scheduler could not start', { why: messageOf(error) });
    return exitCannotGoOn;
  }
}

async function runWith(config: Config, log: LeveledLog): Promise<number> {
  const opened: (() => Promise<void> | void)[] = [];
  try {
    const file = await openStateFile(config.stateDir);
    opened.push(() => file.close());
    await mustLetIn(config);
    const seats = await seatsOf(config, file, log);
    const ring = await openJournal(await journalOptions(config), log);
    opened.push(() => {
      ring.close();
    });
    const executors = await openExecutors(config.executor);
    opened.push(() => executors.close());
    const now: Now = { ruling: null, attach: () => undefined };
    const { artifacts } = executors;
    const serving = { ...config, policy: { ...config.policy, executorId: executors.id } };
    const api = await serveApi({
      config: serving,
      artifacts,
      ring,
      standing: () => ({ role: roleOf(now, seats), ready: readiness(now, seats) }),
      log,
      clock: systemClock,
    });
    opened.push(() => api.close());
    opened.push(debugOnSignal(config, log, ring));
    now.attach = api.attach;
    log.info('scheduler started', {
      http: api.httpPort,
      control: config.control.socket,
      stateDir: config.stateDir,
    });
    const baseUrl = `http://${config.http.advertise}:${String(api.httpPort)}`;
    const { metrics } = api;
    return await ruleUntilStopped(seats, { config: serving, ring, executors, baseUrl, log, metrics }, now);
  } finally {
    for (const close of opened.reverse()) await close();
  }
}

/** USR2 asks for debug and takes it back: for those who cannot reach the control API. Gives what ends that. */
function debugOnSignal(
  { log: { level: configured } }: Config,
  log: LeveledLog,
  journal: JournalPort,
): () => void {
  const toggle = (): void => {
    const from = log.level();
    const to = from === 'debug' ? configured : 'debug';
    log.setLevel(to);
    log.info('log level changed', { from, to, why: 'signal USR2' });
    const data = { who: 'signal USR2', from, to };
    journal.append({ atMs: systemClock.nowMs(), event: 'log level changed', why: 'signal USR2', data });
  };
  process.on('SIGUSR2', toggle);
  return () => {
    process.off('SIGUSR2', toggle);
  };
}

async function journalOptions({ stateDir }: Config): Promise<JournalOptions> {
  const directory = path.join(stateDir, 'journal');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  return {
    directory,
    bytesMax: journalFileBytesMax,
    filesMax: journalFilesMax,
    entriesMax: journalEntriesMax,
  };
}

/** What rules at this moment; null while another scheduler leads, or nobody. */
interface Now {
  ruling: Ruling | null;
  /** Shows what rules to those who ask; null when nobody does. */
  attach: Api['attach'];
}

/** A standby is not to find out when it has to lead that it may not. Each reign reads the files anew. */
async function mustLetIn({ mesos }: Config): Promise<void> {
  const reading = await readMesosAccess(mesos);
  if (!reading.ok) throw new Error(reading.why);
}

async function seatsOf({ ha, stateDir }: Config, file: StateFile, log: Log): Promise<Seats> {
  if (ha.zookeeper === null) return soleSeat(file, stateDir);
  const reading = readZooAddress(ha.zookeeper);
  if (!reading.ok) throw new Error(`ha.zookeeper: ${reading.why}`);
  const digest = await readZooKeeperSecret(ha.zookeeperSecretFile, 'ha.zookeeperSecretFile');
  const address = { ...reading.address, digest: digest ?? reading.address.digest };
  return electedSeats({ address, sessionTimeoutMs: ha.sessionTimeoutMs, file, clock: systemClock, log });
}

/** Reign follows reign, until a signal or a fault that another reign would not mend. */
async function ruleUntilStopped(seats: Seats, parts: ReignParts, now: Now): Promise<number> {
  const { log } = parts;
  const stopping = new AbortController();
  const stop = (signal: NodeJS.Signals): void => {
    log.info('scheduler asked to stop', { signal });
    seats.close();
    stopping.abort();
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  for (;;) {
    const seat = await seats.take();
    if (seat === null) return exitOk;
    const end = await reign(seat, parts, stopping.signal, (ruling) => {
      now.ruling = ruling;
      now.attach(ruling);
    })
      .catch((error: unknown) => deposedOrThrown(error, seat))
      .finally(() => {
        now.ruling = null;
        now.attach(null);
        return seat.leave();
      });
    switch (end.kind) {
      case 'stopped':
        return exitOk;
      case 'fatal':
        log.error('scheduler cannot go on', { why: end.why, remedy: end.remedy });
        return exitCannotGoOn;
      case 'deposed':
        log.warn('reign over', { why: end.why });
    }
  }
}

/** What cannot be begun for want of ZooKeeper may be later; all else would go wrong again. */
function deposedOrThrown(error: unknown, seat: Seat): ReignEnd {
  if (seat.mayAct()) throw error;
  return { kind: 'deposed', why: messageOf(error) };
}

function roleOf({ ruling }: Now, seats: Seats): 'leading' | 'standby' | 'starting' {
  if (ruling !== null) return 'leading';
  return seats.waitingFor() === null ? 'starting' : 'standby';
}

/** Why there is no plan, for people. */
function standing({ ruling }: Now, seats: Seats): string {
  return (ruling === null ? seats.waitingFor() : null) ?? 'no plan has been made yet';
}

function readiness(now: Now, seats: Seats): { ok: boolean; why: string } {
  const { ruling } = now;
  const latest = ruling?.loop.latest() ?? null;
  if (ruling === null || latest === null) return { ok: false, why: standing(now, seats) };
  const { queue, nodes, mesos } = latest.snapshot;
  if (!mesos.connected) return { ok: false, why: 'not connected to Mesos' };
  for (const reading of [queue, nodes]) {
    if (reading.state !== 'fresh') return { ok: false, why: reading.why };
  }
  const why = ruling.keeper.problem();
  return { ok: why === null, why: why ?? '' };
}
