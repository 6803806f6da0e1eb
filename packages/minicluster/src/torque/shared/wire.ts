/**
 * How the stand-in's programs talk: one JSON value per line over TCP on the loopback, a request and
 * its reply. Private to the stand-in; TORQUE's own protocol is not spoken.
 */
import net from 'node:net';
import { messageOf } from '@mesos-torque/common/text.ts';

/** Bounds a reply: the outputs of 40,000 jobs are about 60 MB. */
const replyBytesMax = 256 * 1024 * 1024;
const requestBytesMax = 8 * 1024 * 1024;

export interface Address {
  readonly host: string;
  readonly port: number;
}

export type Reply<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'refused'; readonly code: number; readonly text: string }
  /** Nobody answered: `code` is errno's number and `text` its words. */
  | { readonly kind: 'unreachable'; readonly code: number; readonly text: string };

/** A refusal to be sent as it is; any other error thrown by a handler is the stand-in's own fault. */
export class Refusal extends Error {
  readonly code: number;
  constructor(code: number, text: string) {
    super(text);
    this.code = code;
  }
}

/** Sends one request and waits for its reply; never rejects. */
export function request<T>(to: Address, body: unknown, timeoutMs: number): Promise<Reply<T>> {
  return new Promise((resolve) => {
    const socket = net.connect({ host: to.host, port: to.port, noDelay: true });
    const reader = new LineReader(replyBytesMax);
    const finish = (reply: Reply<T>): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(reply);
    };
    const timer = setTimeout(() => {
      finish({ kind: 'unreachable', code: 110, text: 'Connection timed out' });
    }, timeoutMs);
    socket.on('connect', () => socket.write(`${JSON.stringify(body)}\n`));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      finish(
        error.code === 'ECONNREFUSED'
          ? { kind: 'unreachable', code: 111, text: 'Connection refused' }
          : { kind: 'unreachable', code: 104, text: 'Connection reset by peer' },
      );
    });
    socket.on('close', () => {
      finish({ kind: 'unreachable', code: 104, text: 'Connection reset by peer' });
    });
    socket.on('data', (chunk: Buffer) => {
      const line = reader.push(chunk)[0];
      if (line !== undefined) finish(JSON.parse(line) as Reply<T>);
    });
  });
}

export interface Listener {
  readonly port: number;
  /** New connections are refused from here on; those that are open stay. */
  stopListening(): void;
  close(): Promise<void>;
}

/** Told about one connection: who is at the other end stays unknown, messages can be sent at any time. */
export interface Connection {
  send(message: unknown): void;
  onClose(then: () => void): void;
}

/** Answers every request with what `handle` gives or throws. Rejects when the port cannot be opened. */
export function serve(
  at: Address,
  handle: (body: unknown, connection: Connection) => Promise<unknown>,
): Promise<Listener> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    answerRequests(socket, handle);
    socket.on('close', () => sockets.delete(socket));
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: at.host, port: at.port, backlog: 1024 }, () => {
      const address = server.address();
      resolve({
        port: typeof address === 'object' && address !== null ? address.port : at.port,
        stopListening: () => {
          if (server.listening) server.close();
        },
        close: () =>
          new Promise((closed) => {
            if (server.listening) server.close();
            for (const socket of sockets) socket.destroy();
            if (sockets.size === 0) closed();
            else {
              server.once('close', () => {
                closed();
              });
            }
          }),
      });
    });
  });
}

function answerRequests(
  socket: net.Socket,
  handle: (body: unknown, connection: Connection) => Promise<unknown>,
): void {
  const reader = new LineReader(requestBytesMax);
  const send = (message: unknown): void => {
    if (!socket.destroyed) socket.write(`${JSON.stringify(message)}\n`);
  };
  const connection: Connection = { send, onClose: (then) => socket.on('close', then) };
  let last = Promise.resolve();
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    try {
      for (const line of reader.push(chunk)) {
        const body: unknown = JSON.parse(line);
        // Requests of one connection are answered in their order.
        last = last.then(() => answer(body, connection, handle));
      }
    } catch {
      socket.destroy();
    }
  });
}

async function answer(
  body: unknown,
  connection: Connection,
  handle: (body: unknown, connection: Connection) => Promise<unknown>,
): Promise<void> {
  try {
    connection.send({ kind: 'ok', value: (await handle(body, connection)) ?? null });
  } catch (error) {
    const code = error instanceof Refusal ? error.code : 15012;
    connection.send({ kind: 'refused', code, text: messageOf(error) });
  }
}

/** Cuts bytes into lines; throws when a line grows beyond `bytesMax`. */
export class LineReader {
  readonly #bytesMax: number;
  #parts: Buffer[] = [];
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  push(chunk: Buffer): string[] {
    const lines: string[] = [];
    let rest = chunk;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      lines.push(Buffer.concat([...this.#parts, rest.subarray(0, end)]).toString('utf8'));
      this.#parts = [];
      this.#bytes = 0;
      rest = rest.subarray(end + 1);
    }
    if (rest.length > 0) this.#parts.push(rest);
    this.#bytes += rest.length;
    if (this.#bytes > this.#bytesMax) throw new Error(`a line of more than ${this.#bytesMax} bytes`);
    return lines;
  }
}
