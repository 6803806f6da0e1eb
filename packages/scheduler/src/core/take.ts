/** Gives a job everything it asks for, or nothing: from several sources, in their order. */
import { wantOfSet, wantOfSlots, type Source, type Taken, type Want } from './pool.ts';
import type { Ask } from './shapes.ts';

/** What was taken for one ask, and the first want that could not be met, if any. */
export interface Takings {
  readonly taken: readonly Taken[];
  /** Null when the ask is met. */
  readonly missing: Missing | null;
}

export interface Missing {
  readonly want: Want;
  readonly unit: 'node' | 'slot';
  /** Nodes (or slots) that were found, of those that the whole ask needs. */
  readonly found: number;
  readonly asked: number;
}

/** Takes what it can. The caller keeps it all or calls `giveAllBack`. */
export function take(ask: Ask, sources: readonly Source[]): Takings {
  return ask.kind === 'sets' ? takeSets(ask, sources) : takeSlots(ask, sources);
}

/** Takes the whole ask or nothing; null when it is not to be had. */
export function takeAll(ask: Ask, sources: readonly Source[]): readonly Taken[] | null {
  const { taken, missing } = take(ask, sources);
  if (missing === null) return taken;
  giveAllBack(taken);
  return null;
}

/** In reverse order, so that every source stands exactly as before. */
export function giveAllBack(taken: readonly Taken[]): void {
  for (const one of taken.toReversed()) one.giveBack();
}

/** Goes on after a part that cannot be met: what is found for the others may be worth keeping. */
function takeSets(ask: Extract<Ask, { kind: 'sets' }>, sources: readonly Source[]): Takings {
  const taken: Taken[] = [];
  const used = new Set<string>();
  let lacking: Want | null = null;
  for (const part of ask.parts) {
    const want = wantOfSet(part.set, ask.walltimeMs);
    let left = part.count;
    for (const source of sources) {
      const next = source.search(want, used);
      for (; left > 0; left -= 1) {
        const one = next(want.slotsMax);
        if (one === null) break;
        taken.push(one);
        used.add(one.node);
      }
    }
    if (left > 0) lacking ??= want;
  }
  const missing: Missing | null =
    lacking === null ? null : { want: lacking, unit: 'node', found: taken.length, asked: ask.nodes };
  return { taken, missing };
}

function takeSlots(ask: Extract<Ask, { kind: 'slots' }>, sources: readonly Source[]): Takings {
  const taken: Taken[] = [];
  const used = new Set<string>();
  const want = wantOfSlots(ask.slots, ask.memMibPerSlot, ask.walltimeMs);
  let found = 0;
  for (const source of sources) {
    const next = source.search(want, used);
    while (found < ask.slots) {
      const one = next(ask.slots - found);
      if (one === null) break;
      taken.push(one);
      used.add(one.node);
      found += one.slots;
    }
  }
  return {
    taken,
    missing: found < ask.slots ? { want, unit: 'slot', found, asked: ask.slots } : null,
  };
}
