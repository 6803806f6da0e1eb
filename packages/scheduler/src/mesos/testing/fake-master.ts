import type { TlsOptions } from 'node:tls';
import { encodeMessage } from '@mesos-torque/common/encoding.ts';
import { encodeRecord } from '@mesos-torque/common/recordio.ts';
import { LoopbackServer } from '@mesos-torque/common/testing/loopback-server.ts';
import type { Answerer, Received } from '@mesos-torque/common/testing/loopback-server.ts';
import { Call, Event } from '@mesos-torque/proto/gen/mesos/v1/scheduler/scheduler.ts';

type PartialEvent = Parameters<typeof Event.fromPartial>[0];

/** A master that takes every call and sends what it is told. Protobuf only. */
export class FakeMaster {
  frameworkId = 'F1';
  readonly #server: LoopbackServer;
  #stream: Parameters<Answerer>[1] | null = null;
  #waiting: Uint8Array[] = [];
  #subscribe: Answerer = (_received, response) => {
    response.writeHead(200, { 'Content-Type': 'application/x-protobuf', 'Mesos-Stream-Id': 'stream-1' });
    this.#stream = response;
    const subscribed = { frameworkId: { value: this.frameworkId }, heartbeatIntervalSeconds: 15 };
    this.send({ type: 'SUBSCRIBED', subscribed });
    for (const record of this.#waiting.splice(0)) response.write(encodeRecord(record));
  };
  #call: Answerer = (_received, response) => {
    response.writeHead(202).end();
  };

  private constructor(server: LoopbackServer) {
    this.#server = server;
    server.answerWith((received, response) => {
      const isSubscribe = isFrameworkCall(received) && Call.decode(received.body).type === 'SUBSCRIBE';
      (isSubscribe ? this.#subscribe : this.#call)(received, response);
    });
  }

  static async start(tls: TlsOptions | null = null): Promise<FakeMaster> {
    const nothing = (): void => undefined;
    const server = tls === null ? LoopbackServer.start(nothing) : LoopbackServer.startTls(nothing, tls);
    return new FakeMaster(await server);
  }

  get endpoint(): LoopbackServer['endpoint'] {
    return this.#server.endpoint;
  }

  get received(): readonly Received[] {
    return this.#server.received;
  }

  /** In the order in which they came. */
  allCalls(): Call[] {
    return this.received.filter(isFrameworkCall).map(({ body }) => Call.decode(body));
  }

  calls(type: string): Call[] {
    return this.allCalls().filter((call) => call.type === type);
  }

  answerSubscribe(answer: Answerer): void {
    this.#subscribe = answer;
  }

  answerCalls(answer: Answerer): void {
    this.#call = answer;
  }

  send(event: PartialEvent): void {
    this.sendBytes(encodeMessage(Event, Event.fromPartial(event), 'protobuf'));
  }

  /** Goes out now, or right after SUBSCRIBED. */
  sendBytes(record: Uint8Array): void {
    if (this.#stream === null) this.#waiting.push(record);
    else this.#stream.write(encodeRecord(record));
  }

  endStream(): void {
    this.#stream?.end();
    this.#stream = null;
  }

  close(): Promise<void> {
    return this.#server.close();
  }
}

/** Reading calls of the operator API are JSON. */
function isFrameworkCall({ path }: Received): boolean {
  return path === '/api/v1/scheduler';
}
