/**
 * The scheduler's small HTTP server: the files that Mesos agents fetch to run the executor, and
 * whether we are healthy and ready.
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import type { Log } from '@mesos-torque/common/logger.ts';

/** A file served under `/artifact/<name>`. */
export interface Artifact {
  readonly name: string;
  readonly file: string;
}

export interface HttpParts {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly artifacts: readonly Artifact[];
  /** Whether plans are being made, and if not why. */
  readonly ready: () => { readonly ok: boolean; readonly why: string };
  readonly log: Log;
}

export interface HttpServer {
  readonly port: number;
  /** Takes no new connections; what is being fetched may be fetched to its end, for at most 5 s. */
  close(): Promise<void>;
}

/**
 * At most so many connections at once. A fetch beyond that is refused and its task fails: an agent takes one
 * for each of two files, so this is enough for 256 nodes started at once (32 by default).
 */
const connectionsMax = 512;
/**
 * The fetcher of Mesos does not try again: a fetch that breaks off is a failed task. The runtime of
 * 120 MB takes 1 s at 1 Gbit/s.
 */
const lastFetchesTimeMsMax = 5_000;
/** The runtime has 120 MB; small pieces cost more time than the network. */
const chunkBytes = 1024 * 1024;

export async function serveHttp(parts: HttpParts): Promise<HttpServer> {
  const server = createServer((request, response) => {
    answer(parts, request, response).catch((error: unknown) => {
      parts.log.warn('http answer failed', { url: request.url ?? '', error: String(error) });
      response.destroy();
    });
  });
  server.maxConnections = connectionsMax;
  await listen(server, parts);
  return {
    port: (server.address() as AddressInfo).port,
    close: () => closed(server),
  };
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const limit = setTimeout(() => {
      server.closeAllConnections();
    }, lastFetchesTimeMsMax);
    server.close(() => {
      clearTimeout(limit);
      resolve();
    });
  });
}

function listen(server: Server, parts: HttpParts): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      reject(new Error(`http: listening on ${parts.host}:${String(parts.port)}: ${error.message}`));
    });
    server.listen(parts.port, parts.host, resolve);
  });
}

async function answer(parts: HttpParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    text(response, 405, `${request.method ?? ''} is not possible here; GET is`);
    return;
  }
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  const artifact = parts.artifacts.find(({ name }) => pathname === `/artifact/${name}`);
  if (artifact !== undefined) await sendFile(artifact, request, response);
  else if (pathname === '/healthz') text(response, 200, 'ok');
  else if (pathname === '/readyz') sendReadiness(parts, response);
  else text(response, 404, `nothing at ${pathname}; there are /healthz, /readyz and /artifact/NAME`);
}

function sendReadiness(parts: HttpParts, response: ServerResponse): void {
  const { ok, why } = parts.ready();
  text(response, ok ? 200 : 503, ok ? 'ok' : why);
}

async function sendFile(
  artifact: Artifact,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { size } = await stat(artifact.file);
  response.writeHead(200, {
    'Content-Type': 'application/octet-stream',
    'Content-Length': size,
    // Nothing follows on this connection, and a kept one would hold up our end.
    Connection: 'close',
  });
  if (request.method === 'HEAD') response.end();
  else await pipeline(createReadStream(artifact.file, { highWaterMark: chunkBytes }), response);
}

function text(response: ServerResponse, code: number, body: string): void {
  response.writeHead(code, { 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(`${body}\n`);
}
