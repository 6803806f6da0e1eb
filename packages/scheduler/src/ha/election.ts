/**
 * Which of several schedulers leads. Each one that would makes an ephemeral, numbered znode below the
 * same path; the lowest number leads, the others look again and again until theirs is the lowest.
 *
 * The leader stops by itself before anybody else can begin: it acts under a lease that is shorter than
 * its session, and that only an answer from ZooKeeper prolongs.
 */
import { sleep } from '@mesos-torque/common/clock.ts';
import type { Clock } from '@mesos-torque/common/clock.ts';
import type { Log } from '@mesos-torque/common/logger.ts';
import { grouped } from '@mesos-torque/common/units.ts';
import type { Outcome } from '../loop/ports.ts';
import { makePath } from '../zookeeper/make-path.ts';
import type { ZooSession } from '../zookeeper/session.ts';
import { createLease } from './lease.ts';
import type { Instant, Lease } from './lease.ts';

export interface ElectionOptions {
  /** Below it are `candidates` and the state. */
  readonly path: string;
  readonly openSession: () => Promise<Outcome<ZooSession>>;
  /** Unlike any other candidate's, so that a znode is known whose making was not answered. */
  readonly name: string;
  /** What others are shown about us: `{"host":…,"pid":…}`. */
  readonly about: string;
  readonly clock: Clock;
  readonly now: () => Instant;
  readonly log: Log;
}

/** The time during which we lead. */
export interface Reign {
  readonly session: ZooSession;
  /** Asked before every act; false for ever once it was. */
  mayAct(): boolean;
  /** Settles when it is over, with the reason. */
  readonly over: Promise<string>;
  /** Ends it from within: what we go by has turned out to be another's. The session stays until `resign`. */
  end(why: string): void;
  /** Ends it: another may begin at once. */
  resign(): Promise<void>;
}

export interface Election {
  /** Resolves when we lead; to null when the election was closed before. One reign at a time. */
  lead(): Promise<Reign | null>;
  /** What the leader says about itself, as last read; null when there is none, or ours. */
  otherLeader(): string | null;
  /** Why we neither lead nor wait for one who does, as far as known; null when we do. */
  problem(): string | null;
  /** Stands no more; a reign goes on until it is resigned. */
  close(): void;
}

/** The part of a session's time during which the leader may act; the rest is for acts under way to end. */
const leaseShare = 0.6;
/** Looks in the time of one session: enough that a lost answer or two end no reign. */
const looksPerSession = 12;
const lookMsMin = 100;
const lookMsMax = 1000;
/** In times of its session: after so long without an answer a session that has not been told of its end has ended. */
const silenceShareMax = 2;
/** Between two attempts to get a session. Milliseconds. */
const retryMs = 500;

