/**
 * A document of many records that comes in pieces of any size, as a program prints it: records are read
 * as soon as they are whole, and only what is left of the last one is kept. So 147 MB of queue are never
 * in memory together, and a piece of 64 kB is worked on for a fraction of a millisecond.
 *
 * A record is whole where its closing tag is: `<` does not occur in text, and records are not nested.
 * No character and no entity is cut in two, because no record is.
 */
import { isAt, XmlError, XmlReader } from './xml.ts';

/** A document larger than this is refused: 100,000 jobs are about 140 MB. */
const documentBytesMax = 512 * 1024 * 1024;
/** One record, with what is between it and the one before. */
const recordBytesMax = 32 * 1024 * 1024;
const windowBytesFirst = 256 * 1024;

type Stage = 'before' | 'within' | 'after';

export class XmlRecords {
  readonly #root: string;
  readonly #record: string;
  readonly #read: (xml: XmlReader) => void;
  readonly #closing: Uint8Array;
  readonly #xml: XmlReader;
  /** What came since the last whole record, in one buffer that is used again and again. */
  #window = Buffer.allocUnsafeSlow(windowBytesFirst);
  #filled = 0;
  #bytes = 0;
  #stage: Stage = 'before';

  /** `wanted`: the elements of a record that `read` is to see. */
  constructor(root: string, record: string, wanted: readonly string[], read: (xml: XmlReader) => void) {
    this.#root = root;
    this.#record = record;
    this.#read = read;
    this.#closing = Buffer.from(`</${record}>`);
    this.#xml = new XmlReader(wanted);
  }

  /** Reads the records that the piece completes. Throws an XmlError. */
  push(piece: Uint8Array): void {
    this.#bytes += piece.length;
    if (this.#bytes > documentBytesMax) {
      throw new XmlError(`more than the ${documentBytesMax} bytes that are read`);
    }
    const before = this.#filled;
    this.#append(piece);
    const end = this.#endOfRecords(before);
    if (end === 0) return;
    this.#xml.load(this.#window.subarray(0, end));
    this.#readRecords(false);
    this.#window.copyWithin(0, end, this.#filled);
    this.#filled -= end;
  }

  /** Reads what is left. Throws an XmlError, also where the document is not whole. */
  end(): void {
    this.#xml.load(this.#window.subarray(0, this.#filled));
    if (this.#stage === 'before' && this.#xml.atEnd()) return;
    this.#readRecords(true);
  }

  #append(piece: Uint8Array): void {
    const filled = this.#filled + piece.length;
    if (filled > this.#window.length) this.#widen(filled);
    this.#window.set(piece, this.#filled);
    this.#filled = filled;
  }

  #widen(bytes: number): void {
    if (bytes > recordBytesMax) throw new XmlError(`<${this.#record}> of more than ${recordBytesMax} bytes`);
    const wider = Buffer.allocUnsafeSlow(Math.min(recordBytesMax, 2 * bytes));
    this.#window.copy(wider, 0, 0, this.#filled);
    this.#window = wider;
  }

  /** Where the last whole record ends, 0 if none does; `before` is what was looked through already. */
  #endOfRecords(before: number): number {
    const [closing, window] = [this.#closing, this.#window];
    const from = Math.max(0, before - closing.length + 1);
    for (let at = this.#filled - closing.length; at >= from; at -= 1) {
      if (isAt(window, at, closing)) return at + closing.length;
    }
    return 0;
  }

  #readRecords(isLast: boolean): void {
    const xml = this.#xml;
    if (this.#stage === 'before') this.#readRoot();
    while (this.#stage === 'within' && (isLast || !xml.atEnd())) {
      const { offset } = xml;
      if (!xml.enter()) {
        this.#stage = 'after';
        break;
      }
      if (xml.name !== this.#record) {
        const what = `<${xml.name}> is unknown within <${this.#root}>, <${this.#record}> was expected`;
        throw xml.errorAt(offset, what);
      }
      this.#read(xml);
    }
    if (!xml.atEnd()) throw xml.errorAt(xml.offset, `more follows after </${this.#root}>`);
  }

  #readRoot(): void {
    const xml = this.#xml;
    xml.skipProlog();
    const { offset } = xml;
    xml.enter();
    if (xml.name !== this.#root) {
      throw xml.errorAt(offset, `<${xml.name}> is unknown, <${this.#root}> was expected`);
    }
    this.#stage = 'within';
  }
}
