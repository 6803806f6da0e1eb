/** A Mesos agent for one executor, over HTTP: it launches, kills and acknowledges, and keeps what it is told. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { Call, Event } from '@mesos-torque/proto/gen/mesos/v1/executor/executor.ts';
import type { TaskStatus } from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import { MomOrders, MomReport, SchedulerMessage } from '@mesos-torque/proto/gen/torque/v1/orders.ts';
import { encodeRecord } from '@mesos-torque/common/recordio.ts';

const bytesMax = 1024 * 1024;

export interface ToldStatus {
  readonly state: string;
  readonly message: string;
  readonly healthy: boolean | null;
  readonly report: MomReport;
}

export class AgentServer {
  readonly told: ToldStatus[] = [];
  subscriptions = 0;
  readonly #server = http.createServer((request, response) => {
    void this.#serve(request, response);
  });
  #stream: http.ServerResponse | null = null;
  readonly #waiting = new Set<() => void>();

  /** Gives `host:port`. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', resolve);
    });
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Cuts the executor's stream, as an agent does that is restarted. */
  cutStream(): void {
    this.#stream?.destroy();
  }

  launch(taskId: string, orders: MomOrders): void {
    this.#send({
      type: 'LAUNCH',
      launch: {
        task: {
          name: 'mom',
          taskId: { value: taskId },
          agentId: { value: 'S0' },
          data: Buffer.from(MomOrders.encode(orders).finish()),
        },
      },
    });
  }

  startMom(taskId: string): void {
    const data = SchedulerMessage.encode(
      SchedulerMessage.fromPartial({ taskId, message: { $case: 'startMom', value: {} } }),
    ).finish();
    this.#send({ type: 'MESSAGE', message: { data: Buffer.from(data) } });
  }

  kill(taskId: string, graceMs: number): void {
    this.#send({
      type: 'KILL',
      kill: {
        taskId: { value: taskId },
        killPolicy: { gracePeriod: { nanoseconds: BigInt(graceMs) * 1_000_000n } },
      },
    });
  }

  shutdown(): void {
    this.#send({ type: 'SHUTDOWN' });
  }

  /** Waits until the condition holds; looked at whenever something comes from the executor. */
  async until(what: string, holds: () => boolean, timeoutMs = 30_000): Promise<void> {
    if (holds()) return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(look);
        reject(new Error(`waited ${timeoutMs} ms in vain until ${what}; told: ${JSON.stringify(this.told)}`));
      }, timeoutMs);
      const look = (): void => {
        if (!holds()) return;
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
    });
  }

  async untilTold(state: string): Promise<ToldStatus> {
    await this.until(`${state} is told`, () => this.told.some((status) => status.state === state));
    const [status] = this.told.filter((told) => told.state === state).slice(-1);
    if (status === undefined) throw new Error(`${state} was told and is not there`);
    return status;
  }

  async #serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const call = Call.decode(await bodyOf(request));
    if (call.type === 'SUBSCRIBE') {
      response.writeHead(200, { 'Content-Type': 'application/x-protobuf' });
      response.flushHeaders();
      this.#stream = response;
      this.subscriptions += 1;
      this.#send(subscribed(call));
      for (const { status } of call.subscribe?.unacknowledgedUpdates ?? []) this.#take(status);
    } else {
      response.writeHead(202).end();
      this.#take(call.update?.status);
    }
    for (const look of [...this.#waiting]) look();
  }

  #take(status: TaskStatus | undefined): void {
    if (status?.taskId === undefined || status.uuid === undefined) return;
    this.told.push({
      state: status.state ?? '',
      message: status.message ?? '',
      healthy: status.healthy ?? null,
      report: MomReport.decode(status.data ?? Buffer.alloc(0)),
    });
    this.#send({ type: 'ACKNOWLEDGED', acknowledged: { taskId: status.taskId, uuid: status.uuid } });
  }

  #send(event: Parameters<typeof Event.fromPartial>[0]): void {
    this.#stream?.write(encodeRecord(Event.encode(Event.fromPartial(event)).finish()));
  }
}

function subscribed(call: Call): Parameters<typeof Event.fromPartial>[0] {
  return {
    type: 'SUBSCRIBED',
    subscribed: {
      executorInfo: { executorId: { value: call.executorId?.value ?? '' }, resources: [] },
      frameworkInfo: { user: 'root', name: 'torque' },
      agentInfo: { hostname: 'node1.torque.test', id: { value: 'S0' } },
    },
  };
}

async function bodyOf(request: http.IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request) {
    parts.push(part as Buffer);
    bytes += (part as Buffer).length;
    if (bytes > bytesMax) throw new Error(`a call of more than ${bytesMax} bytes`);
  }
  return Buffer.concat(parts);
}
