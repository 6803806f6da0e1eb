/**
 * Watches pbs_server through its restarts: guards the queue after each, whoever made it, and keeps the server as
 * it was set up. Until that is done, and while somebody else has switched scheduling off, no cycle is asked for.
 */
import { backoffMs, type Random } from '@mesos-torque/common/backoff.ts';
import type { Clock } from '@mesos-torque/common/clock.ts';
import type { Log } from '@mesos-torque/common/logger.ts';
import { unreachable } from '@mesos-torque/common/units.ts';
import { messageOf } from '@mesos-torque/common/text.ts';
import { guardServer, holdScheduling, type GuardedServer } from './guard.ts';
import type { GuardRecordPort } from './guard-record.ts';

export interface ServerWatchParts {
  readonly server: GuardedServer;
  readonly record: GuardRecordPort;
  /** Which life of the server runs; null where we cannot look. */
  readonly life: (() => Promise<string | null>) | null;
  readonly needsProbe: boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly watchMs: number;
  /** The server is down or was started anew: pbs_sched had better not meet it. */
  readonly onLost: (why: string) => void;
  /** It is guarded. */
  readonly onSafe: () => void;
}

export interface ServerWatch {
  /** Null while the server is as wanted. */
  problem(): string | null;
  /** Why no cycle may be asked for; null when one may. */
  whyNoCycle(): string | null;
  /** A client was refused its connection. */
  lost(why: string): void;
  /** Something about the server may have changed: look now, if there is anything to be done. */
  lookSoon(): void;
  /** Before an orderly stop of the server; resolves to what went wrong, null if nothing. */
  hold(): Promise<string | null>;
  stop(): void;
}

const retry = { firstMs: 500, mostMs: 30_000 };
/** The settings are compared so seldom: it takes several commands. */
const looksPerSetUp = 12;
/** A process table is cheap to ask, and pbs_sched deletes jobs 0.1 s after a start. */
const lifeMs = 100;

type State =
  | { readonly kind: 'unsafe'; readonly why: string; readonly tries: number }
  /** `setUpProblem`: jobs are safe, and yet the server is not as wanted. */
  | { readonly kind: 'safe'; readonly looks: number; readonly setUpProblem: string | null }
  | { readonly kind: 'off-by-others' };

