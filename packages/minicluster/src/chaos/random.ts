/** Random numbers from a seed: the same seed gives the same faults at the same events. */
export interface Random {
  /** From `least` up to and without `limit`. */
  integer(least: number, limit: number): number;
  pick<T>(from: readonly [T, ...T[]]): T;
}

/** Mulberry32: small, and good enough to choose faults by. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const integer = (least: number, limit: number): number => least + Math.floor(next() * (limit - least));
  return {
    integer,
    pick: (from) => from[integer(0, from.length)] ?? from[0],
  };
}
