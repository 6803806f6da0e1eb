/** One who watches, over a connection of his own. */
import http from 'node:http';
import { credentials } from '@grpc/grpc-js';
import { ControlServiceClient } from '@mesos-torque/proto/gen/control/v1/control.ts';

export interface Watcher {
  /** When the server has begun to answer. */
  readonly begun: Promise<void>;
  /** Messages or events so far. */
  heard(): number;
  end(): void;
}

export function watchByGrpc(socket: string): Watcher {
  const client = new ControlServiceClient(`unix:${socket}`, credentials.createInsecure(), {
    // Else all clients of a process share one connection.
    'grpc.use_local_subchannel_pool': 1,
  });
  const call = client.watch({ afterSequence: 10n ** 15n });
  let heard = 0;
  call.on('data', () => {
    heard += 1;
  });
  call.on('error', () => undefined);
  return {
    begun: new Promise((resolve) =>
      call.once('metadata', () => {
        resolve();
      }),
    ),
    heard: () => heard,
    end() {
      call.cancel();
      client.close();
    },
  };
}

export function watchByEvents(url: string): Watcher {
  let heard = 0;
  let begin = (): void => undefined;
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const request = http.get(`${url}api/v1/events?after=now`, { agent: false }, (response) => {
    begin();
    response.on('data', (chunk: Buffer) => {
      for (let at = chunk.indexOf('\n\n'); at >= 0; at = chunk.indexOf('\n\n', at + 2)) heard += 1;
    });
    response.on('error', () => undefined);
  });
  request.on('error', () => undefined);
  return { begun, heard: () => heard, end: () => request.destroy() };
}
