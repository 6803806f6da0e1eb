/**
 * Who has the cluster's processors, looked at again and again in the master's `/state`: tasks of ours, tasks of the others,
 * offers to us, offers to the others, and what lies idle and is offered to nobody.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from '../../packages/minicluster/src/cluster.ts';
import { httpGet } from '../../packages/minicluster/src/http-get.ts';

/** Processor seconds. */
export interface Shares {
  readonly ours: number;
  readonly others: number;
  readonly offeredToUs: number;
  readonly offeredToOthers: number;
  readonly idle: number;
}

/** Processors at one moment. */
export type Look = Shares;

export interface Meter {
  /** The last look; null before the first. */
  now(): Look | null;
  /** Ends it, and gives what it saw since it began. */
  stop(): Promise<Metered>;
}

export interface Metered {
  readonly cpuSeconds: Shares;
  /** The longest that one offer to us stayed unanswered, to the looks' distance. Milliseconds. */
  readonly offerHeldMostMs: number;
  readonly offersSeen: number;
}

interface State {
  readonly slaves: readonly { readonly resources: { readonly cpus?: number } }[];
  readonly frameworks: readonly {
    readonly name: string;
    readonly used_resources: { readonly cpus?: number };
    readonly offered_resources: { readonly cpus?: number };
    readonly offers: readonly { readonly id: string }[];
  }[];
}

const lookMs = 100;
/** The scheduler's own name in Mesos, as configured if nothing else is said. */
const ourName = 'torque';

export function startMeter(cluster: Cluster): Meter {
  const stopped = new AbortController();
  const firstSeenMs = new Map<string, number>();
  let sum: Shares = { ours: 0, others: 0, offeredToUs: 0, offeredToOthers: 0, idle: 0 };
  let last: { readonly look: Look; readonly atMs: number } | null = null;
  let heldMs = 0;

  const take = async (): Promise<void> => {
    const state = JSON.parse(await httpGet(cluster.head, `${cluster.mesos.masterUrls[0]}/state`)) as State;
    const atMs = performance.now();
    const look = lookOf(state);
    if (last !== null) sum = added(sum, last.look, (atMs - last.atMs) / 1000);
    last = { look, atMs };
    for (const { id } of state.frameworks.filter(isOurs).flatMap(({ offers }) => offers)) {
      const seenMs = firstSeenMs.get(id) ?? atMs;
      firstSeenMs.set(id, seenMs);
      heldMs = Math.max(heldMs, atMs - seenMs);
    }
  };
  const looking = (async () => {
    while (!stopped.signal.aborted) {
      // Where a story breaks off the cluster goes away under the meter: what went wrong is told elsewhere.
      await take().catch(() => undefined);
      await delay(lookMs);
    }
  })();
  return {
    now: () => last?.look ?? null,
    async stop() {
      stopped.abort();
      await looking;
      return { cpuSeconds: sum, offerHeldMostMs: Math.round(heldMs), offersSeen: firstSeenMs.size };
    },
  };
}

function isOurs({ name }: { readonly name: string }): boolean {
  return name === ourName;
}

function lookOf({ slaves, frameworks }: State): Look {
  const all = slaves.reduce((total, { resources }) => total + (resources.cpus ?? 0), 0);
  const us = frameworks.filter(isOurs);
  const them = frameworks.filter((framework) => !isOurs(framework));
  const used = (of: State['frameworks']): number =>
    of.reduce((total, { used_resources }) => total + (used_resources.cpus ?? 0), 0);
  const offered = (of: State['frameworks']): number =>
    of.reduce((total, { offered_resources }) => total + (offered_resources.cpus ?? 0), 0);
  const known = {
    ours: used(us),
    others: used(them),
    offeredToUs: offered(us),
    offeredToOthers: offered(them),
  };
  const taken = known.ours + known.others + known.offeredToUs + known.offeredToOthers;
  return { ...known, idle: Math.max(0, all - taken) };
}

function added(sum: Shares, look: Look, seconds: number): Shares {
  return {
    ours: sum.ours + look.ours * seconds,
    others: sum.others + look.others * seconds,
    offeredToUs: sum.offeredToUs + look.offeredToUs * seconds,
    offeredToOthers: sum.offeredToOthers + look.offeredToOthers * seconds,
    idle: sum.idle + look.idle * seconds,
  };
}
