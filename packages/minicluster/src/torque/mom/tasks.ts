/** What pbsdsh starts: on the mother superior it is spread, on every node it is a child of the mom. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { ids } from '../shared/account.ts';
import type { JobEnd, JobOrder, TaskResult } from '../shared/api.ts';
import { Refusal, request } from '../shared/wire.ts';
import { jobEnvironment } from './job-environment.ts';
import { runJobScript } from './job-scripts.ts';
import type { JobScriptOf } from './job-scripts.ts';
import type { Mom } from './mom.ts';
import { killQuietly } from './process-group.ts';

const outputBytesMax = 16 * 1024 * 1024;
/** Tasks live as long as their job. */
const taskMsMax = 20 * 24 * 3_600_000;

export class Tasks {
  readonly #mom: Mom;
  /** Jobs that this mom joined as a sister, with their slots. */
  readonly joined = new Map<string, number>();
  readonly #orders = new Map<string, { readonly order: JobOrder; readonly nodeIndex: number }>();
  readonly #pids = new Map<string, Set<number>>();

  constructor(mom: Mom) {
    this.#mom = mom;
  }

  /** Joins a job as a sister; how its prologue.parallel ended. */
  async join(order: JobOrder, nodeIndex: number, from: string): Promise<number> {
    this.#requireTrust(from);
    this.joined.set(order.id, order.hosts[nodeIndex]?.slots ?? 0);
    this.#orders.set(order.id, { order, nodeIndex });
    const code = await runJobScript('prologue.parallel', this.#scriptOf(order, nodeIndex, null));
    if (code !== 0) this.#forget(order.id);
    return code;
  }

  /** The job is over here. As 6.1.3 it ends its tasks and not what these have started; then epilogue.parallel. */
  async leave(id: string, end: JobEnd): Promise<void> {
    for (const pid of this.#pids.get(id) ?? []) killQuietly(pid);
    const joined = this.#orders.get(id);
    if (joined !== undefined) {
      await runJobScript('epilogue.parallel', this.#scriptOf(joined.order, joined.nodeIndex, end));
    }
    this.#forget(id);
  }

  /** Its own tasks, at the end of a job that this mom leads. */
  end(id: string): void {
    for (const pid of this.#pids.get(id) ?? []) killQuietly(pid);
    this.#pids.delete(id);
  }

  #forget(id: string): void {
    this.joined.delete(id);
    this.#orders.delete(id);
    this.#pids.delete(id);
  }

  #scriptOf(order: JobOrder, nodeIndex: number, end: JobEnd | null): JobScriptOf {
    const account = this.#mom.accountFor(order.owner);
    return { home: this.#mom.home, order, account, nodeIndex, outputs: null, end, sessionId: 0 };
  }

  /** From pbsdsh on the mother superior: runs the task on the node of that slot. */
  async spawnOn(order: JobOrder, vnode: number, argv: readonly string[]): Promise<TaskResult> {
    let slotsBefore = 0;
    for (const [nodeIndex, host] of order.hosts.entries()) {
      slotsBefore += host.slots;
      if (vnode >= slotsBefore) continue;
      const place = { ...this.#mom.environment, nodeName: host.node, managerPort: host.managerPort };
      const account = this.#mom.accountFor(order.owner);
      const env = jobEnvironment({ ...place, nodeIndex, slotIndex: vnode, account }, order);
      const cwd = env['HOME'] ?? '/';
      if (nodeIndex === 0) return this.#run(order, argv, env, cwd);
      const reply = await request<TaskResult>(
        { host: host.address, port: host.managerPort },
        { op: 'run-task', id: order.id, from: this.#mom.trustName, argv, env, cwd },
        taskMsMax,
      );
      if (reply.kind === 'ok') return reply.value;
      throw new Refusal(17000, `${host.node}: ${reply.text}`);
    }
    throw new Refusal(17000, `no node ${vnode}`);
  }

  /** From the mother superior of a job that this mom has joined. */
  runFor(
    id: string,
    from: string,
    argv: readonly string[],
    env: Readonly<Record<string, string>>,
    cwd: string,
  ): Promise<TaskResult> {
    this.#requireTrust(from);
    const order = this.#orders.get(id)?.order;
    if (order === undefined) throw new Refusal(15001, 'Unknown Job Id Error');
    return this.#run(order, argv, env, cwd);
  }

  #requireTrust(from: string): void {
    if (!this.#mom.trusts(from)) {
      this.#mom.log(`im_request;bad connect from ${from} - unauthorized server`);
      throw new Refusal(15008, 'bad connect');
    }
  }

  #run(
    { id, owner }: JobOrder,
    argv: readonly string[],
    env: Readonly<Record<string, string>>,
    cwd: string,
  ): Promise<TaskResult> {
    return new Promise((resolve, reject) => {
      const child = spawn(argv[0] ?? '', argv.slice(1), {
        env,
        cwd: existsSync(cwd) ? cwd : '/',
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
        ...ids(this.#mom.accountFor(owner)),
      });
      const pids = this.#pids.get(id) ?? new Set();
      this.#pids.set(id, pids);
      if (child.pid !== undefined) pids.add(child.pid);
      const stdout = collect(child.stdout);
      const stderr = collect(child.stderr);
      child.on('error', (error) => {
        reject(new Refusal(17000, error.message));
      });
      child.on('close', (code) => {
        if (child.pid !== undefined) pids.delete(child.pid);
        resolve({ exitStatus: code ?? 137, stdout: stdout(), stderr: stderr() });
      });
    });
  }
}

/** Gathers up to a limit; what comes after it is dropped. */
function collect(stream: NodeJS.ReadableStream): () => string {
  const parts: Buffer[] = [];
  let bytes = 0;
  stream.on('data', (part: Buffer) => {
    bytes += part.length;
    if (bytes <= outputBytesMax) parts.push(part);
  });
  return () => Buffer.concat(parts).toString('base64');
}
