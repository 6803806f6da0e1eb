/**
 * RecordIO, the framing of Mesos' event streams: each record is its length in decimal digits, a line
 * feed, and that many bytes. Records and network chunks have nothing to do with each other.
 */
import { quoteBytes } from './text.ts';

export interface RecordLimits {
  /** Digits of a length, at the most. */
  readonly headerDigitsMax: number;
  /** Size of a record, at the most; checked before room for it is made. Bytes. */
  readonly recordBytesMax: number;
}

/**
 * Far above what Mesos sends (10,000 offers are about 10 MB) and far below what would hurt us.
 */
export const defaultRecordLimits: RecordLimits = { headerDigitsMax: 10, recordBytesMax: 64 * 1024 * 1024 };

/** The stream does not keep to RecordIO, or to the limits; nothing after this point can be read. */
export class RecordIoError extends Error {
  override readonly name = 'RecordIoError';
}

const lineFeed = 0x0a;
const zero = 0x30;
const nine = 0x39;

type State =
  | { readonly at: 'header' }
  /** The first `filled` bytes of `record` have come. */
  | { readonly at: 'body'; readonly record: Uint8Array; filled: number }
  | { readonly at: 'broken'; readonly error: RecordIoError };

/** Takes a stream in pieces of any size and gives back its records. */
export class RecordDecoder {
  readonly #limits: RecordLimits;
  #state: State = { at: 'header' };
  #header: number[] = [];
  #recordsSoFar = 0;

  constructor(limits: RecordLimits) {
    this.#limits = limits;
  }

  /**
   * The records that this chunk completes, in order. The records do not share memory with the chunk.
   *
   * @throws RecordIoError where the stream breaks the framing or a limit; records of this chunk
   *   before that point are lost with it, and every later call throws the same error.
   */
  push(chunk: Uint8Array): Uint8Array[] {
    const records: Uint8Array[] = [];
    let offset = 0;
    while (offset < chunk.length) {
      const state = this.#state;
      switch (state.at) {
        case 'header':
          offset = this.#readHeader(chunk, offset, records);
          break;
        case 'body':
          offset = this.#readBody(state, chunk, offset, records);
          break;
        case 'broken':
          throw state.error;
      }
    }
    return records;
  }

  /**
   * Says that the stream has ended.
   *
   * @throws RecordIoError when it ended within a record.
   */
  end(): void {
    const state = this.#state;
    switch (state.at) {
      case 'header':
        if (this.#header.length === 0) return;
        throw this.#broken(`stream ended within a record's length, after ${this.#headerQuoted()}`);
      case 'body':
        throw this.#broken(
          `stream ended within a record: ${state.filled} of ${state.record.length} bytes came`,
        );
      case 'broken':
        throw state.error;
    }
  }

  #readHeader(chunk: Uint8Array, start: number, records: Uint8Array[]): number {
    for (let offset = start; offset < chunk.length; offset += 1) {
      const byte = chunk[offset] ?? 0;
      if (byte === lineFeed) {
        this.#beginBody(records);
        return offset + 1;
      }
      this.#header.push(byte);
      if (byte < zero || byte > nine) {
        throw this.#broken(`record length ${this.#headerQuoted()} is not a decimal number`);
      }
      if (this.#header.length > this.#limits.headerDigitsMax) {
        throw this.#broken(
          `record length ${this.#headerQuoted()} has more than ${this.#limits.headerDigitsMax} digits`,
        );
      }
    }
    return chunk.length;
  }

  #beginBody(records: Uint8Array[]): void {
    if (this.#header.length === 0) throw this.#broken('record length "" is empty');
    const bytes = Number(String.fromCharCode(...this.#header));
    if (bytes > this.#limits.recordBytesMax) {
      throw this.#broken(
        `record length ${this.#headerQuoted()} is more than the limit of ${this.#limits.recordBytesMax} bytes`,
      );
    }
    this.#header = [];
    if (bytes === 0) {
      this.#recordsSoFar += 1;
      records.push(new Uint8Array(0));
      return;
    }
    this.#state = { at: 'body', record: new Uint8Array(bytes), filled: 0 };
  }

  #readBody(
    body: Extract<State, { at: 'body' }>,
    chunk: Uint8Array,
    start: number,
    records: Uint8Array[],
  ): number {
    const end = Math.min(chunk.length, start + body.record.length - body.filled);
    body.record.set(chunk.subarray(start, end), body.filled);
    body.filled += end - start;
    if (body.filled === body.record.length) {
      records.push(body.record);
      this.#recordsSoFar += 1;
      this.#state = { at: 'header' };
    }
    return end;
  }

  #headerQuoted(): string {
    return quoteBytes(Uint8Array.from(this.#header), 20);
  }

  #broken(what: string): RecordIoError {
    const error = new RecordIoError(
      `RecordIO stream broken after ${this.#recordsSoFar} records: ${what}; ` +
        'subscribe again, and check that the address is that of Mesos itself and not of a proxy that changes answers',
    );
    this.#state = { at: 'broken', error };
    return error;
  }
}

/** One record as it goes over the wire. */
export function encodeRecord(bytes: Uint8Array): Uint8Array {
  const header = new TextEncoder().encode(`${bytes.length}\n`);
  const record = new Uint8Array(header.length + bytes.length);
  record.set(header);
  record.set(bytes, header.length);
  return record;
}
