/**
 * Texts and larger pieces of XML that were met before. The same owners, queues, times and resource lists
 * come again and again in a queue: they are recognised by their bytes, so that they cost neither a new
 * string nor another reading, and equal values are one object.
 */

const textSlots = 2048;
const textBytesMax = 128;

/** Short texts, each in the one place that its bytes point to; a newcomer takes it over. */
export class KnownTexts {
  readonly #bytes = new Uint8Array(textSlots * textBytesMax);
  /** 0 where the place is free: the empty text needs none. */
  readonly #lengths = new Uint8Array(textSlots);
  readonly #texts: string[] = Array.from({ length: textSlots }, () => '');

  /** The plain ASCII text from `start` to `end`; `hash` is made of its bytes in some way, always the same. */
  textOf(bytes: Buffer, start: number, end: number, hash: number): string {
    const length = end - start;
    if (length === 0) return '';
    if (length > textBytesMax) return bytes.toString('latin1', start, end);
    const slot = (hash ^ (hash >>> 15)) & (textSlots - 1);
    if (this.#lengths[slot] === length && this.#isIn(slot, bytes, start, length)) {
      return this.#texts[slot] ?? '';
    }
    const text = bytes.toString('latin1', start, end);
    const from = slot * textBytesMax;
    for (let i = 0; i < length; i += 1) this.#bytes[from + i] = bytes[start + i] ?? 0;
    this.#lengths[slot] = length;
    this.#texts[slot] = text;
    return text;
  }

  #isIn(slot: number, bytes: Uint8Array, start: number, length: number): boolean {
    const known = this.#bytes;
    const from = slot * textBytesMax;
    for (let i = 0; i < length; i += 1) if (known[from + i] !== bytes[start + i]) return false;
    return true;
  }
}

const piecesMax = 8192;
const pieceBytesMax = 4096;

/** Values that were read of pieces of XML, by the pieces' bytes. When there are too many, all are forgotten. */
export class KnownPieces<T> {
  readonly #known = new Map<number, { readonly bytes: Uint8Array; readonly value: T }>();

  find(bytes: Uint8Array, start: number, end: number): T | undefined {
    const piece = this.#known.get(hashOf(bytes, start, end));
    return piece !== undefined && isSame(piece.bytes, bytes, start, end) ? piece.value : undefined;
  }

  add(bytes: Uint8Array, start: number, end: number, value: T): void {
    if (end - start > pieceBytesMax) return;
    if (this.#known.size >= piecesMax) this.#known.clear();
    this.#known.set(hashOf(bytes, start, end), { bytes: Uint8Array.from(bytes.subarray(start, end)), value });
  }
}

function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = end - start;
  for (let at = start; at < end; at += 1) hash = (Math.imul(hash, 31) + (bytes[at] ?? 0)) | 0;
  return hash;
}

function isSame(known: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (known.length !== end - start) return false;
  for (let i = 0; i < known.length; i += 1) if (known[i] !== bytes[start + i]) return false;
  return true;
}

/** The text with its entities and character references resolved; `refuse` is told of what is none. */
export function resolveEntities(text: string, refuse: (wrong: string) => never): string {
  if (!text.includes('&')) return text;
  return text.replace(
    /&([^;&]{0,10};?)/g,
    (whole, reference: string) => characterOf(reference) ?? refuse(whole),
  );
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
