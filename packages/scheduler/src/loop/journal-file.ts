/**
 * The journal on disk: JSON lines, appended to `journal.jsonl` and turned over to `journal.1.jsonl`,
 * `journal.2.jsonl` … when the file is full. A line that a crash cut off is skipped by readers, and
 * writing goes on behind it.
 */
import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import type { Log } from '@mesos-torque/common/logger.ts';
import type { JournalEntry, JournalPort } from './ports.ts';

export interface JournalFileOptions {
  readonly directory: string;
  /** A file is turned over before it grows beyond this. Bytes. */
  readonly bytesMax: number;
  /** Files kept, the one that is written to included; at least 1. */
  readonly filesMax: number;
}

export interface JournalFile extends JournalPort {
  close(): void;
}

/** Throws when the journal cannot be opened; later failures are logged once each time they begin. */
export function openJournalFile(options: JournalFileOptions, log: Log): JournalFile {
  let file = openAtLine(fileName(options.directory, 0));
  let failing: string | null = null;

  function write(line: Buffer): void {
    if (file.bytes > 0 && file.bytes + line.length > options.bytesMax) {
      turnOver(options);
      const next = openAtLine(fileName(options.directory, 0));
      // Closed last: should a step before fail, its number must not be another file's when we try again.
      closeSync(file.fd);
      file = next;
    }
    file = { ...file, bytes: file.bytes + writeSync(file.fd, line) };
  }

  return {
    append(entry) {
      try {
        write(Buffer.from(`${JSON.stringify(entry)}\n`));
        if (failing !== null) log.info('journal written again');
        failing = null;
      } catch (error) {
        // The journal explains; it must not hinder. Losing it is worth one line, not one each time.
        if (failing === null) log.error('journal not written', { problem: String(error) });
        failing = `writing the journal: ${String(error)}`;
      }
    },
    problem: () => failing,
    close() {
      closeSync(file.fd);
    },
  };
}

interface OpenFile {
  readonly fd: number;
  readonly bytes: number;
}

/** Opens for appending, at the beginning of a line even if the last one was cut off. */
function openAtLine(name: string): OpenFile {
  const fd = openSync(name, 'a+', 0o644);
  const bytes = fstatSync(fd).size;
  const last = Buffer.alloc(1);
  if (bytes === 0 || (readSync(fd, last, 0, 1, bytes - 1) === 1 && last[0] === 0x0a)) return { fd, bytes };
  return { fd, bytes: bytes + writeSync(fd, '\n') };
}

function turnOver({ directory, filesMax }: JournalFileOptions): void {
  // Turned over already, by an attempt that then could not open the new file.
  if (!existsSync(fileName(directory, 0))) return;
  rmSync(fileName(directory, filesMax - 1), { force: true });
  for (let index = filesMax - 2; index >= 0; index--) {
    renameIfThere(fileName(directory, index), fileName(directory, index + 1));
  }
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

function fileName(directory: string, index: number): string {
  return path.join(directory, index === 0 ? 'journal.jsonl' : `journal.${index}.jsonl`);
}

export interface JournalRead {
  /** Oldest first. */
  readonly entries: readonly JournalEntry[];
  /** Lines that are no entries, such as one that a crash cut off. */
  readonly unreadable: number;
}

/** Reads what is on disk, the turned-over files first. */
export function readJournalFiles({ directory, filesMax }: JournalFileOptions): JournalRead {
  const entries: JournalEntry[] = [];
  let unreadable = 0;
  for (let index = filesMax - 1; index >= 0; index--) {
    for (const line of linesOf(fileName(directory, index))) {
      const entry = entryIn(line);
      if (entry === null) unreadable += 1;
      else entries.push(entry);
    }
  }
  return { entries, unreadable };
}

function linesOf(name: string): readonly string[] {
  try {
    return readFileSync(name, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function entryIn(line: string): JournalEntry | null {
  try {
    const value: unknown = JSON.parse(line);
    return isEntry(value) ? value : null;
  } catch {
    return null;
  }
}

/** The two fields that every entry has; the rest is shown to people as it is. */
function isEntry(value: unknown): value is JournalEntry {
  return (
    typeof value === 'object' &&
    value !== null &&
    'atMs' in value &&
    typeof value.atMs === 'number' &&
    'event' in value &&
    typeof value.event === 'string'
  );
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
