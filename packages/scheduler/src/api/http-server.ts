/**
 * The scheduler's small HTTP server: the files that Mesos agents fetch to run the executor, whether we are
 * healthy and ready, and what handlers add to it.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import type { Log } from '@mesos-torque/common/logger.ts';
import type { Artifact } from './artifact.ts';

export interface HttpParts {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Served under `/artifact/<name>`. */
  readonly artifacts: readonly Artifact[];
  /** Whether the process does what it is there for, and if not why: a supervisor may then start it anew. */
  readonly alive: () => Verdict;
  /** Whether plans are being made on fresh readings, and if not why. */
  readonly ready: () => Verdict;
  /** What else is served: asked in turn, until one has answered. */
  readonly handlers: readonly Handler[];
  readonly log: Log;
}

export interface Verdict {
  readonly ok: boolean;
  readonly why: string;
}

/** Answers a request that is its own, and says so; else leaves it to others. */
export type Handler = (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<boolean>;

export interface HttpServer {
  readonly port: number;
  /** Takes no new connections; what is being fetched may be fetched to its end, for at most 5 s. */
  close(): Promise<void>;
}

/**
 * At most so many connections at once. A fetch beyond that is refused and its task fails: an agent takes one,
 * so this is enough for 512 nodes started at once (32 by default).
 */
const connectionsMax = 512;
/**
 * The fetcher of Mesos does not try again: a fetch that breaks off is a failed task. An executor of
 * 42 MB takes 0.4 s at 1 Gbit/s.
 */
const lastFetchesTimeMsMax = 5_000;

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
  const url = urlOf(request);
  if (url === null) {
    text(response, 400, 'the request has no path that can be read');
    return;
  }
  const { pathname } = url;
  const isOurs = ['/artifact/', '/healthz', '/readyz'].some((start) => pathname.startsWith(start));
  for (const handler of isOurs ? [] : parts.handlers) if (await handler(request, response, url)) return;
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    text(response, 405, `${request.method ?? ''} is not possible here; GET is`);
    return;
  }
  const artifact = parts.artifacts.find(({ name }) => pathname === `/artifact/${name}`);
  if (artifact !== undefined) await sendFile(parts, artifact, request, response);
  else if (pathname === '/healthz') sendVerdict(parts.alive(), response);
  else if (pathname === '/readyz') sendVerdict(parts.ready(), response);
  else
    text(
      response,
      404,
      `nothing at ${pathname}; there are /healthz, /readyz, /metrics, /api/v1 and /artifact/NAME`,
    );
}

function urlOf(request: IncomingMessage): URL | null {
  return URL.canParse(request.url ?? '/', 'http://localhost')
    ? new URL(request.url ?? '/', 'http://localhost')
    : null;
}

function sendVerdict({ ok, why }: Verdict, response: ServerResponse): void {
  text(response, ok ? 200 : 503, ok ? 'ok' : why);
}

async function sendFile(
  parts: HttpParts,
  artifact: Artifact,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!(await artifact.isUnchanged())) {
    const why = `${artifact.file} was changed since we started: it is not given out until we are started again`;
    parts.log.error('artifact changed', { name: artifact.name, why });
    text(response, 410, why);
    return;
  }
  response.writeHead(200, {
    'Content-Type': 'application/octet-stream',
    'Content-Length': artifact.bytes,
    // Nothing follows on this connection, and a kept one would hold up our end.
    Connection: 'close',
  });
  if (request.method === 'HEAD') response.end();
  else await pipeline(artifact.read(), response);
}

function text(response: ServerResponse, code: number, body: string): void {
  response.writeHead(code, { 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(`${body}\n`);
}
