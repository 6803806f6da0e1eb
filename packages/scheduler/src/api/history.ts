/**
 * Jobs, nodes and allocation over the last 24 hours, one moment each 5 s, kept in memory in columns: a bounded ring of
 * numbers.
 */
import type { GetHistoryResponse } from '@mesos-torque/proto/gen/control/v1/messages.ts';
import { resourceKinds } from '@mesos-torque/common/units.ts';
import type { Policy } from '../core/policy.ts';
import type { PlanView } from './plan-view.ts';

export const historyIntervalMs = 5_000;
const momentsMax = (24 * 3_600_000) / historyIntervalMs;
/** Series are named by verdicts, phases and kinds of resources, which are few. */
const seriesMax = 64;
const pointsDefault = 720;
const pointsMostMax = 5_000;

/** The values of one moment, by "group/name". */
export type Moment = Readonly<Record<string, number>>;

export interface History {
  add(atMs: number, moment: Moment): void;
  /** At most `pointsMax` moments since `fromMs`, evenly left out, the last one always in. */
  read(fromMs: number, pointsMax: number): GetHistoryResponse;
}

export function createHistory(moments = momentsMax): History {
  const atMs = new Float64Array(moments);
  const columns = new Map<string, Float64Array>();
  let count = 0;

  function column(name: string): Float64Array | null {
    const known = columns.get(name);
    if (known !== undefined) return known;
    if (columns.size >= seriesMax) return null;
    const made = new Float64Array(moments).fill(NaN);
    columns.set(name, made);
    return made;
  }

  return {
    add(momentMs, moment) {
      const place = count % moments;
      atMs[place] = momentMs;
      for (const values of columns.values()) values[place] = NaN;
      for (const [name, value] of Object.entries(moment)) {
        const values = column(name);
        if (values !== null) values[place] = value;
      }
      count += 1;
    },
    read(fromMs, pointsMax) {
      const most = Math.min(pointsMax === 0 ? pointsDefault : pointsMax, pointsMostMax);
      const places = placesOf(count, moments).filter((place) => (atMs[place] ?? 0) >= fromMs);
      const stride = Math.max(1, Math.ceil(places.length / most));
      const chosen = places.filter((_, index) => (places.length - 1 - index) % stride === 0);
      return {
        atMs: chosen.map((place) => BigInt(Math.round(atMs[place] ?? 0))),
        series: [...columns].map(([key, values]) => {
          const slash = key.indexOf('/');
          return {
            group: key.slice(0, slash),
            name: key.slice(slash + 1),
            values: chosen.map((place) => values[place] ?? NaN),
          };
        }),
      };
    },
  };
}

/** Places of the ring, oldest first. */
function placesOf(count: number, moments: number): number[] {
  const first = Math.max(0, count - moments);
  return Array.from({ length: count - first }, (_, index) => (first + index) % moments);
}

/** What of a plan is kept. `offers`: since the moment before. */
export function momentOf(
  { planned, counts }: PlanView,
  inForce: Policy,
  offers: Readonly<Record<string, number>>,
): Moment {
  const { held } = planned.plan.report;
  const { safeAllocation, minSlotsHeld } = inForce;
  const safe = resourceKinds.flatMap((kind) => {
    const allowed = safeAllocation[kind];
    return allowed === null ? [] : [[`safe/${snake(kind)}`, allowed] as const];
  });
  return {
    ...prefixed('jobs', counts.jobsByVerdict),
    'jobs/running': counts.jobsByState['running'] ?? 0,
    ...prefixed('nodes', counts.nodesByPhase),
    ...prefixed('offers', offers),
    'held/nodes': held.nodes,
    ...Object.fromEntries(resourceKinds.map((kind) => [`held/${snake(kind)}`, held[kind]])),
    ...Object.fromEntries(safe),
    ...(safeAllocation.nodes === null ? {} : { 'safe/nodes': safeAllocation.nodes }),
    'floor/nodes': minSlotsHeld,
  };
}

function prefixed(group: string, values: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${group}/${name}`, value]));
}

/** "cpuMilli" as "cpu_milli", as the API spells it. */
function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
