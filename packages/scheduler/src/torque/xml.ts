/**
 * A strict reader for the flat XML that TORQUE prints (`qstat -x`, `pbsnodes -x`): elements without
 * attributes, text, the five named entities and character references. TORQUE prints nothing else, so
 * attributes, comments, CDATA and declarations are refused rather than skipped.
 *
 * It walks over the bytes once and makes strings only of what is asked for: of the 1.4 kB that 6.1.3
 * prints per job, less than a tenth is wanted. Text of elements that are skipped is not looked into.
 * Records of one kind have their elements in the same order, so each tag is first compared with the one
 * that followed the last time, and only read letter by letter when it differs.
 */
import { isUtf8 } from 'node:buffer';
import { decodeUtf8, quoteBytes } from '@mesos-torque/common/text.ts';
import { KnownPieces, KnownTexts, resolveEntities } from './xml-texts.ts';

/** What was wrong, where, and the piece itself. Thrown by the reader, caught where a document is parsed. */
export class XmlError extends Error {
  override readonly name = 'XmlError';
}

/** 6.1.3 nests three deep (Data, Job, Resource_List, mem). */
const depthMax = 8;
const nameBytesMax = 128;
/** A job's variable list is its user's whole environment under `qsub -V`. */
const textBytesMax = 16 * 1024 * 1024;
/** Tags that are remembered; 6.1.3 knows about 150. Those beyond are read each time. */
const tagsMax = 1024;

const lessThan = 0x3c;
const greaterThan = 0x3e;
const slash = 0x2f;
const ampersand = 0x26;

/** Bytes that an element's name is made of: letters, digits, `_`, `-`, `.` (`task_count.0`). */
const isNameByte = Uint8Array.from({ length: 256 }, (_, byte) =>
  /[A-Za-z0-9_.-]/.test(String.fromCharCode(byte)) ? 1 : 0,
);

interface Tag {
  readonly name: string;
  /** `<name>` */
  readonly opening: Uint8Array;
  /** `</name>` */
  readonly closing: Uint8Array;
  readonly isWanted: boolean;
  /** The tag that was opened after this one the last time. */
  next: Tag | null;
}

/**
 * A cursor in the document, which comes in pieces: `load` gives the next one, once the last has been read
 * to its end. A piece may end between elements only, except for the last one.
 *
 * `enter` steps into the next element within the present one; what was entered is left by `text`, by
 * `recall`, by `skip`, or by the `enter` that returns false:
 *
 *     while (xml.enter()) {
 *       if (xml.name === 'Job_Id') id = xml.text();
 *       else xml.skip();
 *     }
 */
export class XmlReader {
  #bytes: Buffer = Buffer.alloc(0);
  /** Where the piece begins in the document. */
  #base = 0;
  #at = 0;
  readonly #open: Tag[] = [];
  readonly #tags = new Map<string, Tag>();
  /** The tag that was opened last. */
  #last: Tag = tagOf('', false);
  readonly #texts = new KnownTexts();
  readonly #wanted: ReadonlySet<string>;

  /** `wanted`: the names that `enterWanted` stops at. */
  constructor(wanted: readonly string[] = []) {
    this.#wanted = new Set(wanted);
  }

  /** Goes on with the next piece of the document. */
  load(bytes: Uint8Array): void {
    this.#base += this.#bytes.length;
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = 0;
    if (!isUtf8(bytes)) throw this.#notUtf8();
  }

  /** Whether nothing is left of the piece but white space. */
  atEnd(): boolean {
    this.#skipSpace();
    return this.#at === this.#bytes.length;
  }

  /** Where the reader stands in the piece, for errors about what was just read. */
  get offset(): number {
    return this.#at;
  }

  /** The name of the element entered last. */
  get name(): string {
    return this.#last.name;
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
    this.#enterTag();
    return true;
  }

  /** Steps into the next element that is wanted, and passes over others; otherwise like `enter`. */
  enterWanted(): boolean {
    for (;;) {
      this.#passUnwanted();
      if (!this.enter()) return false;
      if (this.#last.isWanted) return true;
      this.skip();
    }
  }

  /** Goes on as long as the tags are those of the last time, not wanted, and with mere text within. */
  #passUnwanted(): void {
    const bytes = this.#bytes;
    let at = this.#at;
    let last = this.#last;
    for (;;) {
      const { next } = last;
      if (next === null || next.isWanted || !isAt(bytes, at, next.opening)) break;
      const end = endOfText(bytes, at + next.opening.length);
      if (!isAt(bytes, end, next.closing)) break;
      at = end + next.closing.length;
      last = next;
    }
    this.#at = at;
    this.#last = last;
  }

  /** The text of the element just entered, entities resolved; leaves it. Elements within are an error. */
  text(): string {
    const bytes = this.#bytes;
    const { length } = bytes;
    const start = this.#at;
    let hash = 0;
    let seen = 0;
    let end = start;
    for (; end < length; end += 1) {
      const byte = bytes[end] ?? 0;
      if (byte === lessThan) break;
      // A reference needs decoding as much as what is beyond ASCII does.
      seen |= byte === ampersand ? 0x80 : byte;
      hash = (Math.imul(hash, 31) + byte) | 0;
    }
    this.#at = end;
    if (end - start > textBytesMax) {
      throw this.#error(start, `the text of <${this.name}> is longer than ${textBytesMax} bytes`);
    }
    if (end < length && bytes[end + 1] !== slash) throw this.#expected(`</${this.name}>`);
    const text = seen < 0x80 ? this.#texts.textOf(bytes, start, end, hash) : this.#decode(start, end);
    this.#leave();
    return text;
  }

