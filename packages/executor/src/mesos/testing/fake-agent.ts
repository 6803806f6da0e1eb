import type { TlsOptions } from 'node:tls';
import { encodeMessage } from '@mesos-torque/common/encoding.ts';
import { encodeRecord } from '@mesos-torque/common/recordio.ts';
import { LoopbackServer } from '@mesos-torque/common/testing/loopback-server.ts';
import type { Answerer, Received } from '@mesos-torque/common/testing/loopback-server.ts';
import { Call, Event } from '@mesos-torque/proto/gen/mesos/v1/executor/executor.ts';

type PartialEvent = Parameters<typeof Event.fromPartial>[0];

const subscribed: PartialEvent = {
  type: 'SUBSCRIBED',
  subscribed: {
    executorInfo: { executorId: { value: 'E1' } },
    frameworkInfo: { user: 'root', name: 'mesos-torque' },
    agentInfo: { hostname: 'node1.example.org', id: { value: 'S1' } },
  },
};

/** An agent that takes every call and sends what it is told. Protobuf only. */
export class FakeAgent {
  readonly #server: LoopbackServer;
  #stream: Parameters<Answerer>[1] | null = null;
  #subscribe: Answerer = (_received, response) => {
    response.writeHead(200, { 'Content-Type': 'application/x-protobuf' });
    this.#stream = response;
    this.send(subscribed);
  };
  #call: Answerer = (_received, response) => {
    response.writeHead(202).end();
  };

  private constructor(server: LoopbackServer) {
    this.#server = server;
    server.answerWith((received, response) => {
      const { type } = Call.decode(received.body);
      (type === 'SUBSCRIBE' ? this.#subscribe : this.#call)(received, response);
    });
  }

  static async start(tls: TlsOptions | null = null): Promise<FakeAgent> {
    const nothing = (): void => undefined;
    const server = tls === null ? LoopbackServer.start(nothing) : LoopbackServer.startTls(nothing, tls);
    return new FakeAgent(await server);
  }

  get endpoint(): LoopbackServer['endpoint'] {
    return this.#server.endpoint;
  }

  get received(): readonly Received[] {
    return this.#server.received;
  }

  calls(type: string): Call[] {
    return this.received.map(({ body }) => Call.decode(body)).filter((call) => call.type === type);
  }

  answerSubscribe(answer: Answerer): void {
    this.#subscribe = answer;
  }

  answerCalls(answer: Answerer): void {
    this.#call = answer;
  }

  send(event: PartialEvent): void {
    this.#stream?.write(encodeRecord(encodeMessage(Event, Event.fromPartial(event), 'protobuf')));
  }

  /** Confirms the n-th UPDATE that came, counted from 0. */
  acknowledge(n: number): void {
    const status = this.calls('UPDATE')[n]?.update?.status;
    this.send({ type: 'ACKNOWLEDGED', acknowledged: { taskId: status?.taskId, uuid: status?.uuid } });
  }

  breakStream(): void {
    this.#stream?.destroy();
    this.#stream = null;
  }

  close(): Promise<void> {
    return this.#server.close();
  }
}
