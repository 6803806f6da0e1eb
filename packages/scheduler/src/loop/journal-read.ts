/**
 * Looks back into the journal on disk, newest first, without reading more of it than is asked for: where the bound lies in a
 * file is found by halving, for what is written later has a higher sequence and, but for a clock that was set back, a later
 * time. Lines that are no entries, such as one that a crash cut off, are passed over.
 */
import { open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import type { JournalBound, JournalEntry, NumberedEntry } from './ports.ts';

export interface JournalFiles {
  readonly directory: string;
  /** Files kept, the one that is written to included; at least 1. */
  readonly filesMax: number;
}

export const everything: JournalBound = { below: Infinity, beforeMs: Infinity };

/** A line is no longer than a chunk, so that what straddles the end of one is in two. */
const chunkBytes = 64 * 1024;
const lineBytesMax = chunkBytes;
/** What is kept of a sentence that would make the line too long. */
const whyCharsMax = 8_000;
const newline = 0x0a;

export function journalFileName(directory: string, index: number): string {
  return path.join(directory, index === 0 ? 'journal.jsonl' : `journal.${index}.jsonl`);
}

/** One line of the file. */
export function journalLine({ sequence, entry }: NumberedEntry): Buffer {
  const line = Buffer.from(`${JSON.stringify({ sequence, ...entry })}\n`);
  if (line.length <= lineBytesMax) return line;
  const why = `${(entry.why ?? '').slice(0, whyCharsMax)} … (cut: the entry had ${String(line.length)} bytes)`;
  const { atMs, event } = entry;
  return Buffer.from(`${JSON.stringify({ sequence, atMs, event, why })}\n`);
}

/** Newest first; fewer than `entriesMax` only where there are no more. Rejects when a file that is there cannot be read. */
export async function readJournal(
  { directory, filesMax }: JournalFiles,
  bound: JournalBound,
  entriesMax: number,
): Promise<readonly NumberedEntry[]> {
  const found: NumberedEntry[] = [];
  for (let index = 0; index < filesMax && found.length < entriesMax; index++) {
    // A file may be turned over while we read; what we had already has too high a sequence then.
    const below = found.at(-1)?.sequence ?? bound.below;
    await readFileBack(
      journalFileName(directory, index),
      { ...bound, below },
      (numbered) => found.push(numbered) < entriesMax,
    );
  }
  return found;
}

/** Gives entries newest first, until `take` wants no more. */
async function readFileBack(
  name: string,
  bound: JournalBound,
  take: (numbered: NumberedEntry) => boolean,
): Promise<void> {
  const file = await openIfThere(name);
  if (file === null) return;
  try {
    const { size } = await file.stat();
    for await (const line of linesBack(file, await endOf(file, size, bound))) {
      const numbered = readJournalLine(line);
      if (numbered === null || !isWithin(numbered, bound)) continue;
      if (!take(numbered)) return;
    }
  } finally {
    await file.close();
  }
}

function isWithin({ sequence, entry }: NumberedEntry, { below, beforeMs }: JournalBound): boolean {
  return sequence < below && entry.atMs <= beforeMs;
}

/** Where the entries within the bound end, give or take what one chunk holds. */
async function endOf(file: FileHandle, size: number, bound: JournalBound): Promise<number> {
  if (bound.below === Infinity && bound.beforeMs === Infinity) return size;
  let [low, high] = [0, size];
  while (high - low > chunkBytes) {
    const middle = Math.floor((low + high) / 2);
    const first = await firstEntryFrom(file, middle, high);
    if (first !== null && isWithin(first, bound)) low = middle;
    else high = middle;
  }
  return Math.min(size, high + chunkBytes);
}

/** The first whole entry that begins at `from` or after; null where there is none before `to`. */
async function firstEntryFrom(file: FileHandle, from: number, to: number): Promise<NumberedEntry | null> {
  const buffer = await bytesOf(file, from, Math.min(to, from + lineBytesMax));
  for (let begin = buffer.indexOf(newline) + 1; begin > 0;) {
    const end = buffer.indexOf(newline, begin);
    if (end < 0) return null;
    const numbered = readJournalLine(buffer.subarray(begin, end));
    if (numbered !== null) return numbered;
    begin = end + 1;
  }
  return null;
}

/** The lines before `end`, the last one first. */
async function* linesBack(file: FileHandle, end: number): AsyncGenerator<Buffer> {
  let rest = Buffer.alloc(0);
  for (let to = end; to > 0;) {
    const from = Math.max(0, to - chunkBytes);
    const text = Buffer.concat([await bytesOf(file, from, to), rest]);
    let lineEnd = text.length;
    for (
      let at = text.lastIndexOf(newline);
      at >= 0;
      at = at === 0 ? -1 : text.lastIndexOf(newline, at - 1)
    ) {
      if (at + 1 < lineEnd) yield text.subarray(at + 1, lineEnd);
      lineEnd = at;
    }
    rest = lineEnd > lineBytesMax ? Buffer.alloc(0) : Buffer.from(text.subarray(0, lineEnd));
    to = from;
  }
  if (rest.length > 0) yield rest;
}

async function bytesOf(file: FileHandle, from: number, to: number): Promise<Buffer> {
  const buffer = Buffer.alloc(to - from);
  const { bytesRead } = await file.read(buffer, 0, buffer.length, from);
  return buffer.subarray(0, bytesRead);
}

async function openIfThere(name: string): Promise<FileHandle | null> {
  try {
    return await open(name, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

/** The fields that every entry has; the rest is shown to people as it is. */
function readJournalLine(line: Buffer): NumberedEntry | null {
  try {
    const value: unknown = JSON.parse(line.toString());
    if (!isNumbered(value)) return null;
    const { sequence, ...entry } = value;
    return { sequence, entry };
  } catch {
    return null;
  }
}

function isNumbered(value: unknown): value is JournalEntry & { readonly sequence: number } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'sequence' in value &&
    Number.isSafeInteger(value.sequence) &&
    'atMs' in value &&
    typeof value.atMs === 'number' &&
    'event' in value &&
    typeof value.event === 'string'
  );
}
