/** The journal in memory as watchers see it: each entry with its place. */
import type { JournalBound, JournalEntry, NumberedEntry } from '../loop/ports.ts';
import type { JournalView } from './control-service.ts';

/** What keeps the last entries, oldest first, and counts those that it let go. */
export interface KeptJournal {
  entries(): readonly JournalEntry[];
  pushedOut(): number;
  subscribe(listener: (entry: JournalEntry) => void): () => void;
  /** What is on disk, newest first; fewer than `entriesMax` only where there are no more. */
  older(bound: JournalBound, entriesMax: number): Promise<readonly NumberedEntry[]>;
}

export function journalView(journal: KeptJournal): JournalView {
  let last = journal.pushedOut() + journal.entries().length;
  const listeners = new Set<Parameters<JournalView['subscribe']>[0]>();
  journal.subscribe((entry) => {
    last += 1;
    // One object for all, so that those who pass it on to many make their words of it once.
    const numbered = { sequence: last, entry };
    for (const listener of listeners) listener(numbered);
  });
  return {
    since(sequence) {
      const first = journal.pushedOut() + 1;
      return journal
        .entries()
        .map((entry, index) => ({ sequence: first + index, entry }))
        .filter((numbered) => numbered.sequence > sequence);
    },
    older: (bound, entriesMax) => journal.older(bound, entriesMax),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
