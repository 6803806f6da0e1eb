/** Serves the control API on a unix socket that only its owner and group may open. */
import { chmod, rm } from 'node:fs/promises';
import net from 'node:net';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import {
  ControlServiceService,
  type ControlServiceServer,
} from '@mesos-torque/proto/gen/control/v1/control.ts';

/** Paths of unix sockets are cut by the system at 108 bytes (104 on macOS), its end mark included. */
const socketPathBytesMax = 103;

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
  const server = new Server();
  server.addService(ControlServiceService, service);
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`unix:${socketPath}`, ServerCredentials.createInsecure(), (error) => {
      if (error === null) resolve();
      else reject(new Error(`control.socket "${socketPath}": ${error.message}`));
    });
  });
  await chmod(socketPath, 0o660);
  return {
    close: async () => {
      server.forceShutdown();
      await rm(socketPath, { force: true });
    },
  };
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
