/** What the parsers of TORQUE's output share: one clear error, or the whole result. */
import { quote } from '@mesos-torque/common/text.ts';
import type { Outcome } from '../loop/ports.ts';
import { XmlRecords } from './xml-records.ts';
import { XmlError, type XmlReader } from './xml.ts';

/** Takes what a program prints, piece by piece as it comes; nothing counts before the end. */
export interface OutputParser<T> {
  /** Never throws: after something that cannot be read the rest is passed over. */
  push(piece: Uint8Array): void;
  /** To be called once, when everything was pushed. */
  end(): Outcome<T>;
}

/**
 * Parses a document whose root is `<Data>` and whose records are all called `record`; `readRecord` is
 * called within each, to read the elements that are wanted. Empty output is a document without records: 4.2.10 prints nothing at all where
 * 6.1.3 prints `<Data></Data>`.
 */
export function dataParser<T>(
  program: string,
  record: string,
  wanted: readonly string[],
  readRecord: (xml: XmlReader) => void,
  result: () => T,
): OutputParser<T> {
  const records = new XmlRecords('Data', record, wanted, readRecord);
  let problem: string | null = null;

  function attempt(act: () => void): void {
    if (problem !== null) return;
    try {
      act();
    } catch (error) {
      if (!(error instanceof XmlError)) throw error;
      problem = error.message;
    }
  }

  return {
    push(piece) {
      attempt(() => {
        records.push(piece);
      });
    },
    end() {
      attempt(() => {
        records.end();
      });
      if (problem === null) return { ok: true, value: result() };
      return { ok: false, problem: { kind: 'garbled', detail: `${program} output: ${problem}` } };
    },
  };
}

const wholePieceBytes = 64 * 1024;

/** Parses output that is at hand as a whole. */
export function parseWhole<T>(parser: OutputParser<T>, bytes: Uint8Array): Outcome<T> {
  for (let at = 0; at < bytes.length; at += wholePieceBytes) {
    parser.push(bytes.subarray(at, at + wholePieceBytes));
  }
  return parser.end();
}

/** The error about a value of a record: names the record, the element and the value. */
export function valueError(record: string, element: string, value: string, what: string): XmlError {
  return new XmlError(`${record}: <${element}> ${quote(value)} ${what}`);
}

/** A value that a record must have. */
export function required(record: string, element: string, value: string | null): string {
  if (value === null) throw new XmlError(`${record}: <${element}> is missing`);
  return value;
}

/** A whole number from 0 to `max`. */
export function wholeNumber(record: string, element: string, value: string, max: number): number {
  const number = digitsOf(value);
  if (!(number <= max)) throw valueError(record, element, value, `is not a number from 0 to ${max}`);
  return number;
}

/** The number that the text writes in up to 15 digits; NaN for any other text. */
function digitsOf(text: string): number {
  if (text.length === 0 || text.length > 15) return Number.NaN;
  let number = 0;
  for (let i = 0; i < text.length; i += 1) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return Number.NaN;
    number = number * 10 + digit;
  }
  return number;
}
