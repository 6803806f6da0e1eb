/** A client that sends what it is told and keeps what comes, without understanding either. */
import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { RecordDecoder } from '@mesos-torque/common/recordio.ts';

export interface RawAnswer {
  readonly status: number;
  readonly body: string;
}

export interface RawRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type JsonEvent = { readonly type: string } & Readonly<Record<string, unknown>>;

/** An answer that goes on: its records as they come. */
export interface RawStream {
  readonly status: number;
  readonly streamId: string | null;
  readonly events: JsonEvent[];
  /** Set when the answer is over: `end` after its last chunk, `broken` before. */
  over: 'end' | 'broken' | null;
  close(): void;
}

export async function send(given: RawRequest): Promise<RawAnswer> {
  const { request: sent, response } = await open(given);
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  sent.destroy();
  return { status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') };
}

export async function openStream(given: RawRequest): Promise<RawStream> {
  const { request: sent, response } = await open(given);
  const decoder = new RecordDecoder({ headerDigitsMax: 10, recordBytesMax: 16 * 1024 * 1024 });
  const streamId = response.headers['mesos-stream-id'];
  const stream: RawStream = {
    status: response.statusCode ?? 0,
    streamId: typeof streamId === 'string' ? streamId : null,
    events: [],
    over: null,
    close: () => {
      sent.destroy();
    },
  };
  response.on('data', (chunk: Buffer) => {
    // A refusal is plain text.
    if (response.statusCode !== 200) return;
    for (const record of decoder.push(chunk)) {
      stream.events.push(JSON.parse(Buffer.from(record).toString('utf8')) as JsonEvent);
    }
  });
  response.on('end', () => {
    stream.over ??= 'end';
  });
  response.on('error', () => undefined);
  response.on('close', () => {
    stream.over ??= 'broken';
  });
  return stream;
}

function open({
  url,
  method,
  headers,
  body,
}: RawRequest): Promise<{ request: ClientRequest; response: IncomingMessage }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, agent: false }, (response) => {
      resolve({ request: sent, response });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Waits for a condition; fails with what was waited for when it does not come true. */
export async function until(what: () => string, holds: () => boolean, withinMs = 10_000): Promise<void> {
  const endMs = Date.now() + withinMs;
  while (!holds()) {
    if (Date.now() > endMs) throw new Error(`not within ${withinMs} ms: ${what()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
