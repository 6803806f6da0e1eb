/**
 * Keeps one daemon running: asks, starts it where it does not run, starts it again when it has ended, with
 * growing rests and a limit. One that runs already is taken as it is, whoever started it.
 */
import { backoffMs, type Random } from '@mesos-torque/common/backoff.ts';
import type { Clock } from '@mesos-torque/common/clock.ts';
import type { Log } from '@mesos-torque/common/logger.ts';
import { unreachable } from '@mesos-torque/common/units.ts';
import type { Daemon } from './daemon.ts';
import type { DaemonEnd, DaemonProcess, LaunchDaemon } from './launch.ts';
import type { StartRecord } from './start-record.ts';
import { oneLine } from './words.ts';

export interface SuperviseOptions {
  /** Starts within the window, the first one included, after which we give up. */
  readonly startsMax: number;
  readonly windowMs: number;
  readonly watchMs: number;
  readonly env: Readonly<Record<string, string>>;
}

export interface SuperviseParts {
  readonly daemon: Daemon;
  readonly launch: LaunchDaemon;
  readonly started: StartRecord;
  readonly options: SuperviseOptions;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** It runs now and did not before, or the other way round. */
  readonly onChange: () => void;
  /** Whether it waits for `resume` from the beginning. */
  readonly isPaused: boolean;
}

export interface Supervised {
  readonly name: string;
  /** Null while it runs; else why not, and since it is said to people, what is being done. */
  problem(): string | null;
  /** Asks now instead of at the next watch. */
  lookNow(): void;
  /** It shall not run for a while: one that we started is ended, none is started until `resume`. */
  pause(why: string): Promise<void>;
  resume(): void;
  /** Watches no longer; what runs goes on running. */
  stop(): void;
}

const restart = { firstMs: 1_000, mostMs: 60_000 };
/** While it is coming up it is asked more often; one that went into the background may not be there at once. */
const startingMs = 200;
const comingUpMsMax = 10_000;
/** What is down may wait for another daemon, which comes soon. */
const downMs = 1_000;

type State =
  | { readonly kind: 'running' }
  | { readonly kind: 'paused'; readonly why: string }
  /** `isStuck`: nothing more will be tried until something changes. */
  | { readonly kind: 'down'; readonly why: string; readonly isStuck: boolean };