export function createElection(options: ElectionOptions): Election {
  const { clock, log, path } = options;
  const folder = `${path}/candidates`;
  const closed = new AbortController();
  let other: string | null = null;
  let saidWhy = '';
  /** Why a candidacy that stands may be worth nothing; empty when ZooKeeper answers. */
  let doubted = '';
  let isStanding = false;

  async function lead(): Promise<Reign | null> {
    while (!closed.signal.aborted) {
      const opened = await options.openSession();
      const reign = opened.ok ? await stand(opened.value) : opened;
      if (reign.ok) return reign.value;
      if (reign.problem.detail !== saidWhy)
        log.warn('standing for election failed', { why: reign.problem.detail });
      saidWhy = reign.problem.detail;
      isStanding = false;
      other = null;
      if (opened.ok) await opened.value.close();
      await sleep(clock, retryMs, closed.signal);
    }
    return null;
  }

  /** One candidacy, until it leads; a problem when its session is of no use any more. */
  async function stand(session: ZooSession): Promise<Outcome<Reign | null>> {
    const made = await candidacy(session);
    if (!made.ok) return made;
    const mine = made.value;
    log.info('standing for election', { candidate: mine, session: session.id });
    isStanding = true;
    saidWhy = '';
    doubted = '';
    const lookMs = Math.min(lookMsMax, Math.max(lookMsMin, session.timeoutMs / looksPerSession));
    let answeredMs = options.now().steadyMs;
    while (!closed.signal.aborted) {
      const began = options.now();
      const names = await session.children(folder);
      if (names.ok) {
        answeredMs = began.steadyMs;
        const place = placeOf(mine, names.value);
        if (place.kind === 'gone') return gone(mine);
        if (place.kind === 'first') return { ok: true, value: reignOf(session, mine, lookMs, began) };
        await removeLeftOvers(session, mine, names.value);
        await readOther(session, place.leader);
      } else {
        // A candidacy given up too early stands in the way of the next one until its session's time is over.
        const silentMs = options.now().steadyMs - answeredMs;
        if (session.hasEnded() || silentMs > session.timeoutMs * silenceShareMax) return names;
        doubt(names.problem.detail);
      }
      await sleep(clock, lookMs, closed.signal);
    }
    await session.close();
    return { ok: true, value: null };
  }

  async function candidacy(session: ZooSession): Promise<Outcome<string>> {
    const ready = await makePath(session, folder);
    if (!ready.ok) return ready;
    const prefix = `${folder}/${options.name}-`;
    const made = await session.create(prefix, Buffer.from(options.about), 'ephemeral-sequential');
    return made.ok ? { ok: true, value: made.value.slice(folder.length + 1) } : made;
  }

  /** Candidacies of ours that ZooKeeper has not given up yet: nothing is done under them any more. */
  async function removeLeftOvers(session: ZooSession, mine: string, names: readonly string[]): Promise<void> {
    for (const name of names.filter((each) => each !== mine && each.startsWith(`${options.name}-`))) {
      const removed = await session.remove(`${folder}/${name}`);
      if (removed.ok) log.info('an earlier candidacy of ours was taken back', { candidate: name });
    }
  }

  function doubt(why: string): void {
    if (why !== doubted) log.warn('ZooKeeper does not answer', { why });
    doubted = why;
    other = null;
  }

  async function readOther(session: ZooSession, leader: string): Promise<void> {
    const read = await session.read(`${folder}/${leader}`);
    const about = read.ok ? read.value.data.toString('utf8') : null;
    if (read.ok) doubted = '';
    if (about !== null && about !== other) log.info('another scheduler leads', { leader, about });
    other = about;
  }

  function reignOf(session: ZooSession, mine: string, lookMs: number, began: Instant): Reign {
    const over = Promise.withResolvers<string>();
    const lease = createLease(session.timeoutMs * leaseShare, options.now, began);
    let isOver = false;
    let cancelWatch = (): void => undefined;
    const end = (why: string): void => {
      if (isOver) return;
      isOver = true;
      cancelWatch();
      log.warn('leadership ended', { candidate: mine, why });
      over.resolve(why);
    };
    const mayAct = (): boolean => {
      if (!isOver && !lease.isValid()) end(silence(session));
      return !isOver;
    };
    /** Ends the reign at the moment its lease does, when nothing else asks. */
    const watchLease = (): void => {
      cancelWatch = clock.after(Math.max(1, lease.leftMs()), () => {
        if (mayAct()) watchLease();
      });
    };
    other = null;
    isStanding = false;
    log.info('leadership began', {
      candidate: mine,
      session: session.id,
      leaseMs: Math.round(lease.leftMs()),
    });
    watchLease();
    void renew({ session, mine, lookMs, lease, end, isOver: () => isOver });
    return {
      session,
      mayAct,
      over: over.promise,
      end,
      async resign() {
        end('resigned');
        await session.close();
      },
    };
  }

  async function renew({ session, mine, lookMs, lease, end, isOver }: Renewal): Promise<void> {
    while (!isOver()) {
      await sleep(clock, lookMs);
      if (isOver()) return;
      const began = options.now();
      const names = await session.children(folder);
      if (isOver()) return;
      // A request that failed proves nothing: the lease decides, by the last one that was answered.
      if (!names.ok && session.hasEnded()) end(`${mine} lost its session: ${names.problem.detail}`);
      else if (!names.ok) continue;
      else if (placeOf(mine, names.value).kind === 'first') lease.renew(began);
      else end(`${mine} is not the first candidate any more: its session was given up`);
    }
  }

  return {
    lead,
    otherLeader: () => other,
    problem: () => {
      if (isStanding) return doubted === '' ? null : doubted;
      return saidWhy || 'ZooKeeper has not been reached yet';
    },
    close() {
      closed.abort();
    },
  };
}

interface Renewal {
  readonly session: ZooSession;
  readonly mine: string;
  readonly lookMs: number;
  readonly lease: Lease;
  readonly end: (why: string) => void;
  readonly isOver: () => boolean;
}

type Place =
  | { readonly kind: 'first' }
  | { readonly kind: 'behind'; readonly leader: string }
  | { readonly kind: 'gone' };

/** ZooKeeper appends ten digits that grow with each znode made below the same path. */
function placeOf(mine: string, names: readonly string[]): Place {
  const candidates = names.filter((name) => /-\d{10}$/.test(name)).sort((a, b) => numberOf(a) - numberOf(b));
  const [leader] = candidates;
  if (leader === undefined || !candidates.includes(mine)) return { kind: 'gone' };
  return leader === mine ? { kind: 'first' } : { kind: 'behind', leader };
}

function numberOf(name: string): number {
  return Number(name.slice(-10));
}

function gone(mine: string): Outcome<never> {
  const detail = `candidate ${mine} is gone: its session was given up`;
  return { ok: false, problem: { kind: 'not-found', detail } };
}

function silence(session: ZooSession): string {
  const spanMs = grouped(Math.round(session.timeoutMs * leaseShare));
  return `ZooKeeper has not answered for ${spanMs} ms, of a session of ${grouped(session.timeoutMs)} ms`;
}
