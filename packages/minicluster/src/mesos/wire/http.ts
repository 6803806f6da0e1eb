/** What master and agent share of HTTP: reading bodies, agreeing on formats, and plain answers. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { unreachable } from '@mesos-torque/common/units.ts';
import { mediaTypes, type WireFormat } from './codec.ts';

/** What a request is answered with. A stream's head and body are its own affair. */
export type Reply =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'ok' }
  | { readonly kind: 'json'; readonly text: string }
  | { readonly kind: 'redirect'; readonly location: string }
  | { readonly kind: 'refused'; readonly status: number; readonly text: string }
  | { readonly kind: 'stream'; readonly open: (response: ServerResponse) => void };

export const accepted: Reply = { kind: 'accepted' };
export const ok: Reply = { kind: 'ok' };
export const notFound: Reply = { kind: 'refused', status: 404, text: '404 Not Found.' };

export function refused(status: number, text: string): Reply {
  return { kind: 'refused', status, text };
}

export function badRequest(text: string): Reply {
  return refused(400, text);
}

export function methodNotAllowed(received: string, expected: string): Reply {
  return refused(
    405,
    `405 Method Not Allowed. Expecting one of { '${expected}' }, but received '${received}'.`,
  );
}

export function send(reply: Reply, response: ServerResponse): void {
  switch (reply.kind) {
    case 'accepted':
      response.writeHead(202, { 'Content-Length': 0 }).end();
      return;
    case 'ok':
      response.writeHead(200, { 'Content-Length': 0 }).end();
      return;
    case 'json':
      sendText(response, 200, mediaTypes.json, reply.text);
      return;
    case 'redirect':
      response.writeHead(307, { Location: reply.location, 'Content-Length': 0 }).end();
      return;
    case 'refused':
      if (reply.status === 405) response.setHeader('Allow', 'POST');
      sendText(response, reply.status, 'text/plain; charset=utf-8', reply.text);
      return;
    case 'stream':
      reply.open(response);
      return;
    default:
      unreachable(reply);
  }
}

function sendText(response: ServerResponse, status: number, contentType: string, text: string): void {
  const body = Buffer.from(text);
  response.writeHead(status, { 'Content-Type': contentType, 'Content-Length': body.length }).end(body);
}

export type Body =
  | { readonly kind: 'whole'; readonly bytes: Buffer }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'broken-off' };

/** Reads a body up to `bytesMax`. Never rejects. */
export async function readBody(request: IncomingMessage, bytesMax: number): Promise<Body> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request) {
      size += (chunk as Buffer).length;
      if (size > bytesMax) return { kind: 'too-large' };
      chunks.push(chunk as Buffer);
    }
  } catch {
    return { kind: 'broken-off' };
  }
  return { kind: 'whole', bytes: Buffer.concat(chunks) };
}

/** The format of a request's body; Mesos takes no parameters: `application/json; charset=utf-8` is refused. */
export function requestFormat(request: IncomingMessage): WireFormat | Reply {
  const contentType = request.headers['content-type'];
  if (contentType === undefined) return badRequest("Expecting 'Content-Type' to be present");
  if (contentType === mediaTypes.json) return 'json';
  if (contentType === mediaTypes.protobuf) return 'protobuf';
  return refused(415, `Expecting 'Content-Type' of ${mediaTypes.json} or ${mediaTypes.protobuf}`);
}

/** The format of the answer: JSON wherever the client takes it, whatever it prefers. */
export function answerFormat(request: IncomingMessage): WireFormat | Reply {
  const accept = request.headers.accept;
  if (accept === undefined) return 'json';
  const ranges = accept.split(',').map((range) => range.split(';')[0]?.trim() ?? '');
  if (ranges.some((range) => range === '*/*' || range === 'application/*' || range === mediaTypes.json))
    return 'json';
  if (ranges.includes(mediaTypes.protobuf)) return 'protobuf';
  return refused(406, `Expecting 'Accept' to allow '${mediaTypes.protobuf}' or '${mediaTypes.json}'`);
}

export type Handler = (request: IncomingMessage) => Promise<Reply>;

export interface Listening {
  readonly port: number;
  /** Ends every connection and waits until the port is free again. */
  close(): Promise<void>;
}

/** Serves `handler` on `host:port` (0: any free port). Rejects when the port cannot be had. */
export async function listen(
  handler: Handler,
  host: string,
  port: number,
  onBug: (error: unknown) => void,
): Promise<Listening> {
  const server = createServer((request, response) => {
    handler(request).then(
      (reply) => {
        send(reply, response);
      },
      (error: unknown) => {
        onBug(error);
        if (!response.headersSent) send(refused(500, 'Internal Server Error'), response);
      },
    );
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return { port: (server.address() as AddressInfo).port, close: () => closeServer(server) };
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}
