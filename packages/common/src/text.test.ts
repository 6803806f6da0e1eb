import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeUtf8, quote, quoteBytes } from './text.ts';

describe('decodeUtf8', () => {
  test('gives back every text that was encoded', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const encoded = new TextEncoder().encode(text);
        expect(decodeUtf8(encoded)).toEqual({ ok: true, text: text.toWellFormed() });
      }),
    );
  });

  test.each([
    ['a byte of Latin-1', [0x61, 0xe9, 0x62], 1],
    ['a character cut at the end', [0x61, 0x62, 0xe2, 0x82], 2],
    ['an overlong form', [0x61, 0xc0, 0x80], 1],
    ['a surrogate half', [0x61, 0x62, 0x63, 0xed, 0xa0, 0x80], 3],
    ['a continuation byte alone', [0x80], 0],
  ])('names the offset of %s', (_what, bytes, offset) => {
    expect(decodeUtf8(Uint8Array.from(bytes))).toEqual({ ok: false, offset });
  });

  test('agrees with a plain search for the first invalid byte', () => {
    const isText = (bytes: Uint8Array): boolean => decodeUtf8(bytes).ok;
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
        const decoded = decodeUtf8(bytes);
        fc.pre(!decoded.ok);
        const longestGood = [...bytes.keys()].filter((end) => isText(bytes.subarray(0, end))).at(-1);
        expect(decoded.offset).toBe(longestGood);
      }),
      // Longest prefixes are searched in both ways; 12 bytes hold every kind of break.
      { numRuns: 500 },
    );
  });
});

describe('quote', () => {
  test('escapes what could harm a terminal or end the line', () => {
    expect(quote('a"b\\c\n\u001b[2J\u202e')).toBe('"a\\"b\\\\c\\n\\u{1b}[2J\\u{202e}"');
  });

  test('cuts, says so, and does not cut a character in two', () => {
    expect(quote('abcdef', 3)).toBe('"abc…" (of 6 characters)');
    expect(quote('ab😀cd', 3)).toBe('"ab…" (of 6 characters)');
  });

  test('shows bytes that are no text', () => {
    expect(quoteBytes(Uint8Array.from([0x41, 0x00, 0xff, 0x0a, 0x22]))).toBe('"A\\x00\\xff\\n\\""');
    expect(quoteBytes(new Uint8Array(100).fill(0x61), 2)).toBe('"aa…" (of 100 bytes)');
  });
});
