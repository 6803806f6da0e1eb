/** The two encodings that Mesos speaks: protobuf, and JSON for looking at the wire with one's own eyes. */
import { decodeUtf8, messageOf, quote, quoteBytes } from './text.ts';

export const encodings = ['protobuf', 'json'] as const;
export type Encoding = (typeof encodings)[number];

/** Mesos takes these two to the letter; 1.12 answers 415 to `application/json; charset=utf-8`. */
export type MesosContentType = 'application/x-protobuf' | 'application/json';

export function contentTypeOf(encoding: Encoding): MesosContentType {
  switch (encoding) {
    case 'protobuf':
      return 'application/x-protobuf';
    case 'json':
      return 'application/json';
  }
}

/** What the generated code offers for a message. */
export interface MessageCodec<T> {
  encode(message: T): { finish(): Uint8Array };
  decode(bytes: Uint8Array): T;
  toJSON(message: T): unknown;
  fromJSON(object: unknown): T;
}

export type DecodedMessage<T> =
  | {
      readonly ok: true;
      readonly message: T;
      /** In JSON, `type` as it was written, which the message has lost when it is one we do not know. */
      readonly typeText: string | null;
    }
  | { readonly ok: false; readonly why: string };

export function encodeMessage<T>(codec: MessageCodec<T>, message: T, encoding: Encoding): Uint8Array {
  switch (encoding) {
    case 'protobuf':
      return codec.encode(message).finish();
    case 'json':
      return new TextEncoder().encode(JSON.stringify(codec.toJSON(message)));
  }
}

/** Whether required fields are there is not looked at here; what cannot be read at all is said. */
export function decodeMessage<T>(
  codec: MessageCodec<T>,
  bytes: Uint8Array,
  encoding: Encoding,
): DecodedMessage<T> {
  switch (encoding) {
    case 'protobuf':
      return decodeProtobuf(codec, bytes);
    case 'json':
      return decodeJson(codec, bytes);
  }
}

function decodeProtobuf<T>(codec: MessageCodec<T>, bytes: Uint8Array): DecodedMessage<T> {
  try {
    return { ok: true, message: codec.decode(bytes), typeText: null };
  } catch (error) {
    return { ok: false, why: `not a protobuf message: ${reasonOf(error)}: ${quoteBytes(bytes, 40)}` };
  }
}

function decodeJson<T>(codec: MessageCodec<T>, bytes: Uint8Array): DecodedMessage<T> {
  const decoded = decodeUtf8(bytes);
  if (!decoded.ok) {
    return { ok: false, why: `not UTF-8 at byte ${decoded.offset}: ${quoteBytes(bytes, 40)}` };
  }
  try {
    const object: unknown = JSON.parse(decoded.text);
    if (typeof object !== 'object' || object === null || Array.isArray(object)) {
      return { ok: false, why: `not a JSON object: ${quote(decoded.text, 80)}` };
    }
    const { type } = object as { type?: unknown };
    return {
      ok: true,
      message: codec.fromJSON(object),
      typeText: typeof type === 'string' ? type : null,
    };
  } catch (error) {
    return { ok: false, why: `not JSON of this kind: ${reasonOf(error)}: ${quote(decoded.text, 80)}` };
  }
}

function reasonOf(error: unknown): string {
  return messageOf(error);
}
