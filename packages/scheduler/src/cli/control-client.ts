/** Asks the running scheduler, on its unix socket. */
import { credentials, Metadata, status, type ServiceError } from '@grpc/grpc-js';
import {
  ControlServiceClient,
  type GetStatusResponse,
  type WatchResponse,
} from '@mesos-torque/proto/gen/control/v1/control.ts';
import type { Input } from './read-file.ts';

const answerMsMax = 5_000;

/** The scheduler's status, or one sentence on why there is none. */
export async function askStatus(socket: string): Promise<Input<GetStatusResponse>> {
  const client = new ControlServiceClient(`unix:${socket}`, credentials.createInsecure());
  try {
    const value = await new Promise<GetStatusResponse>((resolve, reject) => {
      const options = { deadline: Date.now() + answerMsMax };
      client.getStatus({}, new Metadata(), options, (error, answer) => {
        if (error === null) resolve(answer);
        else reject(error);
      });
    });
    return { ok: true, value };
  } catch (error) {
    return { ok: false, error: problemOf(socket, error as ServiceError) };
  } finally {
    client.close();
  }
}

/**
 * Calls `onEntry` for each entry of the journal that is kept and for each new one, until the scheduler
 * ends or `signal` is aborted. Returns why it ended, null when it was aborted.
 */
export function watchJournal(
  socket: string,
  onEntry: (entry: WatchResponse) => void,
  signal: AbortSignal,
): Promise<string | null> {
  const client = new ControlServiceClient(`unix:${socket}`, credentials.createInsecure());
  const call = client.watch({ afterSequence: 0n });
  signal.addEventListener('abort', () => {
    call.cancel();
  });
  return new Promise<string | null>((resolve) => {
    call.on('data', onEntry);
    call.on('end', () => {
      resolve('the scheduler ended');
    });
    call.on('error', (error: ServiceError) => {
      resolve(signal.aborted ? null : problemOf(socket, error));
    });
  }).finally(() => {
    client.close();
  });
}

function problemOf(socket: string, error: ServiceError): string {
  if (error.code === status.UNAVAILABLE) {
    return `no scheduler answers at ${socket}: start it, or name its socket with --socket`;
  }
  return `asking the scheduler at ${socket}: ${error.details}`;
}
