/** The server's side of pbs_sched: when a cycle is due, what the scheduler is told. */
import type { CheckNodes, SchedLimits, SchedView } from '../shared/api.ts';
import type { Connection } from '../shared/wire.ts';
import type { Job, Setting } from './model.ts';
import { holdsSlots, isTrue, resourceOf, settingOf } from './model.ts';
import { parseNodeRequest } from './node-request.ts';
import { place } from './placement.ts';
import type { Server } from './server.ts';
import { amountOf } from './submit.ts';

/** pbs_sched's own default for scheduler_iteration. */
const iterationS = 600;
const checked = ['mem', 'ncpus', 'nodect'];
const tickMs = 250;

/** Calls pbs_sched: on request, and every scheduler_iteration. */
export class CycleCaller {
  readonly #server: Server;
  #scheduler: Connection | null = null;
  #lastMs = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(server: Server) {
    this.#server = server;
    server.onCycleWanted(() => {
      this.#call();
    });
  }

  begin(): void {
    this.#lastMs = this.#server.nowMs;
    this.#timer = setInterval(() => {
      const dueMs = this.#server.numberSetting('scheduler_iteration', iterationS) * 1000;
      if (this.#server.nowMs - this.#lastMs >= dueMs) this.#server.wantCycle();
    }, tickMs);
  }

  end(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  attach(connection: Connection): void {
    this.#scheduler = connection;
    connection.onClose(() => {
      if (this.#scheduler === connection) this.#scheduler = null;
    });
    // Sent after the reply to the request that attached.
    setImmediate(() => {
      this.#server.wantCycle();
    });
  }

  #call(): void {
    this.#lastMs = this.#server.nowMs;
    this.#scheduler?.send({ kind: 'ok', value: { cycle: true } });
  }
}

export function schedView(server: Server): SchedView {
  const jobs = server.jobList;
  const startable = server.db.queues.filter(
    (q) => isTrue(settingOf(q.settings, 'started')) && settingOf(q.settings, 'queue_type') === 'Execution',
  );
  const names = startable.map((queue) => queue.name);
  const limits = startable.map((q) => [
    q.name,
    limitsOf(
      q.settings,
      jobs.filter((job) => job.queue === q.name),
    ),
  ]);
  return {
    nowS: server.nowS,
    jobs: jobs
      .filter((job) => job.state === 'Q' && job.role.kind !== 'template' && names.includes(job.queue))
      .map((job) => ({
        id: job.id,
        owner: job.owner,
        queue: job.queue,
        nodes: resourceOf(job, 'nodes'),
        asks: asksOf(job),
        comment: job.comment,
      })),
    running: jobs.filter((job) => job.state === 'R' && job.role.kind !== 'template'),
    server: limitsOf(server.db.settings, jobs),
    queues: Object.fromEntries(limits) as Record<string, SchedLimits>,
  };
}

function asksOf(job: Job): Record<string, number> {
  const asks: Record<string, number> = {};
  for (const name of checked) {
    const value = resourceOf(job, name);
    if (value !== null) asks[name] = amountOf(value);
  }
  return asks;
}

function limitsOf(settings: readonly Setting[], jobs: readonly Job[]): SchedLimits {
  const left: Record<string, number> = {};
  for (const name of checked) {
    const available = settingOf(settings, 'resources_available', name);
    const max = settingOf(settings, 'resources_max', name);
    const used = jobs.filter(holdsSlots).reduce((sum, job) => sum + (asksOf(job)[name] ?? 0), 0);
    if (available !== null) left[name] = amountOf(available) - used;
    else if (max !== null) left[name] = amountOf(max);
  }
  const number = (name: string): number | null => {
    const value = settingOf(settings, name);
    return value === null ? null : Number(value);
  };
  return { maxRunning: number('max_running'), maxUserRun: number('max_user_run'), left };
}

/** What the server answers to pbs_sched's question about a job's `nodes`. */
export function checkNodes(server: Server, spec: string): CheckNodes {
  const parts = parseNodeRequest(spec);
  if (parts === null) return 'never';
  const placement = place(parts, server.db.nodes, server.jobList, server.nodectRemembered);
  switch (placement.kind) {
    case 'placed':
      return 'now';
    case 'not-now':
      return 'not-now';
    case 'never':
      // A host or property by itself is looked up in a simpler way, which knows no "never".
      return /^[A-Za-z][\w.-]*$/.test(spec) ? 'not-now' : 'never';
  }
}