export function supervise(parts: SuperviseParts): Supervised {
  const { daemon, options, clock, log } = parts;
  let state: State = parts.isPaused
    ? { kind: 'paused', why: 'it waits until pbs_server is guarded' }
    : { kind: 'down', why: 'it was not asked yet', isStuck: false };
  let process: DaemonProcess | null = null;
  let startsMs: readonly number[] = [];
  let notBeforeMs = 0;
  /** We have started it, and have not seen its process yet. */
  let isInBackground = false;
  let isStopped = false;
  let isLooking = false;
  let cancel = (): void => undefined;

  function become(next: State): void {
    const changed = next.kind !== state.kind;
    const isNews =
      changed || (next.kind === 'down' && next.isStuck && state.kind === 'down' && !state.isStuck);
    state = next;
    if (isNews && next.kind === 'down') log.warn('daemon down', { daemon: daemon.name, why: next.why });
    if (changed && next.kind === 'running') log.info('daemon runs', { daemon: daemon.name });
    if (changed) parts.onChange();
  }

  async function look(): Promise<void> {
    if (isLooking || isStopped) return;
    isLooking = true;
    cancel();
    try {
      if (state.kind !== 'paused') await judge();
    } finally {
      isLooking = false;
    }
    // `stop` may have been called while we asked.
    if (stopped()) return;
    cancel = clock.after(Math.min(options.watchMs, untilNextLookMs()), () => void look());
  }

  const stopped = (): boolean => isStopped;
  const paused = (): boolean => state.kind === 'paused';
  function untilNextLookMs(): number {
    if (state.kind !== 'down' || state.isStuck) return options.watchMs;
    const isComingUp = clock.nowMs() - (startsMs.at(-1) ?? -Infinity) < comingUpMsMax;
    return isComingUp ? startingMs : downMs;
  }

  async function judge(): Promise<void> {
    const asked = await daemon.ask();
    if (paused()) return;
    switch (asked.kind) {
      case 'running':
        if (isInBackground) await remember();
        become({ kind: 'running' });
        return;
      case 'unknown':
        become({ kind: 'down', why: asked.why, isStuck: false });
        return;
      case 'not-running': {
        const next = await startOrWait(asked.why);
        if (!paused()) become(next);
        return;
      }
      default:
        unreachable(asked);
    }
  }

  async function startOrWait(why: string): Promise<State> {
    const nowMs = clock.nowMs();
    const waits = (more: string): State => ({ kind: 'down', why: `${why}; ${more}`, isStuck: false });
    const isStuck = (more: string): State => ({ kind: 'down', why: `${why}; ${more}`, isStuck: true });
    if (process !== null) return waits(`process ${process.pid ?? 0} was started and does not answer yet`);
    startsMs = startsMs.filter((atMs) => nowMs - atMs < options.windowMs);
    if (startsMs.length >= options.startsMax) {
      const minutes = Math.round(options.windowMs / 60_000);
      return isStuck(
        `given up after ${startsMs.length} starts within ${minutes} min: start it yourself, or look into its log`,
      );
    }
    if (nowMs < notBeforeMs) return waits('it is started again soon');
    const plan = await daemon.planStart();
    if (!plan.ok) return isStuck(`it is not started: ${plan.why}`);
    if (stopped() || paused()) return waits('it is not wanted any more');
    startsMs = [...startsMs, nowMs];
    notBeforeMs = nowMs + backoffMs(startsMs.length, restart, parts.random);
    begin(plan.argv);
    return waits('it is being started');
  }

  function begin(argv: Parameters<LaunchDaemon>[0]): void {
    const child = parts.launch(argv, { name: daemon.name, env: options.env });
    process = child;
    log.info('daemon started', {
      daemon: daemon.name,
      argv: argv.join(' '),
      pid: child.pid,
      starts: startsMs.length,
    });
    if (child.pid !== null) void parts.started.started(daemon.name, child.pid);
    void child.ended.then((end) => {
      process = null;
      ended(end, child);
    });
  }

  function ended(end: DaemonEnd, child: DaemonProcess): void {
    const meaning = daemon.judgeEnd(end);
    switch (meaning) {
      case 'went-into-background':
        isInBackground = true;
        break;
      case 'ran-already':
        log.info('daemon ran already', { daemon: daemon.name });
        break;
      case 'failed':
        log.warn('daemon ended', { daemon: daemon.name, ...end, said: oneLine(child.words()) });
        break;
      default:
        unreachable(meaning);
    }
    lookNow();
  }

  /** It has another process now than the one that we started. */
  async function remember(): Promise<void> {
    const pid = await daemon.pid();
    if (pid === null) return;
    isInBackground = false;
    await parts.started.started(daemon.name, pid);
  }

  function lookNow(): void {
    if (isStopped) return;
    cancel();
    cancel = clock.after(0, () => void look());
  }

  lookNow();
  return {
    name: daemon.name,
    problem: () => (state.kind === 'running' ? null : `${daemon.name}: ${state.why}`),
    lookNow,
    async pause(why) {
      if (state.kind === 'paused') return;
      become({ kind: 'paused', why });
      const pid = await parts.started.running(daemon.name);
      if (pid === null) return;
      log.info('daemon paused', { daemon: daemon.name, why, pid });
      await daemon.end(pid);
      // Its end by our hand is no failure that would count.
      startsMs = [];
      notBeforeMs = 0;
    },
    resume() {
      if (state.kind !== 'paused') return;
      become({ kind: 'down', why: 'it was paused', isStuck: false });
      lookNow();
    },
    stop() {
      isStopped = true;
      cancel();
    },
  };
}
