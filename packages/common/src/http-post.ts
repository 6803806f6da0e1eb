/**
 * POST and GET over node's own HTTP client, with an end that is always a value: one call whose whole
 * answer is wanted, or one whose answer is a stream that is read as it comes.
 */
import http from 'node:http';
import https from 'node:https';
import type { Clock } from './clock.ts';
import type { Endpoint } from './endpoint.ts';
import { decodeUtf8, quote } from './text.ts';
import { alertProblem, handshakeProblem, tlsOptions, type TlsTrust } from './tls-trust.ts';

export interface GetRequest {
  readonly endpoint: Endpoint;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Counts where the endpoint is `https`. */
  readonly tls: TlsTrust;
}

export interface PostRequest extends GetRequest {
  readonly body: Uint8Array;
}

export type PostResult =
  | { readonly kind: 'answer'; readonly answer: Answer }
  /** No connection was made: the call had no effect. */
  | { readonly kind: 'unreachable'; readonly why: string }
  /** The call was or may have been sent, and no answer came: it may have had its effect. */
  | { readonly kind: 'no-answer'; readonly why: string };

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** For people: the body as one quoted, cut piece; empty for an empty body. */
  readonly said: string;
  /** The same as it came; cut off at `answerBytesMax`. */
  readonly body: Uint8Array;
}

/** Of an answer that is not a stream, this much is read; the rest is left. Bytes. */
const answerBytesMax = 1024 * 1024;

/** Connections of calls are kept and used again; a stream always has one of its own. */
export class HttpPoster {
  readonly #clock: Clock;
  readonly #agents = {
    http: new http.Agent({ keepAlive: true, maxSockets: 8 }),
    https: new https.Agent({ keepAlive: true, maxSockets: 8 }),
  };

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** One call; `timeoutMs` is for all of it, until the answer's end. Never rejects. */
  post(request: PostRequest, timeoutMs: number): Promise<PostResult> {
    return this.#call('POST', request, timeoutMs);
  }

  /** The same for reading. */
  get(request: GetRequest, timeoutMs: number): Promise<PostResult> {
    return this.#call('GET', request, timeoutMs);
  }

  #call(method: Method, request: GetRequest | PostRequest, timeoutMs: number): Promise<PostResult> {
    return new Promise((resolve) => {
      const outgoing = begin(method, request, this.#agents[request.endpoint.scheme]);
      const finish = (result: PostResult): void => {
        cancelTimeout();
        resolve(result);
      };
      const cancelTimeout = this.#clock.after(timeoutMs, () => {
        finish({ kind: 'no-answer', why: `no answer within ${timeoutMs} ms` });
        outgoing.destroy();
      });
      outgoing.on('error', (error) => {
        finish(failure(error));
      });
      outgoing.on('response', (response) => {
        void readAnswer(response).then((answer) => {
          finish({ kind: 'answer', answer });
        });
      });
      outgoing.end(bodyOf(request));
    });
  }

  /** Closes the connections that were kept. */
  close(): void {
    this.#agents.http.destroy();
    this.#agents.https.destroy();
  }
}

export interface StreamHandlers {
  /** The head of an answer with status 200; anything else goes to `onEnd`. */
  readonly onHead: (headers: http.IncomingHttpHeaders) => void;
  readonly onChunk: (chunk: Uint8Array) => void;
  /** Called once, last: unless the stream was closed by us. */
  readonly onEnd: (end: StreamEnd) => void;
}

export type StreamEnd =
  /** The server ended the stream in order. */
  | { readonly kind: 'ended' }
  /** The stream broke off. */
  | { readonly kind: 'broken'; readonly why: string }
  /** There never was a stream. */
  | { readonly kind: 'not-200'; readonly answer: Answer }
  | { readonly kind: 'unreachable'; readonly why: string };

