/** The server's end of an event stream: RecordIO in one long answer, with heartbeats. */
import { type ServerResponse } from 'node:http';
import { type Clock } from '@mesos-torque/common/clock.ts';
import { encodeRecord } from '@mesos-torque/common/recordio.ts';
import { mediaTypes, type Codec, type WireFormat } from './codec.ts';

export interface EventStream<T> {
  /** What waits beyond the limit for a client that does not read breaks the stream. */
  send(event: T): void;
  /** Ends the answer cleanly, with its last chunk. */
  end(): void;
  /** Breaks the connection off, as a killed process would. */
  breakOff(): void;
}

export interface EventStreamOptions<T extends object> {
  readonly response: ServerResponse;
  readonly codec: Codec<T>;
  readonly format: WireFormat;
  readonly clock: Clock;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent every `heartbeatIntervalMs`; null for streams without heartbeats. */
  readonly heartbeat: T | null;
  readonly heartbeatIntervalMs: number;
  /** Bytes that may wait for a client that does not read. */
  readonly queueBytesMax: number;
  readonly onOverflow: (waitingBytes: number) => void;
  /** Called once, when the stream is over and we did not end it. */
  readonly onLost: () => void;
}

export function openEventStream<T extends object>(options: EventStreamOptions<T>): EventStream<T> {
  const { response, codec, format, clock, heartbeat } = options;
  let open = true;
  let cancelHeartbeat = (): void => undefined;

  const close = (): boolean => {
    const wasOpen = open;
    open = false;
    cancelHeartbeat();
    return wasOpen;
  };
  const write = (event: T): void => {
    if (!open) return;
    response.write(encodeRecord(codec.encode(format, event)));
    if (response.writableLength <= options.queueBytesMax) return;
    options.onOverflow(response.writableLength);
    response.destroy();
  };
  const beat = (event: T): void => {
    cancelHeartbeat = clock.after(options.heartbeatIntervalMs, () => {
      write(event);
      if (open) beat(event);
    });
  };

  response.on('close', () => {
    if (close()) options.onLost();
  });
  response.writeHead(200, { ...options.headers, 'Content-Type': mediaTypes[format] });
  response.flushHeaders();
  if (heartbeat !== null) beat(heartbeat);
  return {
    send: write,
    end() {
      if (close()) response.end();
    },
    breakOff() {
      if (close()) response.destroy();
    },
  };
}
