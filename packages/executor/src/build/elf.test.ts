import { describe, expect, test } from 'vitest';
import { archOf, notesOf, withNote, withoutSymbols } from './elf.ts';

interface Entry {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly fileBytes: number;
  readonly memoryBytes: number;
}

const oldNote = Buffer.concat([
  Buffer.from([4, 0, 0, 0, 4, 0, 0, 0, 3, 0, 0, 0]),
  Buffer.from('GNU\0'),
  Buffer.from([1, 2, 3, 4]),
]);
const notesAt = 0x400;
const dataAt = 0x800;
const dataBytes = 0x80;
const bssBytes = 0x33;
const notes: Entry = {
  type: 4,
  offset: notesAt,
  address: 0x400400,
  fileBytes: oldNote.length,
  memoryBytes: oldNote.length,
};
const code: Entry = { type: 1, offset: 0, address: 0x400000, fileBytes: 0x500, memoryBytes: 0x500 };
const data: Entry = {
  type: 1,
  offset: dataAt,
  address: 0x500800,
  fileBytes: dataBytes,
  memoryBytes: dataBytes + bssBytes,
};

/** A small executable: code with notes, data with zeros behind it, then symbols that are not loaded. */
function elfWith(entries: readonly Entry[], { machine = 62, symbols = 'symbols' } = {}): Buffer {
  const elf = Buffer.alloc(dataAt + dataBytes);
  elf.write('\x7fELF\x02\x01\x01', 0, 'latin1');
  elf.writeUInt16LE(machine, 18);
  elf.writeBigUInt64LE(64n, 32);
  elf.writeBigUInt64LE(BigInt(elf.length), 40);
  elf.writeUInt16LE(56, 54);
  elf.writeUInt16LE(entries.length, 56);
  elf.writeUInt16LE(1, 60);
  for (const [index, entry] of entries.entries()) {
    const at = 64 + index * 56;
    elf.writeUInt32LE(entry.type, at);
    elf.writeBigUInt64LE(BigInt(entry.offset), at + 8);
    elf.writeBigUInt64LE(BigInt(entry.address), at + 16);
    elf.writeBigUInt64LE(BigInt(entry.fileBytes), at + 32);
    elf.writeBigUInt64LE(BigInt(entry.memoryBytes), at + 40);
  }
  oldNote.copy(elf, notesAt);
  elf.fill('d', dataAt);
  return Buffer.concat([elf, Buffer.from(symbols)]);
}

const elf = elfWith([code, notes, data]);

test('symbols and the table of sections go, what is loaded stays', () => {
  const bare = withoutSymbols(elf);
  expect(bare.length).toBe(dataAt + dataBytes);
  expect(bare.subarray(64)).toEqual(elf.subarray(64, bare.length));
  expect([bare.readBigUInt64LE(40), bare.readUInt16LE(60)]).toEqual([0n, 0]);
});

test('the note is loaded with the last segment, behind zeros where the file held none', () => {
  const result = withNote(elf, { name: 'NODE_SEA_BLOB', data: Buffer.from('a blob') });

  expect(notesOf(result).get('NODE_SEA_BLOB')?.toString()).toBe('a blob');
  expect(result.subarray(dataAt, dataAt + dataBytes).toString()).toBe('d'.repeat(dataBytes));
  const zeros = result.subarray(dataAt + dataBytes, dataAt + dataBytes + bssBytes);
  expect(zeros).toEqual(Buffer.alloc(bssBytes));
  const [note, last] = [1, 2].map((index) => 64 + index * 56) as [number, number];
  const distance = result.readBigUInt64LE(note + 16) - result.readBigUInt64LE(note + 8);
  expect(distance, 'address and place in the file of the note, as of its segment').toBe(0x500000n);
  expect(result.readBigUInt64LE(last + 32)).toBe(BigInt(result.length - dataAt));
  expect(result.readBigUInt64LE(last + 40)).toBe(result.readBigUInt64LE(last + 32));
});

test('notes that were there are there', () => {
  const result = withNote(elf, { name: 'NODE_SEA_BLOB', data: Buffer.from('a blob') });
  expect(notesOf(result).get('GNU')).toEqual(Buffer.from([1, 2, 3, 4]));
});

test('machines are told apart', () => {
  expect(archOf(elf)).toBe('x64');
  expect(archOf(elfWith([code, notes, data], { machine: 183 }))).toBe('arm64');
});

describe('refused is', () => {
  test.each([
    ['what is no ELF', Buffer.from('#!/bin/sh'.padEnd(100)), 'no 64-bit little-endian executable'],
    ['another machine', elfWith([code, notes, data], { machine: 8 }), 'machine 8 is neither'],
  ])('%s', (_what, bytes, why) => {
    expect(() => archOf(bytes)).toThrow(why);
  });

  test.each([
    ['no notes', elfWith([code, data]), 'not exactly one segment of notes'],
    ['two segments of notes', elfWith([code, notes, notes, data]), 'not exactly one segment of notes'],
    [
      'a last segment that is not last in the file',
      elfWith([{ ...code, address: 0x600000 }, notes, data]),
      'is not the last in the file',
    ],
    ['a file that was cut', elf.subarray(0, dataAt), 'cut off at byte'],
  ])('%s', (_what, bytes, why) => {
    expect(() => withNote(bytes, { name: 'N', data: Buffer.from('x') })).toThrow(why);
  });
});