  /** Leaves the element just entered without looking at what it holds. */
  skip(): void {
    const bytes = this.#bytes;
    const target = this.#open.length - 1;
    while (this.#open.length > target) {
      const at = endOfText(bytes, this.#at);
      this.#at = at;
      if (bytes[at + 1] === slash) this.#leave();
      else this.#enterTag();
    }
  }

  /**
   * What `read` makes of the element just entered, which it must leave. An element of the same bytes
   * that is in `known` gives the same value again without being read.
   */
  recall<T>(known: KnownPieces<T>, read: () => T): T {
    const start = this.#at;
    const tag = this.#last;
    this.skip();
    const end = this.#at;
    const found = known.find(this.#bytes, start, end);
    if (found !== undefined) return found;
    this.#at = start;
    this.#last = tag;
    this.#open.push(tag);
    const value = read();
    known.add(this.#bytes, start, end, value);
    return value;
  }

  /** `<?xml version="1.0"?>`, which qstat prints and pbsnodes does not. */
  skipProlog(): void {
    this.#skipSpace();
    const start = this.#at;
    const head = this.#bytes.toString('latin1', start, start + 100);
    if (!head.startsWith('<?')) return;
    const declaration = /^<\?xml version="1\.[0-9]"(?: encoding="(?:UTF|utf)-8")? ?\?>/.exec(head)?.[0];
    if (declaration === undefined) throw this.#expected('<?xml version="1.0"?>');
    this.#at = start + declaration.length;
  }

  /** An error about the element or text that began at `offset`. */
  errorAt(offset: number, what: string): XmlError {
    return this.#error(offset, what);
  }

  /** `<name>`: pushes it. */
  #enterTag(): void {
    const guess = this.#last.next;
    const isGuessed = guess !== null && isAt(this.#bytes, this.#at, guess.opening);
    const tag = isGuessed ? guess : this.#readTag();
    if (this.#open.length === depthMax) {
      throw this.#error(this.#at, `more than ${depthMax} elements in each other`);
    }
    if (!isGuessed) this.#last.next = tag;
    this.#last = tag;
    this.#open.push(tag);
    this.#at += tag.opening.length;
  }

  #readTag(): Tag {
    const bytes = this.#bytes;
    const start = this.#at + 1;
    let end = start;
    while (isNameByte[bytes[end] ?? 0] === 1) end += 1;
    if (end === start || bytes[end] !== greaterThan) throw this.#badTag(start, end);
    if (end - start > nameBytesMax) throw this.#error(this.#at, 'the name of an element is too long');
    const name = bytes.toString('latin1', start, end);
    const known = this.#tags.get(name);
    if (known !== undefined) return known;
    const tag = tagOf(name, this.#wanted.has(name));
    if (this.#tags.size < tagsMax) this.#tags.set(tag.name, tag);
    return tag;
  }

  /** `</name>` of the present element: pops it. */
  #leave(): void {
    const tag = this.#open.at(-1);
    if (tag === undefined) throw this.#error(this.#at, 'a closing tag without its opening one');
    if (!isAt(this.#bytes, this.#at, tag.closing)) throw this.#expected(`</${tag.name}>`);
    this.#open.pop();
    this.#at += tag.closing.length;
  }

  #decode(start: number, end: number): string {
    const text = this.#bytes.toString('utf8', start, end);
    return resolveEntities(text, (wrong) => {
      throw this.#error(start, `${wrong} is no entity, in the text`);
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

  #badTag(start: number, end: number): XmlError {
    if (end >= this.#bytes.length) return this.#truncated();
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
    const open = this.#open.map(({ name }) => `<${name}>`).join('');
    const end = this.#bytes.length;
    return this.#error(
      Math.max(0, end - 30),
      `cut off after ${this.#base + end} bytes, within ${open === '' ? 'a tag' : open}; its end`,
    );
  }

  #notUtf8(): XmlError {
    const decoded = decodeUtf8(this.#bytes);
    return this.#error(decoded.ok ? 0 : decoded.offset, 'this is not UTF-8');
  }

  #error(offset: number, what: string): XmlError {
    const piece = quoteBytes(this.#bytes.subarray(offset, offset + 40));
    return new XmlError(`at byte ${this.#base + offset}: ${what}: ${piece}`);
  }
}

function tagOf(name: string, isWanted: boolean): Tag {
  // As a key of an object the name is one of the engine's unique strings, which compare by identity.
  const [unique = name] = Object.keys({ [name]: null });
  const [opening, closing] = [bytesOf(`<${name}>`), bytesOf(`</${name}>`)];
  return { name: unique, opening, closing, isWanted, next: null };
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text));
}

/** Where the text that begins at `start` ends: at the next tag, or with the bytes. */
function endOfText(bytes: Uint8Array, start: number): number {
  const end = bytes.length;
  let at = start;
  while (at < end && bytes[at] !== lessThan) at += 1;
  return at;
}

/** Whether `wanted` stands there. */
export function isAt(bytes: Uint8Array, at: number, wanted: Uint8Array): boolean {
  const { length } = wanted;
  for (let i = 0; i < length; i += 1) if (bytes[at + i] !== wanted[i]) return false;
  return true;
}
