/** The journal in memory as watchers see it: each entry with its place. */
import type { JournalEntry } from '../loop/ports.ts';
import type { JournalView } from './control-service.ts';

/** What keeps the last entries, oldest first, and counts those that it let go. */
export interface KeptJournal {
  entries(): readonly JournalEntry[];
  pushedOut(): number;
  subscribe(listener: (entry: JournalEntry) => void): () => void;
}

export function journalView(journal: KeptJournal): JournalView {
  let last = journal.pushedOut() + journal.entries().length;
  const listeners = new Set<Parameters<JournalView['subscribe']>[0]>();
  journal.subscribe((entry) => {
    last += 1;
    for (const listener of listeners) listener({ sequence: last, entry });
  });
  return {
    since(sequence) {
      const first = journal.pushedOut() + 1;
      return journal
        .entries()
        .map((entry, index) => ({ sequence: first + index, entry }))
        .filter((numbered) => numbered.sequence > sequence);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
