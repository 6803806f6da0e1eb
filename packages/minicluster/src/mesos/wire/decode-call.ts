/** The first steps with every call, at master and agent alike: method, format, body, message. */
import { type IncomingMessage } from 'node:http';
import { type Codec } from './codec.ts';
import { badRequest, methodNotAllowed, readBody, refused, requestFormat, type Reply } from './http.ts';
import { BadBody } from './json-read.ts';

export type Decoded<T> =
  { readonly kind: 'call'; readonly call: T } | { readonly kind: 'refused'; readonly reply: Reply };

export async function decodeCall<T extends object>(
  request: IncomingMessage,
  codec: Codec<T>,
  bodyBytesMax: number,
): Promise<Decoded<T>> {
  const method = request.method ?? '';
  if (method !== 'POST') return no(methodNotAllowed(method, 'POST'));
  const format = requestFormat(request);
  if (typeof format !== 'string') return no(format);
  const body = await readBody(request, bodyBytesMax);
  switch (body.kind) {
    case 'too-large':
      return no(refused(413, `A body may have ${bodyBytesMax} bytes at the most`));
    case 'broken-off':
      return no(badRequest('The body broke off'));
    case 'whole':
      return decodeBody(codec, format, body.bytes);
  }
}

function decodeBody<T extends object>(
  codec: Codec<T>,
  format: 'json' | 'protobuf',
  bytes: Buffer,
): Decoded<T> {
  try {
    return { kind: 'call', call: codec.decode(format, bytes) };
  } catch (error) {
    if (error instanceof BadBody) return no(badRequest(error.message));
    throw error;
  }
}

function no(reply: Reply): { readonly kind: 'refused'; readonly reply: Reply } {
  return { kind: 'refused', reply };
}
