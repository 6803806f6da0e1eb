/** TLS before a server that speaks none: what comes in is decrypted and handed on, byte by byte. It wants a certificate of whoever comes. */
import { connect, type AddressInfo, type Socket } from 'node:net';
import { createServer, type TlsOptions } from 'node:tls';

export interface TlsFront {
  readonly port: number;
  /** Connections that were made and trusted. */
  trusted(): number;
  close(): Promise<void>;
}

/** `target`: the port on loopback of the server behind, asked for at each connection. */
export async function tlsFront(options: TlsOptions, target: () => number): Promise<TlsFront> {
  const open = new Set<Socket>();
  let trusted = 0;
  const server = createServer({ ...options, requestCert: true, rejectUnauthorized: true }, (incoming) => {
    trusted += 1;
    const behind = connect(target(), '127.0.0.1');
    for (const [one, other] of [
      [incoming, behind],
      [behind, incoming],
    ] as const) {
      open.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
    }
  });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    trusted: () => trusted,
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