export function watchServer(parts: ServerWatchParts): ServerWatch {
  const { server, clock, log } = parts;
  let state: State = { kind: 'unsafe', why: 'pbs_server is being set up', tries: 0 };
  let knownLife: string | null = null;
  /** Whether the server may have been started since jobs were last safe. */
  let isAnew = parts.life !== null;
  /** Told by clients whose connection was refused. */
  let losses = 0;
  let isBusy = false;
  let isStopped = false;
  let cancelLook = (): void => undefined;
  let cancelLife = (): void => undefined;

  async function look(): Promise<void> {
    if (isBusy || isStopped) return;
    isBusy = true;
    try {
      state = await next(state);
    } catch (error) {
      state = {
        kind: 'unsafe',
        why: messageOf(error),
        tries: triesOf(state) + 1,
      };
    } finally {
      isBusy = false;
    }
    lookAfter(state.kind === 'unsafe' ? backoffMs(state.tries, retry, parts.random) : parts.watchMs);
  }

  function lookAfter(delayMs: number): void {
    cancelLook();
    if (!isStopped) cancelLook = clock.after(delayMs, () => void look());
  }

  function next(now: State): Promise<State> {
    switch (now.kind) {
      case 'unsafe':
        return guard(now.tries);
      case 'safe':
        return lookAgain(now.looks + 1, now.setUpProblem);
      case 'off-by-others':
        return waitForOthers();
      default:
        return unreachable(now);
    }
  }

  const lifeNow = (): Promise<string | null> => parts.life?.() ?? Promise.resolve(null);

  async function guard(tries: number): Promise<State> {
    const lossesBefore = losses;
    const life = await lifeNow();
    const done = await guardServer({
      server,
      record: parts.record,
      life,
      needsProbe: parts.needsProbe,
      isAnew: isAnew && !(await isRecorded(life)),
    });
    if (!done.ok) {
      const why = done.problem.detail;
      log.warn('server not guarded', { why, tries: tries + 1 });
      return { kind: 'unsafe', why, tries: tries + 1 };
    }
    // Started anew in the middle: what was read and probed was another life's.
    if ((await lifeNow()) !== life || losses !== lossesBefore) {
      return { kind: 'unsafe', why: 'pbs_server was started anew', tries };
    }
    knownLife = life;
    isAnew = false;
    parts.onSafe();
    const { scheduling, setUpProblem } = done.value;
    log.info('server guarded', { scheduling: scheduling === 'on', setUpProblem });
    return scheduling === 'on' ? { kind: 'safe', looks: 0, setUpProblem } : { kind: 'off-by-others' };
  }

  /** At our start: whether it is the life of the server in which we last knew jobs safe. */
  async function isRecorded(life: string | null): Promise<boolean> {
    const record = await parts.record.load();
    return knownLife === null && life !== null && record !== null && record.life === life && !record.offByUs;
  }

  async function lookAgain(looks: number, setUpProblem: string | null): Promise<State> {
    const isOn = await server.readScheduling();
    // What cannot be read leaves what was known; a server that is gone is told by `lost`.
    if (!isOn.ok || state.kind === 'unsafe') return state;
    if (!isOn.value) return switchedOff();
    if (setUpProblem === null && looks % looksPerSetUp !== 0) return { kind: 'safe', looks, setUpProblem };
    const setUp = await server.setUp();
    return { kind: 'safe', looks, setUpProblem: setUp.ok ? null : setUp.problem.detail };
  }

  /** Not by us: we switch it on again before we leave this state. */
  async function switchedOff(): Promise<State> {
    const life = await lifeNow();
    if (life !== knownLife) return { kind: 'unsafe', why: 'pbs_server was started anew', tries: 0 };
    log.warn('scheduling switched off by others');
    await parts.record.save({ wanted: false, offByUs: false, life });
    return { kind: 'off-by-others' };
  }

  async function waitForOthers(): Promise<State> {
    const isOn = await server.readScheduling();
    if (!isOn.ok || !isOn.value || state.kind === 'unsafe') return state;
    log.info('scheduling switched on by others');
    await parts.record.save({ wanted: true, offByUs: false, life: await lifeNow() });
    return { kind: 'safe', looks: 0, setUpProblem: null };
  }

  async function watchLife(): Promise<void> {
    if (state.kind !== 'unsafe') {
      const life = await lifeNow();
      if (life !== knownLife) lost(life === null ? 'pbs_server has ended' : 'pbs_server was started anew');
    }
    if (!isStopped) cancelLife = clock.after(lifeMs, () => void watchLife());
  }

  function lost(why: string): void {
    losses += 1;
    isAnew = true;
    if (state.kind === 'unsafe' || isStopped) return;
    log.warn('server lost', { why });
    state = { kind: 'unsafe', why, tries: 0 };
    parts.onLost(why);
    lookAfter(0);
  }

  lookAfter(0);
  if (parts.life !== null) cancelLife = clock.after(lifeMs, () => void watchLife());
  return {
    problem: () => problemOf(state),
    whyNoCycle: () => (state.kind === 'safe' ? null : problemOf(state)),
    lost,
    lookSoon() {
      if (state.kind === 'unsafe') lookAfter(0);
    },
    async hold() {
      const held = await holdScheduling({ server, record: parts.record, life: knownLife });
      return held.ok ? null : held.problem.detail;
    },
    stop() {
      isStopped = true;
      cancelLook();
      cancelLife();
    },
  };
}

function triesOf(state: State): number {
  return state.kind === 'unsafe' ? state.tries : 0;
}

function problemOf(state: State): string | null {
  switch (state.kind) {
    case 'unsafe':
      return state.why;
    case 'safe':
      return state.setUpProblem;
    case 'off-by-others':
      return 'scheduling is off in pbs_server, and was not switched off by us; qmgr -c "set server scheduling=true" switches it on';
    default:
      return unreachable(state);
  }
}
