/** What the parsers of TORQUE's output share: one clear error, or the whole result. */
import { quote } from '@mesos-torque/common/text.ts';
import type { Outcome } from '../loop/ports.ts';
import { XmlError, XmlReader } from './xml.ts';

/**
 * Reads a document whose root is `<Data>` and whose records are all called `record`; `readRecord` is
 * called within each. Empty output is a document without records: 4.2.10 prints nothing at all where
 * 6.1.3 prints `<Data></Data>`.
 */
export function parseData(
  program: string,
  record: string,
  bytes: Uint8Array,
  readRecord: (xml: XmlReader) => void,
): Outcome<null> {
  try {
    if (bytes.some(isNotSpace)) readData(new XmlReader(bytes), record, readRecord);
    return { ok: true, value: null };
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    return { ok: false, problem: { kind: 'garbled', detail: `${program} output: ${error.message}` } };
  }
}

function isNotSpace(byte: number): boolean {
  return byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09;
}

function readData(xml: XmlReader, record: string, readRecord: (xml: XmlReader) => void): void {
  mustEnter(xml, 'Data');
  for (;;) {
    const offset = xml.offset;
    if (!xml.enter()) break;
    if (xml.name !== record) {
      throw xml.errorAt(offset, `<${xml.name}> is unknown within <Data>, <${record}> was expected`);
    }
    readRecord(xml);
  }
  if (!xml.atEnd()) throw xml.errorAt(xml.offset, 'more follows after </Data>');
}

function mustEnter(xml: XmlReader, name: string): void {
  const offset = xml.offset;
  xml.enter();
  if (xml.name !== name) throw xml.errorAt(offset, `<${xml.name}> is unknown, <${name}> was expected`);
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
  const number = /^[0-9]{1,15}$/.test(value) ? Number(value) : Number.NaN;
  if (!(number <= max)) throw valueError(record, element, value, `is not a number from 0 to ${max}`);
  return number;
}
