/** Durations as Mesos writes them, in the environment of executors for one: `2secs`, `15mins`. */

const unitsNs = [
  ['weeks', 604_800_000_000_000n],
  ['days', 86_400_000_000_000n],
  ['hrs', 3_600_000_000_000n],
  ['mins', 60_000_000_000n],
  ['secs', 1_000_000_000n],
  ['ms', 1_000_000n],
  ['us', 1_000n],
] as const;

/** In the largest unit that divides it without rest: 900 s are `15mins`, 90 s are `90secs`, 1.5 s are `1500ms`. */
export function durationText(nanoseconds: bigint): string {
  if (nanoseconds === 0n) return '0ns';
  for (const [unit, size] of unitsNs) {
    if (nanoseconds % size === 0n) return `${nanoseconds / size}${unit}`;
  }
  return `${nanoseconds}ns`;
}

export function durationOfMs(ms: number): string {
  return durationText(BigInt(Math.round(ms)) * 1_000_000n);
}

/** What Mesos can hold: 2^63 nanoseconds, about 292 years, as seconds. */
export const durationSecondsMax = 9_223_372_036;
