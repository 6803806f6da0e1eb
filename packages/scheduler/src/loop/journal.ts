/**
 * The journal in memory: the last so many entries, for those who ask and those who watch. `bothOf`
 * joins it with the journal on disk.
 */
import type { JournalEntry, JournalPort } from './ports.ts';

export interface JournalRing extends JournalPort {
  /** Oldest first; at most as many as the ring holds. */
  entries(): readonly JournalEntry[];
  /** Entries that were pushed out by later ones. */
  pushedOut(): number;
  /** Calls back for each entry from now on; the returned function ends that. */
  subscribe(listener: (entry: JournalEntry) => void): () => void;
}

export function createJournalRing(entriesMax: number): JournalRing {
  const ring: JournalEntry[] = [];
  const listeners = new Set<(entry: JournalEntry) => void>();
  /** Where the oldest entry is, once the ring is full. */
  let oldest = 0;
  let pushedOut = 0;

  return {
    append(entry) {
      if (ring.length < entriesMax) {
        ring.push(entry);
      } else {
        ring[oldest] = entry;
        oldest = (oldest + 1) % entriesMax;
        pushedOut += 1;
      }
      for (const listener of listeners) listener(entry);
    },
    entries: () => [...ring.slice(oldest), ...ring.slice(0, oldest)],
    pushedOut: () => pushedOut,
    problem: () => null,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Writes each entry to all of the journals, in turn. */
export function bothOf(...journals: readonly JournalPort[]): JournalPort {
  return {
    append(entry) {
      for (const journal of journals) journal.append(entry);
    },
    problem() {
      const problems = journals.map((journal) => journal.problem());
      return problems.find((problem) => problem !== null) ?? null;
    },
  };
}
