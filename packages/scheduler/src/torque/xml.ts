/**
 * A strict reader for the flat XML that TORQUE prints (`qstat -x`, `pbsnodes -x`): elements without
 * attributes, text, the five named entities and character references. TORQUE prints nothing else, so
 * attributes, comments, CDATA and declarations are refused rather than skipped.
 *
 * It walks over the bytes once and makes strings only of what is asked for: of the 1.4 kB that 6.1.3
 * prints per job, less than a tenth is wanted. Text of elements that are skipped is not looked into.
 */
import { isUtf8 } from 'node:buffer';
import { decodeUtf8, quoteBytes } from '@mesos-torque/common/text.ts';

/** What was wrong, where, and the piece itself. Thrown by the reader, caught where a document is parsed. */
export class XmlError extends Error {
  override readonly name = 'XmlError';
}

/** A document larger than this is refused: 100,000 jobs are about 140 MB. */
const documentBytesMax = 512 * 1024 * 1024;
/** 6.1.3 nests three deep (Data, Job, Resource_List, mem). */
const depthMax = 8;
const nameBytesMax = 128;
/** A job's variable list is its user's whole environment under `qsub -V`. */
const textBytesMax = 16 * 1024 * 1024;
/** Names kept as strings; 6.1.3 knows about 150. Those beyond are decoded each time. */
const internedMax = 1024;

const lessThan = 0x3c;
const greaterThan = 0x3e;
const slash = 0x2f;
const ampersand = 0x26;

/** Bytes that an element's name is made of: letters, digits, `_`, `-`, `.` (`task_count.0`). */
const isNameByte = Uint8Array.from({ length: 256 }, (_, byte) =>
  /[A-Za-z0-9_.-]/.test(String.fromCharCode(byte)) ? 1 : 0,
);

/**
 * A cursor in the document. `enter` steps into the next element within the present one; what was
 * entered is left by `text`, by `skip`, or by the `enter` that returns false:
 *
 *     while (xml.enter()) {
 *       if (xml.name === 'Job_Id') id = xml.text();
 *       else xml.skip();
 *     }
 */
export class XmlReader {
  readonly #bytes: Buffer;
  #at = 0;
  #depth = 0;
  /** Where the names of the open elements begin and end. */
  readonly #nameStarts = new Int32Array(depthMax);
  readonly #nameEnds = new Int32Array(depthMax);
  readonly #names = new Map<number, string>();
  #name = '';

  constructor(bytes: Uint8Array) {
    if (bytes.length > documentBytesMax) {
      throw new XmlError(`${bytes.length} bytes are more than the ${documentBytesMax} that are read`);
    }
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (!isUtf8(bytes)) throw this.#notUtf8();
    this.#skipProlog();
  }

  /** Whether nothing is left but white space. */
  atEnd(): boolean {
    this.#skipSpace();
    return this.#at === this.#bytes.length;
  }

  /** Where the reader stands, for errors about what was just read. */
  get offset(): number {
    return this.#at;
  }

  /** The name of the element entered last. */
  get name(): string {
    return this.#name;
  }

