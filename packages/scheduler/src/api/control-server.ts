/** Serves the control API on a unix socket that only its owner and group may open, and over TLS. */
import { chmod, rm } from 'node:fs/promises';
import net from 'node:net';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { systemClock } from '@mesos-torque/common/clock.ts';
import {
  ControlServiceService,
  type ControlServiceServer,
} from '@mesos-torque/proto/gen/control/v1/control.ts';
import { HealthService } from '@mesos-torque/proto/gen/grpc/health/v1/health.ts';
import { ServerReflectionService } from '@mesos-torque/proto/gen/grpc/reflection/v1/reflection.ts';
import { healthService } from './health-service.ts';
import { reflectionAlphaService, reflectionService } from './reflection-service.ts';

/** Paths of unix sockets are cut by the system at 108 bytes (104 on macOS), its end mark included. */
const socketPathBytesMax = 103;

/** Requests are small; answers are as large as a page. */
const messageBytesMax = 256 * 1024;

export interface ControlServer {
  close(): Promise<void>;
}

/** Whether the scheduler is ready, as /readyz says: what the health service tells of the control service. */
export type IsReady = () => boolean;

const alwaysReady: IsReady = () => true;

/**
 * Starts serving. A socket left behind by a scheduler that was killed is replaced; one that answers
 * is another scheduler's, and an error names it.
 */
export async function serveControl(
  socketPath: string,
  service: ControlServiceServer,
  isReady: IsReady = alwaysReady,
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
  const server = serverOf(service, isReady);
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

export interface TlsPair {
  readonly cert: string;
  readonly key: string;
  /** Authorities (PEM) of those who may ask; null: nobody is asked for a certificate. */
  readonly clientCa?: string | null;
}

/** `address`: host:port. */
export async function serveControlOverTls(
  address: string,
  { cert, key, clientCa = null }: TlsPair,
  service: ControlServiceServer,
  isReady: IsReady = alwaysReady,
): Promise<ControlServer & { readonly port: number }> {
  const server = serverOf(service, isReady);
  const pair = { cert_chain: Buffer.from(cert), private_key: Buffer.from(key) };
  const authorities = clientCa === null ? null : Buffer.from(clientCa);
  const credentials = ServerCredentials.createSsl(authorities, [pair], authorities !== null);
  const port = await bound(server, address, credentials, `control.listen "${address}"`);
  return {
    port,
    close: () => {
      server.forceShutdown();
      return Promise.resolve();
    },
  };
}

/** With gRPC's own services for health and reflection, which take no token: they tell nothing of the cluster. */
function serverOf(service: ControlServiceServer, isReady: IsReady): Server {
  const server = new Server({ 'grpc.max_receive_message_length': messageBytesMax });
  server.addService(ControlServiceService, service);
  server.addService(HealthService, healthService(isReady, systemClock));
  const reflection = reflectionService();
  server.addService(ServerReflectionService, reflection);
  server.addService(reflectionAlphaService, reflection);
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
