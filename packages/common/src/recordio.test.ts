import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defaultRecordLimits, encodeRecord, RecordDecoder, RecordIoError } from './recordio.ts';
import type { RecordLimits } from './recordio.ts';

const fixtures = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../../fixtures/mesos');
const recordings = globSync('**/*.recordio', { cwd: fixtures }).sort();

describe('recorded streams', () => {
  test('there are some', () => {
    expect(recordings.length).toBeGreaterThan(40);
  });

  test.each(recordings)('%s gives the same records wherever it is cut', (file) => {
    const stream = readFileSync(path.join(fixtures, file));
    const whole = decode([stream]);

    // Encoding the records gives the recorded bytes again, so none was missed or changed.
    expect(Buffer.compare(Buffer.concat(whole.map(encodeRecord)), stream)).toBe(0);
    // Every byte of the stream is cut at, each time with the records on both sides of the cut: cuts in
    // the whole stream would show no more and cost its length squared.
    whole.forEach((record, n) => {
      const next = whole[n + 1];
      expectSameWhereverCut(next === undefined ? [record] : [record, next]);
    });
    expect(sameRecords(decode(Array.from(stream, (byte) => Uint8Array.of(byte))), whole)).toBe(true);
  });
});

test('any records in chunks of any size come out as they went in', () => {
  const chunkSizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 });
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 30 })), chunkSizes, (records, sizes) => {
      const stream = Buffer.concat(records.map(encodeRecord));
      expect(decode(inChunks(stream, sizes)).map(toArray)).toEqual(records.map(toArray));
    }),
  );
});

test('a record of no bytes is a record', () => {
  expect(decode([text('0\n0\n2\nab0\n')]).map(toText)).toEqual(['', '', 'ab', '']);
});

test('records do not change when the memory of the chunk is used again', () => {
  const chunk = text('2\nab');
  const [record] = new RecordDecoder(defaultRecordLimits).push(chunk);
  chunk.fill(0);
  expect(toText(record!)).toBe('ab');
});

describe('limits', () => {
  const limits: RecordLimits = { headerDigitsMax: 10, recordBytesMax: 1000 };

  test.each([
    ['a length of 2 GB', '2147483648\n', 'record length "2147483648" is more than the limit of 1000 bytes'],
    ['a length one above the limit', '1001\n', 'record length "1001" is more than the limit of 1000 bytes'],
    ['too many digits', '00000000001', 'record length "00000000001" has more than 10 digits'],
    ['an empty length', '\nabc', 'record length "" is empty'],
    ['a negative length', '-1\n', 'record length "-" is not a decimal number'],
    ['a length in hexadecimal', '1f\n', 'record length "1f" is not a decimal number'],
    ['an answer in HTML', '<html>', 'record length "<" is not a decimal number'],
    ['a carriage return', '12\r\n', 'record length "12\\x0d" is not a decimal number'],
    ['bytes that are no text', '\u0000\n', 'record length "\\x00" is not a decimal number'],
  ])('%s is refused with what is wrong and what to do', (_what, stream, message) => {
    const decoder = new RecordDecoder(limits);
    expect(() => decoder.push(text(stream))).toThrow(RecordIoError);
    // A broken stream stays broken, and says the same again.
    expect(() => decoder.push(text('1\na'))).toThrow(message);
    expect(() => {
      decoder.end();
    }).toThrow(/subscribe again, and check that the address/);
  });

  test('the limits themselves are allowed', () => {
    const records = new RecordDecoder(limits).push(text(`0000001000\n${'a'.repeat(1000)}`));
    expect(records.map((record) => record.length)).toEqual([1000]);
  });

  test('no room is made for a record that is too large', () => {
    const before = process.memoryUsage().arrayBuffers;
    const decoder = new RecordDecoder(defaultRecordLimits);
    expect(() => decoder.push(text('2147483648\n'))).toThrow(RecordIoError);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1024 * 1024);
  });
});

describe('the end of a stream', () => {
  test('between records is fine', () => {
    const decoder = new RecordDecoder(defaultRecordLimits);
    decoder.push(text('2\nab'));
    expect(() => {
      decoder.end();
    }).not.toThrow();
  });

  test.each([
    ['within a length', '2\nab12', 'after 1 records: stream ended within a record\'s length, after "12"'],
    ['within a record', '2\nab5\nabc', 'after 1 records: stream ended within a record: 3 of 5 bytes came'],
    ['before a record', '5\n', 'after 0 records: stream ended within a record: 0 of 5 bytes came'],
  ])('%s is an error', (_what, stream, message) => {
    const decoder = new RecordDecoder(defaultRecordLimits);
    decoder.push(text(stream));
    expect(() => {
      decoder.end();
    }).toThrow(message);
  });
});

function decode(chunks: readonly Uint8Array[]): Uint8Array[] {
  const decoder = new RecordDecoder(defaultRecordLimits);
  const records = chunks.flatMap((chunk) => decoder.push(chunk));
  decoder.end();
  return records;
}

function expectSameWhereverCut(records: readonly Uint8Array[]): void {
  const stream = Buffer.concat(records.map(encodeRecord));
  for (let cut = 1; cut < stream.length; cut += 1) {
    const again = decode([stream.subarray(0, cut), stream.subarray(cut)]);
    if (!sameRecords(again, records)) expect.fail(`cut after ${cut} bytes gave other records`);
  }
}

function sameRecords(a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean {
  return a.length === b.length && a.every((record, n) => Buffer.compare(record, b[n]!) === 0);
}

function inChunks(stream: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let offset = 0; offset < stream.length;) {
    const size = sizes[chunks.length % sizes.length]!;
    chunks.push(stream.subarray(offset, offset + size));
    offset += size;
  }
  return chunks;
}

const text = (content: string): Uint8Array => new TextEncoder().encode(content);
const toText = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const toArray = (bytes: Uint8Array): number[] => Array.from(bytes);
