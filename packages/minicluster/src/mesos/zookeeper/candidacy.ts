/**
 * A master among others, as recorded of 1.12: it registers itself in ZooKeeper, the lowest number leads, and
 * one that has lost ZooKeeper for the time of its session ends ("Lost candidacy as a leader... committing
 * suicide!"), because another one may lead by now.
 */
import { sleep, type Clock } from '@mesos-torque/common/clock.ts';
import { type Log } from '@mesos-torque/common/logger.ts';
import { messageOf } from '@mesos-torque/common/text.ts';
import { memberPrefix, readLeader, type LeaderSeen } from './leader.ts';
import { openZoo, type Zoo, type ZooTarget } from './zoo.ts';

export type Standing =
  | { readonly kind: 'leads' }
  | { readonly kind: 'follows'; readonly leader: LeaderSeen }
  | { readonly kind: 'no-leader' };

export interface Candidacy {
  standing(): Standing;
  /** Settles when this master has to end. */
  readonly lost: Promise<string>;
  /** Stops without telling ZooKeeper, as TERM does: others lead when the session's time is over. */
  stop(): void;
}

export interface CandidacyOptions {
  readonly target: ZooTarget;
  /** MasterInfo as JSON. */
  readonly info: string;
  readonly sessionTimeoutMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

const lookMs = 100;

export function stand(options: CandidacyOptions): Candidacy {
  const { target, clock, log } = options;
  const stopped = new AbortController();
  const lost = Promise.withResolvers<string>();
  let now: Standing = { kind: 'no-leader' };
  let zoo: Zoo | null = null;

  const become = (next: Standing): void => {
    if (next.kind !== now.kind) log.info('standing changed', { standing: next.kind });
    now = next;
  };
  const end = (why: string): void => {
    become({ kind: 'no-leader' });
    stopped.abort();
    lost.resolve(why);
  };
  const run = async (): Promise<void> => {
    zoo = await openUntil(options, stopped.signal);
    if (zoo === null) return;
    let answeredMs = clock.nowMs();
    let mine: string | null = null;
    while (!stopped.signal.aborted) {
      try {
        mine ??= await register(zoo, options);
        become(standingOf(mine, await readLeader(zoo, target.path), now));
        answeredMs = clock.nowMs();
      } catch (error) {
        log.warn('ZooKeeper not asked', { why: messageOf(error) });
      }
      const silentMs = clock.nowMs() - answeredMs;
      if (zoo.isOver() || silentMs >= options.sessionTimeoutMs) {
        end('Lost candidacy as a leader... committing suicide!');
      }
      await sleep(clock, lookMs, stopped.signal);
    }
  };
  void run().catch((error: unknown) => {
    end(messageOf(error));
  });
  return {
    standing: () => now,
    lost: lost.promise,
    stop() {
      stopped.abort();
      zoo?.abandon();
    },
  };
}

async function openUntil(options: CandidacyOptions, stopped: AbortSignal): Promise<Zoo | null> {
  while (!stopped.aborted) {
    try {
      return await openZoo(options.target, options.sessionTimeoutMs);
    } catch (error) {
      options.log.warn('ZooKeeper not reached', {
        why: messageOf(error),
      });
    }
    await sleep(options.clock, lookMs, stopped);
  }
  return null;
}

async function register(zoo: Zoo, { target, info }: CandidacyOptions): Promise<string> {
  await zoo.makePath(target.path);
  const made = await zoo.join(`${target.path}/${memberPrefix}`, info);
  return made.slice(target.path.length + 1);
}

function standingOf(mine: string, leader: LeaderSeen | null, before: Standing): Standing {
  if (leader === null) return before.kind === 'leads' ? { kind: 'no-leader' } : before;
  return leader.member === mine ? { kind: 'leads' } : { kind: 'follows', leader };
}
