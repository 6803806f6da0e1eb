/** The program pbs_sched: waits for the server's call and runs a cycle. In the background unless `-D`. */
import { appendFileSync, mkdirSync, writeFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { messageOf } from '@mesos-torque/common/text.ts';
import type { CheckNodes, SchedView, ServerRequest } from '../shared/api.ts';
import type { Context } from '../shared/context.ts';
import { goToBackground, isBackground, reportStart } from '../shared/daemon.ts';
import { livingPid } from '../shared/pid-file.ts';
import { serverAddress } from '../shared/server-address.ts';
import { readSettings } from '../shared/settings.ts';
import type { Address } from '../shared/wire.ts';
import { LineReader, request } from '../shared/wire.ts';
import type { SchedulerPort } from './cycle.ts';
import { runCycle } from './cycle.ts';

const callMsMax = 60_000;
const reconnectMs = 500;
const lineBytesMax = 1024 * 1024;

export async function pbsSched(context: Context): Promise<number> {
  const home = path.join(context.home, 'sched_priv');
  const logs = path.join(context.home, 'sched_logs');
  mkdirSync(home, { recursive: true });
  mkdirSync(logs, { recursive: true });
  const lock = path.join(home, 'sched.lock');
  const foreground = context.args.includes('-D');
  if (!isBackground(context.env) && livingPid(lock) !== null) {
    context.err('pbs_sched: another scheduler running\n');
    return 1;
  }
  const log = path.join(logs, 'sched.log');
  if (!foreground && !isBackground(context.env)) {
    return goToBackground([process.argv[1] ?? '', ...context.args], log);
  }
  writeFileSync(lock, `${process.pid}\n`);
  const stopped = new AbortController();
  process.on('SIGTERM', () => {
    stopped.abort();
  });
  process.on('SIGINT', () => {
    stopped.abort();
  });
  if (!foreground) reportStart({ kind: 'running' });
  const server = serverAddress(context.home, readSettings(context.home));
  await obey(server, log, stopped.signal);
  rmSync(lock, { force: true });
  return 0;
}

/** Stays connected to the server, which may come and go, until `stopped`. */
async function obey(server: Address, log: string, stopped: AbortSignal): Promise<void> {
  const port = portTo(server);
  const calls = new Calls(server);
  while (!stopped.aborted) {
    if (!(await calls.next(stopped))) continue;
    try {
      const lines = await runCycle(port);
      appendFileSync(log, lines.map((line) => `${new Date().toISOString()};Job;${line}\n`).join(''));
    } catch (error) {
      appendFileSync(log, `${new Date().toISOString()};Svr;${messageOf(error)}\n`);
    }
  }
  calls.end();
}

/** The server's calls for a cycle; several that come during one cycle are one. */
class Calls {
  readonly #server: Address;
  #socket: net.Socket;
  #called = false;
  #wake: () => void = () => undefined;

  constructor(server: Address) {
    this.#server = server;
    this.#socket = this.#attach();
  }

  /** Whether a cycle is due; waits a while for it, and connects again where the connection was lost. */
  async next(stopped: AbortSignal): Promise<boolean> {
    if (!this.#called) await this.#pause(stopped);
    if (this.#socket.destroyed) this.#socket = this.#attach();
    const called = this.#called;
    this.#called = false;
    return called;
  }

  end(): void {
    this.#socket.destroy();
  }

  #pause(stopped: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(finish, reconnectMs);
      function finish(): void {
        clearTimeout(timer);
        stopped.removeEventListener('abort', finish);
        resolve();
      }
      stopped.addEventListener('abort', finish);
      this.#wake = finish;
    });
  }

  #attach(): net.Socket {
    const socket = net.connect({ host: this.#server.host, port: this.#server.port });
    const reader = new LineReader(lineBytesMax);
    socket.on('connect', () => socket.write(`${JSON.stringify({ op: 'sched-attach', user: 'root' })}\n`));
    socket.on('error', () => socket.destroy());
    socket.on('end', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      if (!reader.push(chunk).some((line) => line.includes('"cycle":true'))) return;
      this.#called = true;
      this.#wake();
    });
    return socket;
  }
}

function portTo(server: Address): SchedulerPort {
  const call = async <T>(body: ServerRequest): Promise<T> => {
    const reply = await request<T>(server, body, callMsMax);
    if (reply.kind === 'ok') return reply.value;
    throw new Error(`${body.op}: ${reply.text}`);
  };
  const user = 'root';
  return {
    view: () => call<SchedView>({ op: 'sched-view', user }),
    checkNodes: (spec) => call<CheckNodes>({ op: 'check-nodes', user, spec }),
    run: async (id) => {
      const reply = await request(server, { op: 'run-job', user, id, hosts: null }, callMsMax);
      return reply.kind === 'ok' ? null : reply.text;
    },
    // A job may have ended or gone while the cycle ran: then there is nothing to say about it.
    comment: async (id, comment) => {
      await request(server, { op: 'comment-job', user, id, comment }, callMsMax);
    },
    delete: async (id) => {
      await request(server, { op: 'delete-job', user, id, purge: false }, callMsMax);
    },
  };
}
