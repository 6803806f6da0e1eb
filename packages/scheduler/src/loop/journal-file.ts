/**
 * The journal on disk: JSON lines, appended to `journal.jsonl` and turned over to `journal.1.jsonl`,
 * `journal.2.jsonl` … when the file is full. A line that a crash cut off is skipped by readers (`journal-read`), and
 * writing goes on behind it.
 */
import {
  closeSync,
  existsSync,
  fdatasync,
  fstatSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import type { Log } from '@mesos-torque/common/logger.ts';
import { journalFileName, journalLine, type JournalFiles } from './journal-read.ts';
import type { NumberedEntry } from './ports.ts';

export interface JournalFileOptions extends JournalFiles {
  /** A file is turned over before it grows beyond this. Bytes. */
  readonly bytesMax: number;
}

export interface JournalFile {
  append(numbered: NumberedEntry): void;
  /** Why the last entry is not in it; null when it is. */
  problem(): string | null;
  /** What was appended is to survive a power cut too; begun, and not waited for. */
  flush(): void;
  close(): void;
}

/** Throws when the journal cannot be opened; later failures are logged once each time they begin. */
export function openJournalFile(options: JournalFileOptions, log: Log): JournalFile {
  const { directory, bytesMax } = options;
  let file = openAtLine(journalFileName(directory, 0));
  let failing: string | null = null;

  function write(line: Buffer): void {
    if (file.bytes > 0 && file.bytes + line.length > bytesMax) {
      turnOver(options);
      const next = openAtLine(journalFileName(directory, 0));
      // Closed last: should a step before fail, its number must not be another file's when we try again.
      closeSync(file.fd);
      file = next;
    }
    file = { ...file, bytes: file.bytes + writeSync(file.fd, line) };
  }

  function failed(error: unknown): void {
    // The journal explains; it must not hinder. Losing it is worth one line, not one each time.
    if (failing === null) log.error('journal not written', { problem: String(error) });
    failing = `writing the journal: ${String(error)}`;
  }

  return {
    append(numbered) {
      try {
        write(journalLine(numbered));
        if (failing !== null) log.info('journal written again');
        failing = null;
      } catch (error) {
        failed(error);
      }
    },
    problem: () => failing,
    flush() {
      fdatasync(file.fd, (error) => {
        // A file that was turned over meanwhile is closed, and was written before.
        if (error !== null && error.code !== 'EBADF') failed(error);
      });
    },
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
  const fd = openSync(name, 'a+', 0o640);
  const bytes = fstatSync(fd).size;
  const last = Buffer.alloc(1);
  if (bytes === 0 || (readSync(fd, last, 0, 1, bytes - 1) === 1 && last[0] === 0x0a)) return { fd, bytes };
  return { fd, bytes: bytes + writeSync(fd, '\n') };
}

function turnOver({ directory, filesMax }: JournalFileOptions): void {
  // Turned over already, by an attempt that then could not open the new file.
  if (!existsSync(journalFileName(directory, 0))) return;
  rmSync(journalFileName(directory, filesMax - 1), { force: true });
  for (let index = filesMax - 2; index >= 0; index--) {
    renameIfThere(journalFileName(directory, index), journalFileName(directory, index + 1));
  }
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}
