/** What the framework says while the demo runs: its journal, entry by entry, and its latest status. */
import { credentials, Metadata } from '@grpc/grpc-js';
import { ControlServiceClient } from '@mesos-torque/proto/gen/control/v1/control.ts';
import type { GetStatusResponse, WatchResponse } from '@mesos-torque/proto/gen/control/v1/messages.ts';

export interface FrameworkWatch {
  /** Null while the scheduler does not answer. */
  readonly status: () => Promise<GetStatusResponse | null>;
  readonly close: () => void;
}

const reconnectMs = 500;
const answerMs = 2_000;

/**
 * Calls `onEntry` for each journal entry, each once, also over a restart of the scheduler: its
 * journal begins anew then.
 */
export function watchFramework(socket: string, onEntry: (entry: WatchResponse) => void): FrameworkWatch {
  let client: ControlServiceClient | null = null;
  let timer: NodeJS.Timeout | null = null;
  let closed = false;

  const connect = (): void => {
    if (closed) return;
    const own = new ControlServiceClient(`unix:${socket}`, credentials.createInsecure());
    client = own;
    const call = own.watch({ afterSequence: 0n });
    let over = false;
    const again = (): void => {
      if (over) return;
      over = true;
      own.close();
      if (client === own) client = null;
      if (!closed) timer = setTimeout(connect, reconnectMs);
    };
    call.on('data', onEntry);
    call.on('error', again);
    call.on('end', again);
  };
  connect();

  return {
    status: () => (client === null ? Promise.resolve(null) : ask(client)),
    close() {
      closed = true;
      if (timer !== null) clearTimeout(timer);
      client?.close();
    },
  };
}

function ask(client: ControlServiceClient): Promise<GetStatusResponse | null> {
  return new Promise((resolve) => {
    client.getStatus(
      { summary: false },
      new Metadata(),
      { deadline: Date.now() + answerMs },
      (error, answer) => {
        resolve(error === null ? answer : null);
      },
    );
  });
}
