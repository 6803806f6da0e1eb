/** The agent's end of the private protocol: joins, obeys, reports, and joins again when the master was lost. */
import { Agent as HttpAgent, request, type IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { quote } from '@mesos-torque/common/text.ts';
import {
  joinPath,
  orderIn,
  reportPath,
  type Join,
  type Order,
  type Report,
  type ReportEnvelope,
} from '../link.ts';
import { masterFinder, type MasterAt } from '../zookeeper/find-master.ts';
import { type Agent } from './agent.ts';
import { obey } from './orders.ts';
import { resendAll } from './status-updates.ts';

export interface MasterLink {
  readonly report: (report: Report) => void;
  /** Opens the connection, and again whenever it breaks. */
  readonly start: () => void;
  /** Resolves once everything that waits has been sent, or the connection is gone. */
  flushed(): Promise<void>;
  stop(): void;
}

export function masterLink(agent: Agent, join: () => Join): MasterLink {
  const { master, reportsMax, reconnectMs } = agent.options;
  const finder = masterFinder(master);
  let target: MasterAt = finder.fixed ?? { host: '', port: 0 };
  const keepAlive = new HttpAgent({ keepAlive: true, maxSockets: 1 });
  let session: string | null = null;
  let queue: Report[] = [];
  let sending: Promise<void> | null = null;
  let stopped = false;
  let connection: ReturnType<typeof request> | null = null;

  const report = (each: Report): void => {
    // While the master is away nothing is kept: updates are sent again anyway, and the rest is in the next join.
    if (session === null) return;
    if (queue.length >= reportsMax) {
      agent.log.error('report dropped: too many wait for the master', {
        type: each.type,
        waiting: queue.length,
      });
      return;
    }
    queue.push(each);
    sending ??= sendQueue();
  };
  const sendQueue = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const current = session;
      if (current === null || agent.id === null) break;
      const envelope: ReportEnvelope = { agentId: agent.id, session: current, report: next };
      const status = await post({ ...target, path: reportPath, agent: keepAlive }, JSON.stringify(envelope));
      if (status !== 200) agent.log.warn('report not taken', { type: next.type, status });
    }
    sending = null;
  };
  const lost = (why: string): void => {
    if (connection === null) return;
    connection = null;
    session = null;
    queue = [];
    if (stopped) return;
    agent.log.info('master lost', { why });
    agent.clock.after(reconnectMs, start);
  };
  const take = (order: Order): void => {
    if (order.type === 'registered') {
      session = order.session;
      agent.id = order.agentId;
      agent.save();
      agent.log.info('agent registered', { agent: agent.id });
      resendAll(agent, null);
      return;
    }
    // An agent that was sent away does not come back.
    if (order.type === 'shut-down') stopped = true;
    obey(agent, order);
  };
  const start = (): void => {
    if (finder.fixed === null) void follow();
    else open();
  };
  /** Whoever leads now; as long as nobody does, it is asked again. */
  const follow = async (): Promise<void> => {
    const found = await finder.find();
    if (stopped) return;
    if (found === null) {
      agent.clock.after(reconnectMs, start);
      return;
    }
    target = found;
    open();
  };
  const open = (): void => {
    if (stopped) return;
    const opened = request({ ...target, path: joinPath, method: 'POST', agent: false });
    connection = opened;
    opened.on('response', (response: IncomingMessage) => {
      const lines = createInterface({ input: response });
      lines.on('line', (line) => {
        if (connection !== opened) return;
        const order = response.statusCode === 200 ? orderIn(line) : null;
        if (order !== null) {
          take(order);
          return;
        }
        lost(`what answers there is no master: ${String(response.statusCode)} ${quote(line)}`);
        opened.destroy();
      });
      lines.on('error', () => undefined);
      response.on('error', () => undefined);
      response.on('close', () => {
        if (connection === opened) lost('the stream ended');
      });
    });
    opened.on('error', (error) => {
      if (connection === opened) lost(error.message);
    });
    opened.end(JSON.stringify(join()));
  };
  return {
    report,
    start,
    flushed: async () => {
      await sending;
    },
    stop() {
      stopped = true;
      finder.stop();
      connection?.destroy();
      keepAlive.destroy();
    },
  };
}

interface Target {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly agent: HttpAgent;
}

/** Gives the status, or null when the master could not be reached. Never rejects. */
function post(target: Target, body: string): Promise<number | null> {
  return new Promise((resolve) => {
    const posting = request({ ...target, method: 'POST', timeout: 10_000 }, (response) => {
      response.resume();
      response.on('close', () => {
        resolve(response.statusCode ?? null);
      });
    });
    posting.on('timeout', () => posting.destroy());
    posting.on('error', () => {
      resolve(null);
    });
    posting.end(body);
  });
}
