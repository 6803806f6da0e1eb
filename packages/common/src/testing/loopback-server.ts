/** A small HTTP server on the loopback for tests: it records what it is asked and plays what it is told. */
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TlsOptions } from 'node:tls';
import type { Endpoint } from '../endpoint.ts';

export interface Received {
  readonly path: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Answers one request; the body has been read. */
export type Answerer = (received: Received, response: http.ServerResponse) => void;

export class LoopbackServer {
  readonly received: Received[] = [];
  readonly #scheme: Endpoint['scheme'];
  readonly #server: http.Server | https.Server;
  #answer: Answerer = (_received, response) => {
    response.writeHead(404).end();
  };

  private constructor(tls: TlsOptions | null) {
    const take: http.RequestListener = (request, response) => {
      void this.#take(request, response);
    };
    this.#scheme = tls === null ? 'http' : 'https';
    this.#server = tls === null ? http.createServer(take) : https.createServer(tls, take);
  }

  /** `where` is a path for a unix socket; left out, a free port of the loopback is taken. */
  static async start(answer: Answerer, where?: string): Promise<LoopbackServer> {
    const server = new LoopbackServer(null);
    server.#answer = answer;
    if (where === undefined) server.#server.listen(0, '127.0.0.1');
    else server.#server.listen(where);
    await once(server.#server, 'listening');
    return server;
  }

  /** The same over TLS, on a free port of the loopback. */
  static async startTls(answer: Answerer, tls: TlsOptions): Promise<LoopbackServer> {
    const server = new LoopbackServer(tls);
    server.#answer = answer;
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get endpoint(): Endpoint {
    const { port } = this.#server.address() as AddressInfo;
    return { scheme: this.#scheme, host: '127.0.0.1', port, socketPath: null };
  }

  /** From now on this is how requests are answered. */
  answerWith(answer: Answerer): void {
    this.#answer = answer;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #take(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const received = { path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks) };
    this.received.push(received);
    this.#answer(received, response);
  }
}
