/** The control API (gRPC): what the scheduler sees and wants, and its journal as it grows. */
import { status, type sendUnaryData, type ServerUnaryCall, type ServerWritableStream } from '@grpc/grpc-js';
import type {
  ControlServiceServer,
  GetStatusRequest,
  GetStatusResponse,
  WatchRequest,
  WatchResponse,
} from '@mesos-torque/proto/gen/control/v1/control.ts';
import type { JournalEntry } from '../loop/ports.ts';

/** An entry with its place in the journal; places only grow. */
export interface NumberedEntry {
  readonly sequence: number;
  readonly entry: JournalEntry;
}

/** The part of the journal that is kept in memory. */
export interface JournalView {
  /** Entries after `sequence` that are still kept, oldest first. */
  since(sequence: number): readonly NumberedEntry[];
  /** Calls `listener` for each new entry until the returned function is called. */
  subscribe(listener: (entry: NumberedEntry) => void): () => void;
}

/** A watcher that lets this many bytes pile up is too slow, and is told so. */
const watcherBytesMax = 4 * 1024 * 1024;

export interface ControlParts {
  readonly status: () => GetStatusResponse;
  readonly journal: JournalView;
}

export function controlService(parts: ControlParts): ControlServiceServer {
  return {
    getStatus(
      _call: ServerUnaryCall<GetStatusRequest, GetStatusResponse>,
      respond: sendUnaryData<GetStatusResponse>,
    ): void {
      respond(null, parts.status());
    },
    watch(call: ServerWritableStream<WatchRequest, WatchResponse>): void {
      const write = (entry: NumberedEntry): void => {
        call.write(watchResponse(entry));
        if (call.writableLength <= watcherBytesMax) return;
        stop();
        call.emit('error', {
          code: status.RESOURCE_EXHAUSTED,
          details: `the watcher is ${String(call.writableLength)} bytes behind; watch again from the last sequence seen`,
        });
      };
      const stop = parts.journal.subscribe(write);
      call.on('cancelled', stop);
      call.on('close', stop);
      for (const entry of parts.journal.since(Number(call.request.afterSequence))) write(entry);
    },
  };
}

function watchResponse({ sequence, entry }: NumberedEntry): WatchResponse {
  return {
    sequence: BigInt(sequence),
    atMs: BigInt(entry.atMs),
    event: entry.event,
    node: entry.node ?? '',
    taskId: entry.taskId ?? '',
    jobId: entry.jobId ?? '',
    offerId: entry.offerId ?? '',
    why: entry.why ?? '',
    data: Object.fromEntries(Object.entries(entry.data ?? {}).map(([key, value]) => [key, String(value)])),
  };
}
