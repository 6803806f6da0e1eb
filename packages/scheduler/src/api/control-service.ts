/** The control API over gRPC: what `Control` does, call by call, with the standard status codes. */
import { Metadata, type sendUnaryData, type ServerUnaryCall, type ServerWritableStream } from '@grpc/grpc-js';
import type { ControlServiceServer } from '@mesos-torque/proto/gen/control/v1/control.ts';
import { ErrorInfo, ErrorStatus } from '@mesos-torque/proto/gen/control/v1/errors.ts';
import type {
  GetSnapshotRequest,
  GetSnapshotResponse,
  WatchRequest,
  WatchResponse,
} from '@mesos-torque/proto/gen/control/v1/messages.ts';
import type { JournalBound, NumberedEntry } from '../loop/ports.ts';
import type { Control } from './control.ts';
import { madeOnce } from './made-once.ts';
import { asControlError, ControlError, grpcCode } from './control-error.ts';
import { entryMessage } from './decisions.ts';
import type { Caller } from './tokens.ts';

/** The journal: its latest part in memory, the rest on disk. */
export interface JournalView {
  /** Entries after `sequence` that are still in memory, oldest first. */
  since(sequence: number): readonly NumberedEntry[];
  /** From the disk, newest first; fewer than `entriesMax` only where there are no more. */
  older(bound: JournalBound, entriesMax: number): Promise<readonly NumberedEntry[]>;
  /** Calls `listener` for each new entry until the returned function is called. */
  subscribe(listener: (entry: NumberedEntry) => void): () => void;
}

/** A watcher that lets this many bytes pile up is too slow, and is told so. */
const watcherBytesMax = 4 * 1024 * 1024;
/** Watchers at once: each costs a copy of each entry. */
const watchersMax = 1_000;

/** `callerOf` throws UNAUTHENTICATED. Where it lets nobody in without a token, looking takes one too. */
export function controlService(
  control: Control,
  callerOf: (metadata: Metadata) => Caller,
): ControlServiceServer {
  let watchers = 0;
  const messageOf = madeOnce(entryMessage);

  function unary<Request, Response>(
    act: (request: Request, caller: Caller) => Promise<Response> | Response,
  ): (call: ServerUnaryCall<Request, Response>, respond: sendUnaryData<Response>) => void {
    return (call, respond) => {
      answer(() => act(call.request, callerOf(call.metadata))).then(
        (response) => {
          respond(null, response);
        },
        (error: unknown) => {
          respond(serviceError(error));
        },
      );
    };
  }

  return {
    getStatus: unary((request) => control.getStatus(request)),
    listJobs: unary((request) => control.listJobs(request)),
    listNodes: unary((request) => control.listNodes(request)),
    listOffers: unary((request) => control.listOffers(request)),
    listTasks: unary((request) => control.listTasks(request)),
    listDecisions: unary((request) => control.listDecisions(request)),
    explain: unary((request) => control.explain(request)),
    getNodeLog: unary((request) => control.getNodeLog(request)),
    getHistory: unary((request) => control.getHistory(request)),
    getSettings: unary(() => control.getSettings()),
    holdGrowth: unary((request, caller) => control.holdGrowth(request, caller)),
    releaseGrowth: unary(async (request, caller) => {
      await control.releaseGrowth(request, caller);
      return {};
    }),
    drain: unary((request, caller) => control.drain(request, caller)),
    undrain: unary(async (request, caller) => {
      await control.undrain(request, caller);
      return {};
    }),
    setPolicy: unary((request, caller) => control.setPolicy(request, caller)),
    setLogLevel: unary((request, caller) => control.setLogLevel(request, caller)),
    repair: unary((request, caller) => control.repair(request, caller)),
    getSnapshot(call: ServerWritableStream<GetSnapshotRequest, GetSnapshotResponse>): void {
      try {
        callerOf(call.metadata);
        for (const piece of control.snapshotPieces()) call.write({ piece });
        call.end();
      } catch (error) {
        call.emit('error', serviceError(error));
      }
    },
    watch(call: ServerWritableStream<WatchRequest, WatchResponse>): void {
      try {
        callerOf(call.metadata);
        if (watchers >= watchersMax) throw tooMany();
      } catch (error) {
        call.emit('error', serviceError(error));
        return;
      }
      watchers += 1;
      let over = false;
      const stop = (): void => {
        if (over) return;
        over = true;
        watchers -= 1;
        unsubscribe();
      };
      const write = (entry: NumberedEntry): void => {
        call.write(messageOf(entry));
        if (call.writableLength <= watcherBytesMax) return;
        stop();
        call.emit('error', serviceError(tooSlow(call.writableLength)));
      };
      const unsubscribe = control.journal.subscribe(write);
      // So that a watcher knows that nothing is missed from now on, though nothing happens yet.
      call.sendMetadata(new Metadata());
      call.on('cancelled', stop);
      call.on('close', stop);
      for (const entry of control.journal.since(Number(call.request.afterSequence))) write(entry);
    },
  };
}

async function answer<T>(act: () => Promise<T> | T): Promise<T> {
  return act();
}

function tooMany(): ControlError {
  return new ControlError('RESOURCE_EXHAUSTED', 'TOO_MANY_WATCHERS', `${String(watchersMax)} watch already`);
}

function tooSlow(bytes: number): ControlError {
  return new ControlError(
    'RESOURCE_EXHAUSTED',
    'WATCHER_TOO_SLOW',
    `the watcher is ${String(bytes)} bytes behind; watch again from the last sequence seen`,
  );
}

function serviceError(thrown: unknown): {
  code: number;
  details: string;
  metadata: Metadata;
  name: string;
  message: string;
} {
  const { code, reason, message } = asControlError(thrown);
  const info = ErrorInfo.encode({ reason, domain: 'mesos-torque', metadata: {} }).finish();
  const status = ErrorStatus.encode({
    code: grpcCode(code),
    message,
    details: [{ typeUrl: 'type.googleapis.com/google.rpc.ErrorInfo', value: Buffer.from(info) }],
  }).finish();
  const metadata = new Metadata();
  metadata.set('grpc-status-details-bin', Buffer.from(status));
  return { code: grpcCode(code), details: message, metadata, name: reason, message };
}
