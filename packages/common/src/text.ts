/**
 * Bytes as text and text in messages. What other programs print is bytes until it has been decoded
 * strictly; what is quoted from it in an error is escaped and cut, so that one bad input can neither
 * flood a log nor play with a terminal.
 */

export type DecodedText =
  | { readonly ok: true; readonly text: string }
  /** `offset` is the first byte that belongs to no complete UTF-8 character. */
  | { readonly ok: false; readonly offset: number };

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Decodes UTF-8 and nothing else: no byte is replaced or dropped, a byte order mark stays. */
export function decodeUtf8(bytes: Uint8Array): DecodedText {
  try {
    return { ok: true, text: strict.decode(bytes) };
  } catch {
    return { ok: false, offset: firstInvalidOffset(bytes) };
  }
}

/**
 * A piece of text for a message, in double quotes: at most `charsMax` characters of it, with control
 * characters, quotes, backslashes and lone surrogates escaped. What was cut is said: `"abc…" (of 4,096)`.
 */
export function quote(text: string, charsMax = 60): string {
  // A cut between the two halves of a pair would make a lone surrogate of the first.
  const cutAt = isHighSurrogate(text.charCodeAt(charsMax - 1)) ? charsMax - 1 : charsMax;
  if (text.length <= charsMax) return `"${escaped(text)}"`;
  return `"${escaped(text.slice(0, cutAt))}…" (of ${text.length} characters)`;
}

/** Like `quote`, for bytes that may not be text: each byte that is not printable ASCII is escaped. */
export function quoteBytes(bytes: Uint8Array, bytesMax = 60): string {
  const head = Array.from(bytes.subarray(0, bytesMax), (byte) => escapedByte(byte)).join('');
  return bytes.length <= bytesMax ? `"${head}"` : `"${head}…" (of ${bytes.length} bytes)`;
}

function escaped(text: string): string {
  return text.replace(/["\\\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, (char) => {
    switch (char) {
      case '"':
      case '\\':
        return `\\${char}`;
      case '\n':
        return '\\n';
      case '\r':
        return '\\r';
      case '\t':
        return '\\t';
      default:
        return `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`;
    }
  });
}

function escapedByte(byte: number): string {
  if (byte === 0x22 || byte === 0x5c) return `\\${String.fromCharCode(byte)}`;
  if (byte >= 0x20 && byte < 0x7f) return String.fromCharCode(byte);
  if (byte === 0x0a) return '\\n';
  return `\\x${byte.toString(16).padStart(2, '0')}`;
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}

/** The decoder says that something is wrong, not where: halve until the longest good prefix is found. */
function firstInvalidOffset(bytes: Uint8Array): number {
  let good = 0;
  let bad = bytes.length;
  while (good < bad) {
    const middle = good + Math.ceil((bad - good) / 2);
    if (isValidPrefix(bytes.subarray(0, middle))) good = middle;
    else bad = middle - 1;
  }
  return startOfLastCharacter(bytes, good);
}

/** Whether the bytes are UTF-8 so far; the last character may still be incomplete. */
function isValidPrefix(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

/** Steps back from `end` over a character that was begun and not completed. */
function startOfLastCharacter(bytes: Uint8Array, end: number): number {
  for (let start = end; start >= Math.max(0, end - 3); start -= 1) {
    try {
      strict.decode(bytes.subarray(0, start));
      return start;
    } catch {
      // One byte further back.
    }
  }
  return end;
}

/** What a caught value says: the message of an error, any other value as text. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
