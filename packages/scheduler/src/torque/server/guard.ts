/**
 * The guarded restart of pbs_server. After a start `resources_available.nodect` counts as unset until the
 * next submission, and stock pbs_sched of 6.1.3 deletes queued jobs that are larger than the cluster in its
 * first cycle, within 0.1 s ("Job Deleted because it would never run"). So: scheduling off, settings,
 * a probe that makes the server read nodect, scheduling on again. Every step may be repeated.
 */
import type { Outcome } from '../../loop/ports.ts';
import { during } from '../torque-commands.ts';
import type { GuardRecord, GuardRecordPort } from './guard-record.ts';

/** What the guard needs of the server. */
export interface GuardedServer {
  readScheduling(): Promise<Outcome<boolean>>;
  setScheduling(on: boolean): Promise<Outcome<null>>;
  /** Jobs that wait: without any there is nothing to delete, and the next submission makes nodect known. */
  hasWaitingJobs(): Promise<Outcome<boolean>>;
  /** Makes the server read nodect. */
  probe(): Promise<Outcome<null>>;
  /** Everything that the server shall have, but for `scheduling`. */
  setUp(): Promise<Outcome<null>>;
}

export interface GuardParts {
  readonly server: GuardedServer;
  readonly record: GuardRecordPort;
  /** Which life of the server we speak of; null where that cannot be told. */
  readonly life: string | null;
  /** The site's scheduler deletes what it thinks can never run (stock pbs_sched; one that we do not know). */
  readonly needsProbe: boolean;
  /**
   * The server may have been started since jobs were last safe. Where it was not, scheduling that is on has
   * been on all the time, and what it would delete it has deleted: it is not switched off, whatever fails.
   */
  readonly isAnew: boolean;
}

export interface Guarded {
  /** `off-by-others`: somebody else switched it off, and it stays so. */
  readonly scheduling: 'on' | 'off-by-others';
  /** Why the server is not set up as wanted, which does not keep jobs from being scheduled; null when it is. */
  readonly setUpProblem: string | null;
}

/** Fails with scheduling off where jobs could be deleted: then no job is deleted, and none is started. */
export async function guardServer(parts: GuardParts): Promise<Outcome<Guarded>> {
  const guarded = await guard(parts);
  return guarded.ok ? guarded : during('guarding the queue', guarded.problem);
}

async function guard(parts: GuardParts): Promise<Outcome<Guarded>> {
  const { server, record, life } = parts;
  const isOn = await server.readScheduling();
  if (!isOn.ok) return isOn;
  const wanted = isOn.value || isWanted(parts, await record.load());
  const switchesOff = isOn.value && parts.needsProbe && parts.isAnew;
  await record.save({ wanted, offByUs: wanted && (switchesOff || !isOn.value), life });
  const off = switchesOff ? await server.setScheduling(false) : done;
  if (!off.ok) return off;
  const setUp = await server.setUp();
  const setUpProblem = setUp.ok ? null : setUp.problem.detail;
  const safe = parts.needsProbe ? await makeNodectKnown(server) : done;
  if (!safe.ok) return safe;
  if (!wanted) return { ok: true, value: { scheduling: 'off-by-others', setUpProblem } };
  const on = await server.setScheduling(true);
  if (!on.ok) return on;
  await record.save({ wanted: true, offByUs: false, life });
  return { ok: true, value: { scheduling: 'on', setUpProblem } };
}

const done: Outcome<null> = { ok: true, value: null };

/** To be done before scheduling is switched on: the server may have been started since the last submission. */
export async function makeNodectKnown(
  server: Pick<GuardedServer, 'hasWaitingJobs' | 'probe'>,
): Promise<Outcome<null>> {
  const waiting = await server.hasWaitingJobs();
  if (!waiting.ok) return waiting;
  return waiting.value ? server.probe() : done;
}

/**
 * Scheduling is off. It is to be on if we switched it off, or if nobody has ever said (a new server has it off), or if it
 * was wanted and the server was started since (by `pbs_server -a false`). Off in the same life in which we saw it
 * on, it is somebody's wish.
 */
function isWanted({ life }: GuardParts, before: GuardRecord | null): boolean {
  if (before === null || before.offByUs) return true;
  return before.wanted && (life === null || before.life !== life);
}

/**
 * Before an orderly stop of the server: its next start, whoever makes it, then deletes nothing. The record says that it is
 * to be on again.
 */
export async function holdScheduling(
  parts: Omit<GuardParts, 'needsProbe' | 'isAnew'>,
): Promise<Outcome<null>> {
  const isOn = await parts.server.readScheduling();
  if (!isOn.ok) return during('holding the queue', isOn.problem);
  if (!isOn.value) return { ok: true, value: null };
  await parts.record.save({ wanted: true, offByUs: true, life: parts.life });
  const off = await parts.server.setScheduling(false);
  return off.ok ? off : during('holding the queue', off.problem);
}