/** Begins a call whose answer is a stream. The returned function closes it; nothing is called after that. */
export function postForStream(request: PostRequest, handlers: StreamHandlers): () => void {
  const outgoing = begin('POST', request, undefined);
  let over = false;
  const end = (how: StreamEnd): void => {
    if (over) return;
    over = true;
    handlers.onEnd(how);
  };
  outgoing.on('error', (error) => {
    const how = failure(error);
    end(
      how.kind === 'unreachable'
        ? { kind: 'unreachable', why: how.why }
        : { kind: 'broken', why: alertProblem(error) ?? error.message },
    );
  });
  outgoing.on('response', (response) => {
    if (response.statusCode !== 200) {
      void readAnswer(response).then((answer) => {
        end({ kind: 'not-200', answer });
      });
      return;
    }
    response.on('error', (error) => {
      end({ kind: 'broken', why: alertProblem(error) ?? error.message });
    });
    response.on('end', () => {
      end({ kind: 'ended' });
    });
    response.on('data', (chunk: Buffer) => {
      if (!over) handlers.onChunk(chunk);
    });
    handlers.onHead(response.headers);
  });
  outgoing.end(request.body);
  return () => {
    over = true;
    outgoing.destroy();
  };
}

type Method = 'GET' | 'POST';

function bodyOf(request: GetRequest | PostRequest): Uint8Array | undefined {
  return 'body' in request ? request.body : undefined;
}

function begin(
  method: Method,
  request: GetRequest | PostRequest,
  agent: http.Agent | undefined,
): http.ClientRequest {
  const { endpoint } = request;
  const length = bodyOf(request)?.length;
  const headers = {
    ...request.headers,
    ...(length === undefined ? {} : { 'Content-Length': String(length) }),
  };
  const options: https.RequestOptions = {
    method,
    path: request.path,
    // `false` is a connection that is not pooled: a stream has one of its own.
    agent: agent ?? false,
  };
  if (endpoint.socketPath === null) {
    Object.assign(options, { host: endpoint.host, port: endpoint.port, headers });
  } else {
    const Host = `${endpoint.host}:${endpoint.port}`;
    Object.assign(options, { socketPath: endpoint.socketPath, headers: { ...headers, Host } });
  }
  const outgoing =
    endpoint.scheme === 'https'
      ? https.request({ ...options, ...tlsOptions(request.tls) })
      : http.request(options);
  // Small messages that somebody waits for.
  outgoing.setNoDelay(true);
  return outgoing;
}

function readAnswer(response: http.IncomingMessage): Promise<Answer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const finish = (): void => {
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        said: saidBy(Buffer.concat(chunks)),
        body: Buffer.concat(chunks),
      });
    };
    response.on('data', (chunk: Buffer) => {
      const taken = chunk.subarray(0, answerBytesMax - bytes);
      chunks.push(taken);
      bytes += taken.length;
      if (bytes >= answerBytesMax) response.destroy();
    });
    response.on('error', finish);
    response.on('close', finish);
    response.on('end', finish);
  });
}

function saidBy(body: Buffer): string {
  if (body.length === 0) return '';
  const decoded = decodeUtf8(body);
  return decoded.ok ? quote(decoded.text.trim(), 300) : `${body.length} bytes that are not text`;
}

/** Errors of a connection that was never made; the call cannot have had an effect. */
const neverConnected = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'ENOENT',
  'EACCES',
]);

function failure(error: NodeJS.ErrnoException): PostResult {
  // Where a name has several addresses, node reports one error that holds those of all.
  const first = error instanceof AggregateError ? (error.errors[0] as NodeJS.ErrnoException) : error;
  const handshake = handshakeProblem(first);
  if (handshake !== null) return { kind: 'unreachable', why: handshake };
  const why = alertProblem(first) ?? (first.message === '' ? String(first.code) : first.message);
  return neverConnected.has(first.code ?? '') ? { kind: 'unreachable', why } : { kind: 'no-answer', why };
}
