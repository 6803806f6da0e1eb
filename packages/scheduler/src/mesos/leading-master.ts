/**
 * Finds the leading master as Mesos itself does: of the znodes `json.info_<number>` the lowest number
 * leads, and its data says where it is.
 *
 * It looks again and again rather than waiting to be told: a watch that never fires (MESOS-9426) leaves
 * others with a dead master for ever, and one small request a second costs ZooKeeper nothing.
 */
import { z } from 'zod';
import { sleep } from '@mesos-torque/common/clock.ts';
import type { Clock } from '@mesos-torque/common/clock.ts';
import { endpointText } from '@mesos-torque/common/endpoint.ts';
import type { Endpoint } from '@mesos-torque/common/endpoint.ts';
import type { Server, Servers } from '@mesos-torque/common/event-stream.ts';
import type { Log } from '@mesos-torque/common/logger.ts';
import { quote } from '@mesos-torque/common/text.ts';
import type { Outcome } from '../loop/ports.ts';
import type { ZooSession } from '../zookeeper/session.ts';

/** The part of MasterInfo that says where the master is. Its `ip` is a little-endian number: not used. */
const masterInfo = z.object({
  address: z.object({
    hostname: z.string().optional(),
    ip: z.string().min(1),
    port: z.int().min(1).max(65_535),
  }),
});

const namePattern = /^json\.info_(\d{10})$/;
/** More than any ensemble of masters has. */
const childrenMax = 1000;

export type LeaderReading = Outcome<Endpoint | null>;

/** Null when no master leads: none is registered. */
export async function readLeadingMaster(
  session: ZooSession,
  path: string,
  scheme: Endpoint['scheme'],
): Promise<LeaderReading> {
  const names = await session.children(path);
  if (!names.ok) return names.problem.kind === 'not-found' ? { ok: true, value: null } : names;
  const lowest = names.value
    .slice(0, childrenMax)
    .filter((name) => namePattern.test(name))
    .sort()[0];
  if (lowest === undefined) return { ok: true, value: null };
  const info = await session.read(`${path}/${lowest}`);
  // It went in between: the next look finds its successor.
  if (!info.ok) return info.problem.kind === 'not-found' ? { ok: true, value: null } : info;
  return masterIn(info.value.data.toString('utf8'), `${path}/${lowest}`, scheme);
}

function masterIn(text: string, znode: string, scheme: Endpoint['scheme']): LeaderReading {
  const read = masterInfo.safeParse(json(text));
  if (!read.success) {
    return { ok: false, problem: { kind: 'garbled', detail: `${znode} is no MasterInfo: ${quote(text)}` } };
  }
  const { hostname, ip, port } = read.data.address;
  // A certificate is made out to the name; without one the address needs no lookup.
  const host = scheme === 'https' ? (hostname ?? ip) : ip;
  return { ok: true, value: { scheme, host, port, socketPath: null } };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

export interface LeaderWatchOptions {
  /** What is being watched, for people: `zk://z1:2181/mesos` without its secret. */
  readonly name: string;
  readonly path: string;
  readonly scheme: Endpoint['scheme'];
  readonly openSession: () => Promise<Outcome<ZooSession>>;
  /** Between two looks. Milliseconds. */
  readonly intervalMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

export interface LeaderWatch extends Servers {
  /** Settles when it was looked for once, with or without success: before that nothing can be known. */
  readonly looked: Promise<void>;
  /** Calls back when another master leads than before. */
  onChange(listener: (leader: Endpoint) => void): void;
  close(): Promise<void>;
}

/**
 * Watches who leads. While ZooKeeper cannot be asked the last leader known stays: it may well lead
 * still, and an answer from it is proof.
 */
export function watchLeadingMaster(options: LeaderWatchOptions): LeaderWatch {
  const { clock, log, name, path, scheme } = options;
  const closed = new AbortController();
  const listeners: ((leader: Endpoint) => void)[] = [];
  const looked = Promise.withResolvers<undefined>();
  let leader: Endpoint | null = null;
  let why = `${name}: not read yet`;

  const took = (reading: LeaderReading): void => {
    looked.resolve(undefined);
    const before = why;
    why = reading.ok ? `${name}: no master is registered there` : `${name}: ${reading.problem.detail}`;
    if (!reading.ok) {
      if (why !== before) log.warn('leading master not found', { why });
      return;
    }
    const found = reading.value;
    if (found === null || (leader !== null && endpointText(leader) === endpointText(found))) return;
    leader = found;
    log.info('leading master found', { master: endpointText(found) });
    for (const listener of listeners) listener(found);
  };

  const look = async (): Promise<void> => {
    while (!closed.signal.aborted) {
      const session = await options.openSession();
      if (session.ok) await lookThrough(session.value);
      else took(session);
      await sleep(clock, options.intervalMs, closed.signal);
    }
  };
  /** Until the server gives the session up; one that does not answer for now may do so again. */
  const lookThrough = async (session: ZooSession): Promise<void> => {
    while (!closed.signal.aborted) {
      const reading = await readLeadingMaster(session, path, scheme);
      took(reading);
      if (session.hasEnded()) break;
      await sleep(clock, options.intervalMs, closed.signal);
    }
    await session.close();
  };
  const ended = look();

  return {
    looked: looked.promise,
    next: (): Server => (leader === null ? { ok: false, why } : { ok: true, endpoint: leader }),
    onChange: (listener) => {
      listeners.push(listener);
    },
    async close() {
      closed.abort();
      await ended;
    },
  };
}
