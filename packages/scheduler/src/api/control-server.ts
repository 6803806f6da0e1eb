/** Serves the control API on a unix socket that only its owner and group may open, and over TLS. */
import { chmod, rm } from 'node:fs/promises';
import net from 'node:net';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';
import {
  ControlServiceService,
  type ControlServiceServer,
} from '@mesos-torque/proto/gen/control/v1/control.ts';

/** Paths of unix sockets are cut by the system at 108 bytes (104 on macOS), its end mark included. */
const socketPathBytesMax = 103;

/** Requests are small; answers are as large as a page. */
const messageBytesMax = 256 * 1024;

export interface ControlServer {
  close(): Promise<void>;
}

/**
 * Starts serving. A socket left behind by a scheduler that was killed is replaced; one that answers
 * is another scheduler's, and an error names it.
 */
export async function serveControl(
  socketPath: string,
  service: ControlServiceServer,
): Promise<ControlServer> {
  if (Buffer.byteLength(socketPath) > socketPathBytesMax) {
    throw new Error(
      `control.socket "${socketPath}": ${String(Buffer.byteLength(socketPath))} bytes, at most ${String(socketPathBytesMax)} are possible; choose a shorter path`,
    );
  }
  if (await answers(socketPath)) {
    throw new Error(`control.socket "${socketPath}": another scheduler answers there; stop it first`);
  }
  await rm(socketPath, { force: true });
  const server = serverOf(service);
  await bound(
    server,
    `unix:${socketPath}`,
    ServerCredentials.createInsecure(),
    `control.socket "${socketPath}"`,
  );
  await chmod(socketPath, 0o660);
  return {
    close: async () => {
      server.forceShutdown();
      await rm(socketPath, { force: true });
    },
  };
}

/** `address`: host:port. */
export async function serveControlOverTls(
  address: string,
  { cert, key }: { readonly cert: string; readonly key: string },
  service: ControlServiceServer,
): Promise<ControlServer & { readonly port: number }> {
  const server = serverOf(service);
  const pair = { cert_chain: Buffer.from(cert), private_key: Buffer.from(key) };
  const credentials = ServerCredentials.createSsl(null, [pair]);
  const port = await bound(server, address, credentials, `control.listen "${address}"`);
  return {
    port,
    close: () => {
      server.forceShutdown();
      return Promise.resolve();
    },
  };
}

/** With the standard health service: we serve as long as we answer; readiness is `GetStatus`'s and /readyz's. */
function serverOf(service: ControlServiceServer): Server {
  const server = new Server({ 'grpc.max_receive_message_length': messageBytesMax });
  server.addService(ControlServiceService, service);
  new HealthImplementation({ '': 'SERVING', 'control.v1.ControlService': 'SERVING' }).addToServer(server);
  return server;
}

function bound(
  server: Server,
  address: string,
  credentials: ServerCredentials,
  place: string,
): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, port) => {
      if (error === null) resolve(port);
      else reject(new Error(`${place}: ${error.message}`));
    });
  });
}

function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = net.connect(socketPath);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => {
      resolve(false);
    });
  });
}