  /**
   * Steps into the next element within the present one. Where the present one ends, leaves it and
   * returns false. Text between elements is an error.
   */
  enter(): boolean {
    this.#skipSpace();
    const at = this.#at;
    if (this.#bytes[at] !== lessThan) throw this.#expected('an element');
    if (this.#bytes[at + 1] === slash) {
      this.#leave();
      return false;
    }
    this.#open();
    this.#name = this.#nameOf(this.#depth - 1);
    return true;
  }

  /** The text of the element just entered, entities resolved; leaves it. Elements within are an error. */
  text(): string {
    const bytes = this.#bytes;
    const start = this.#at;
    let at = start;
    let seen = 0;
    let escaped = false;
    for (; at < bytes.length; at += 1) {
      const byte = bytes[at] ?? 0;
      if (byte === lessThan) break;
      if (byte === ampersand) escaped = true;
      seen |= byte;
    }
    this.#at = at;
    if (at - start > textBytesMax) {
      throw this.#error(start, `the text of <${this.#name}> is longer than ${textBytesMax} bytes`);
    }
    if (at < bytes.length && bytes[at + 1] !== slash) throw this.#expected(`</${this.#name}>`);
    const text = bytes.toString(seen < 0x80 ? 'latin1' : 'utf8', start, at);
    this.#leave();
    return escaped ? this.#resolve(text, start) : text;
  }

  /** Leaves the element just entered without looking at what it holds. */
  skip(): void {
    const bytes = this.#bytes;
    const target = this.#depth - 1;
    while (this.#depth > target) {
      let at = this.#at;
      while (at < bytes.length && bytes[at] !== lessThan) at += 1;
      this.#at = at;
      if (bytes[at + 1] === slash) this.#leave();
      else this.#open();
    }
  }

  /** An error about the element or text that began at `offset`. */
  errorAt(offset: number, what: string): XmlError {
    return this.#error(offset, what);
  }

  /** `<name>`: pushes it. */
  #open(): void {
    const bytes = this.#bytes;
    const start = this.#at + 1;
    let end = start;
    while (isNameByte[bytes[end] ?? 0] === 1) end += 1;
    if (end === start || bytes[end] !== greaterThan) throw this.#badTag(start, end);
    if (end - start > nameBytesMax) throw this.#error(this.#at, 'the name of an element is too long');
    if (this.#depth === depthMax) throw this.#error(this.#at, `more than ${depthMax} elements in each other`);
    this.#nameStarts[this.#depth] = start;
    this.#nameEnds[this.#depth] = end;
    this.#depth += 1;
    this.#at = end + 1;
  }

  /** `</name>` of the present element: pops it. */
  #leave(): void {
    const bytes = this.#bytes;
    const depth = this.#depth - 1;
    const from = this.#nameStarts[depth] ?? 0;
    const length = (this.#nameEnds[depth] ?? 0) - from;
    const start = this.#at + 2;
    if (depth < 0) throw this.#error(this.#at, 'a closing tag without its opening one');
    for (let i = 0; i < length; i += 1) {
      if (bytes[start + i] !== bytes[from + i]) throw this.#expected(`</${this.#nameOf(depth)}>`);
    }
    if (bytes[start + length] !== greaterThan) throw this.#expected(`</${this.#nameOf(depth)}>`);
    this.#depth = depth;
    this.#at = start + length + 1;
  }

  /** The same string object for the same name, as far as `internedMax` goes. */
  #nameOf(depth: number): string {
    const bytes = this.#bytes;
    const start = this.#nameStarts[depth] ?? 0;
    const end = this.#nameEnds[depth] ?? 0;
    let hash = end - start;
    for (let i = start; i < end; i += 1) hash = (Math.imul(hash, 31) + (bytes[i] ?? 0)) | 0;
    const known = this.#names.get(hash);
    if (known !== undefined && this.#isAt(known, start, end)) return known;
    const name = bytes.toString('latin1', start, end);
    if (known === undefined && this.#names.size < internedMax) this.#names.set(hash, name);
    return name;
  }

  #isAt(name: string, start: number, end: number): boolean {
    if (name.length !== end - start) return false;
    for (let i = 0; i < name.length; i += 1) {
      if (name.charCodeAt(i) !== this.#bytes[start + i]) return false;
    }
    return true;
  }

  #resolve(text: string, offset: number): string {
    return text.replace(/&([^;&]{0,10};?)/g, (whole, reference: string) => {
      const char = characterOf(reference);
      if (char === null) throw this.#error(offset, `${whole} is no entity, in the text`);
      return char;
    });
  }

  #skipSpace(): void {
    const bytes = this.#bytes;
    let at = this.#at;
    for (; at < bytes.length; at += 1) {
      const byte = bytes[at];
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break;
    }
    this.#at = at;
  }

  /** `<?xml version="1.0"?>`, which qstat prints and pbsnodes does not. */
  #skipProlog(): void {
    this.#skipSpace();
    const start = this.#at;
    const head = this.#bytes.toString('latin1', start, start + 100);
    if (!head.startsWith('<?')) return;
    const declaration = /^<\?xml version="1\.[0-9]"(?: encoding="(?:UTF|utf)-8")? ?\?>/.exec(head)?.[0];
    if (declaration === undefined) throw this.#expected('<?xml version="1.0"?>');
    this.#at = start + declaration.length;
  }

  #badTag(start: number, end: number): XmlError {
    const bytes = this.#bytes;
    if (end >= bytes.length) return this.#truncated();
    if (end === start) return this.#error(start - 1, '"<" begins no element');
    return this.#error(start - 1, 'the tag has more than a name (TORQUE prints no attributes)');
  }

  #expected(what: string): XmlError {
    // A closing tag that is cut off is the end of the document, not a wrong tag.
    const rest = this.#bytes.toString('latin1', this.#at, this.#at + nameBytesMax + 3);
    const wanted = what.startsWith('<') ? what : '</';
    if (this.#at + rest.length === this.#bytes.length && wanted.startsWith(rest)) return this.#truncated();
    return this.#error(this.#at, `${what} was expected`);
  }

  #truncated(): XmlError {
    const open = Array.from({ length: this.#depth }, (_, depth) => `<${this.#nameOf(depth)}>`).join('');
    return this.#error(
      Math.max(0, this.#bytes.length - 30),
      `cut off after ${this.#bytes.length} bytes, within ${open === '' ? 'a tag' : open}; its end`,
    );
  }

  #notUtf8(): XmlError {
    const decoded = decodeUtf8(this.#bytes);
    const offset = decoded.ok ? 0 : decoded.offset;
    return this.#error(offset, 'this is not UTF-8');
  }

  #error(offset: number, what: string): XmlError {
    const piece = quoteBytes(this.#bytes.subarray(offset, offset + 40));
    return new XmlError(`at byte ${offset}: ${what}: ${piece}`);
  }
}

/** `amp;` → `&`; null for what is no character reference of XML. */
function characterOf(reference: string): string | null {
  switch (reference) {
    case 'amp;':
      return '&';
    case 'lt;':
      return '<';
    case 'gt;':
      return '>';
    case 'quot;':
      return '"';
    case 'apos;':
      return "'";
    default:
      return numericCharacterOf(reference);
  }
}

function numericCharacterOf(reference: string): string | null {
  const match = /^#(?:x(?<hex>[0-9a-fA-F]{1,6})|(?<decimal>[0-9]{1,7}));$/.exec(reference);
  if (match === null) return null;
  const { hex, decimal } = match.groups ?? {};
  const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
  const isCharacter = code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
  return isCharacter ? String.fromCodePoint(code) : null;
}
