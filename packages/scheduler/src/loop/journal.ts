/**
 * The journal: what was decided, done and ordered, one past-tense event each. The last so many entries are in memory, for
 * those who ask and those who watch; all that the disk has room for are in files, for those who look back. Places are
 * counted on over restarts.
 */
import type { Log } from '@mesos-torque/common/logger.ts';
import { openJournalFile, type JournalFileOptions } from './journal-file.ts';
import { everything, readJournal } from './journal-read.ts';
import type { JournalBound, JournalEntry, JournalPort, NumberedEntry } from './ports.ts';

export interface JournalRing extends JournalPort {
  /** Oldest first; at most as many as the ring holds. */
  entries(): readonly JournalEntry[];
  /** Entries before the first of those: the place of the oldest one is one more. */
  pushedOut(): number;
  /** Calls back for each entry from now on; the returned function ends that. */
  subscribe(listener: (entry: JournalEntry) => void): () => void;
}

/** What is in memory and on disk. */
export interface Journal extends JournalRing {
  /** From the disk, newest first; fewer than `entriesMax` only where there are no more. Rejects when it cannot be read. */
  older(bound: JournalBound, entriesMax: number): Promise<readonly NumberedEntry[]>;
  /** What was appended is to survive a power cut too. */
  flush(): void;
  close(): void;
}

/** `kept`: what it begins with, oldest first, after `before` others. */
export function createJournalRing(
  entriesMax: number,
  kept: readonly JournalEntry[] = [],
  before = 0,
): JournalRing {
  const ring: JournalEntry[] = kept.slice(-entriesMax);
  const listeners = new Set<(entry: JournalEntry) => void>();
  /** Where the oldest entry is, once the ring is full. */
  let oldest = 0;
  let pushedOut = before + kept.length - ring.length;

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

export interface JournalOptions extends JournalFileOptions {
  /** Entries in memory. */
  readonly entriesMax: number;
}

/** Goes on where the files end. Rejects when they cannot be read or written. */
export async function openJournal(options: JournalOptions, log: Log): Promise<Journal> {
  const kept = withoutGap(await readJournal(options, everything, options.entriesMax));
  let last = kept.at(-1)?.sequence ?? 0;
  const entries = kept.map(({ entry }) => entry);
  const ring = createJournalRing(options.entriesMax, entries, last - entries.length);
  const file = openJournalFile(options, log);
  return {
    ...ring,
    append(entry) {
      last += 1;
      // First on disk: who is told of it may look there at once.
      file.append({ sequence: last, entry });
      ring.append(entry);
    },
    problem: () => file.problem(),
    older: (bound, entriesMax) => readJournal(options, bound, entriesMax),
    flush: () => {
      file.flush();
    },
    close: () => {
      file.close();
    },
  };
}

/** The latest entries up to where one is missing, oldest first: in memory places are counted, and not written down. */
function withoutGap(newestFirst: readonly NumberedEntry[]): readonly NumberedEntry[] {
  const last = newestFirst[0]?.sequence ?? 0;
  const gap = newestFirst.findIndex(({ sequence }, index) => sequence !== last - index);
  return newestFirst.slice(0, gap < 0 ? newestFirst.length : gap).toReversed();
}
