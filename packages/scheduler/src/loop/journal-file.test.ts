import {
  appendFileSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  rmdirSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { silentLog } from '@mesos-torque/common/logger.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openJournalFile } from './journal-file.ts';
import { everything, readJournal } from './journal-read.ts';
import type { JournalBound, NumberedEntry } from './ports.ts';
import { openJournal } from './journal.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'journal-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

const options = (bytesMax = 1_000_000) => ({ directory, bytesMax, filesMax: 3 });
const entry = (atMs: number) => ({ atMs, event: 'node created', node: 'n1', data: { ms: atMs } });
const numbered = (sequence: number): NumberedEntry => ({ sequence, entry: entry(sequence) });
const onDisk = (bound: JournalBound = everything, entriesMax = 1_000_000) =>
  readJournal(options(), bound, entriesMax);
const sequences = async (bound?: JournalBound, entriesMax?: number): Promise<number[]> =>
  (await onDisk(bound, entriesMax)).map(({ sequence }) => sequence);

function write(places: readonly number[], bytesMax?: number): void {
  const journal = openJournalFile(options(bytesMax), silentLog);
  for (const each of places) journal.append(numbered(each));
  journal.close();
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

describe('the journal on disk', () => {
  it('gives back what was written, over restarts, newest first', async () => {
    write([1, 2]);
    write([3]);

    expect(await onDisk()).toEqual([3, 2, 1].map(numbered));
  });

  it('goes on behind a line that a crash cut off', async () => {
    write([1]);
    appendFileSync(path.join(directory, 'journal.jsonl'), '{"sequence":2,"atMs":2,"eve');
    write([3]);

    expect(await sequences()).toEqual([3, 1]);
  });

  it('skips lines that are no entries', async () => {
    appendFileSync(
      path.join(directory, 'journal.jsonl'),
      '17\n"text"\nnull\n{"atMs":1,"event":"x"}\n{"sequence":1,"atMs":"now","event":"x"}\n',
    );

    expect(await onDisk()).toEqual([]);
  });

  it('turns over when it is full, and keeps so many files and bytes', async () => {
    write(upTo(100), 200);

    expect(readdirSync(directory).toSorted()).toEqual([
      'journal.1.jsonl',
      'journal.2.jsonl',
      'journal.jsonl',
    ]);
    for (const name of readdirSync(directory)) {
      expect(readFileSync(path.join(directory, name)).length).toBeLessThanOrEqual(200);
    }
    const kept = await sequences();
    expect(kept.length).toBeGreaterThan(3);
    expect(kept).toEqual(upTo(100).toReversed().slice(0, kept.length));
  });

  it('is empty before anything was written', async () => {
    expect(await onDisk()).toEqual([]);
  });

  it('is looked back into from a place or a time on, across files, as far as is asked', async () => {
    const all = upTo(5_000);
    write(all, 250_000);
    expect(readdirSync(directory).length).toBeGreaterThan(1);

    expect(await sequences({ below: 3_001, beforeMs: Infinity }, 3)).toEqual([3_000, 2_999, 2_998]);
    expect(await sequences({ below: Infinity, beforeMs: 1_234 }, 2)).toEqual([1_234, 1_233]);
    expect(await sequences({ below: 4, beforeMs: 5_000 })).toEqual([3, 2, 1]);
    expect(await sequences({ below: 1, beforeMs: Infinity })).toEqual([]);
    for (const below of [2, 17, 999, 2_500, 4_999, 5_001]) {
      const pages = await sequences({ below, beforeMs: Infinity });
      expect(pages).toEqual(all.slice(0, below - 1).toReversed());
    }
  });

  it('keeps a short form of an entry that is far too long', async () => {
    const journal = openJournalFile(options(), silentLog);
    journal.append({ sequence: 1, entry: { ...entry(1), why: 'x'.repeat(200_000) } });
    journal.append(numbered(2));
    journal.close();

    const [second, first] = await onDisk();
    expect(second).toEqual(numbered(2));
    expect(first?.entry.why).toMatch(/^x{8000} … \(cut: the entry had 200,?\d+ bytes\)$/);
  });

  it('goes on when turning over failed for a while, and touches no file but its own', async () => {
    const journal = openJournalFile(options(240), silentLog);
    for (const atMs of [1, 2, 3]) journal.append(numbered(atMs));
    const obstacle = path.join(directory, 'journal.2.jsonl');
    mkdirSync(obstacle);

    journal.append(numbered(4));
    const others = openSync(path.join(directory, 'others'), 'w');
    journal.append(numbered(5));
    rmdirSync(obstacle);
    journal.append(numbered(6));
    writeSync(others, 'theirs');
    closeSync(others);
    journal.close();

    expect(await sequences()).toEqual([6, 3, 2, 1]);
    expect(readFileSync(path.join(directory, 'others'), 'utf8')).toBe('theirs');
  });

  it('does not hinder when it cannot be written, and says so once', () => {
    const problems: string[] = [];
    const log = { ...silentLog, error: (event: string) => void problems.push(event) };
    const journal = openJournalFile(options(), log);
    journal.close();

    journal.append(numbered(1));
    journal.append(numbered(2));

    expect(problems).toEqual(['journal not written']);
  });
});

describe('the journal in memory and on disk', () => {
  const opened = (entriesMax = 3) => openJournal({ ...options(), entriesMax }, silentLog);

  it('counts on after a restart, and remembers its latest entries', async () => {
    const before = await opened();
    for (const atMs of upTo(5)) before.append(entry(atMs));
    before.close();

    const after = await opened();
    expect([after.entries(), after.pushedOut()]).toEqual([[3, 4, 5].map(entry), 2]);
    after.append(entry(6));
    after.flush();

    expect([after.entries(), after.pushedOut()]).toEqual([[4, 5, 6].map(entry), 3]);
    expect((await after.older({ below: 4, beforeMs: Infinity }, 2)).map(({ sequence }) => sequence)).toEqual([
      3, 2,
    ]);
    after.close();
  });

  it('begins in memory behind an entry that is missing on disk', async () => {
    write([1, 2, 4, 5]);

    const journal = await opened(10);

    expect([journal.entries(), journal.pushedOut()]).toEqual([[4, 5].map(entry), 3]);
    journal.close();
  });
});
