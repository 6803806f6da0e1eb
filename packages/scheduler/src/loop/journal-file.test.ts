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
import { openJournalFile, readJournalFiles } from './journal-file.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'journal-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

const options = (bytesMax = 1_000_000) => ({ directory, bytesMax, filesMax: 3 });
const entry = (atMs: number) => ({ atMs, event: 'node created', node: 'n1', data: { ms: atMs } });

function write(atMs: readonly number[], bytesMax?: number): void {
  const journal = openJournalFile(options(bytesMax), silentLog);
  for (const each of atMs) journal.append(entry(each));
  journal.close();
}

describe('the journal on disk', () => {
  it('gives back what was written, over restarts', () => {
    write([1, 2]);
    write([3]);

    expect(readJournalFiles(options())).toEqual({ entries: [1, 2, 3].map(entry), unreadable: 0 });
  });

  it('goes on behind a line that a crash cut off', () => {
    write([1]);
    appendFileSync(path.join(directory, 'journal.jsonl'), '{"atMs":2,"eve');
    write([3]);

    expect(readJournalFiles(options())).toEqual({ entries: [1, 3].map(entry), unreadable: 1 });
  });

  it('skips lines that are no entries', () => {
    appendFileSync(path.join(directory, 'journal.jsonl'), '17\n"text"\nnull\n{"atMs":"now","event":"x"}\n');

    expect(readJournalFiles(options())).toEqual({ entries: [], unreadable: 4 });
  });

  it('turns over when it is full, and keeps so many files and bytes', () => {
    write(
      Array.from({ length: 100 }, (_, index) => index),
      200,
    );

    const { entries } = readJournalFiles(options());
    expect(readdirSync(directory).toSorted()).toEqual([
      'journal.1.jsonl',
      'journal.2.jsonl',
      'journal.jsonl',
    ]);
    for (const name of readdirSync(directory)) {
      expect(readFileSync(path.join(directory, name)).length).toBeLessThanOrEqual(200);
    }
    expect(entries.at(-1)).toEqual(entry(99));
    expect(entries.map(({ atMs }) => atMs)).toEqual(entries.map((_, index) => 100 - entries.length + index));
  });

  it('is empty before anything was written', () => {
    expect(readJournalFiles(options())).toEqual({ entries: [], unreadable: 0 });
  });

  it('goes on when turning over failed for a while, and touches no file but its own', () => {
    const journal = openJournalFile(options(200), silentLog);
    for (const atMs of [1, 2, 3]) journal.append(entry(atMs));
    const obstacle = path.join(directory, 'journal.2.jsonl');
    mkdirSync(obstacle);

    journal.append(entry(4));
    const others = openSync(path.join(directory, 'others'), 'w');
    journal.append(entry(5));
    rmdirSync(obstacle);
    journal.append(entry(6));
    writeSync(others, 'theirs');
    closeSync(others);
    journal.close();

    expect(readJournalFiles(options()).entries).toEqual([1, 2, 3, 6].map(entry));
    expect(readFileSync(path.join(directory, 'others'), 'utf8')).toBe('theirs');
  });

  it('does not hinder when it cannot be written, and says so once', () => {
    const problems: string[] = [];
    const log = { ...silentLog, error: (event: string) => void problems.push(event) };
    const journal = openJournalFile(options(), log);
    journal.close();

    journal.append(entry(1));
    journal.append(entry(2));

    expect(problems).toEqual(['journal not written']);
  });
});
