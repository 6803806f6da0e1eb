/**
 * Limits of server and queues, counted as pbs_sched counts them: first what runs (state R), then, in the
 * order of service, what may be started next. So with 8 running of max_running 10 two more jobs are
 * demand.
 */
import type { JobFacts } from './facts.ts';
import type { Reason } from './reasons.ts';
import {
  amountLimit,
  amountOfOneJob,
  queueNotRead,
  queueNotStarted,
  queueRoutes,
  runLimit,
  type Use,
} from './reasons-limits.ts';
import type { CountedAmounts, Limiting, QueueLimits, RunLimits } from './settings.ts';

/** For one queue, or the server: what counts, in the order in which pbs_sched looks. */
interface Domain {
  readonly where: string;
  readonly limits: RunLimits;
  readonly uses: Uses;
}

export class Limits {
  readonly #server: Domain | null;
  readonly #queues: ReadonlyMap<string, { readonly queue: QueueLimits; readonly domain: Domain }>;

  constructor(limiting: Limiting, jobs: readonly JobFacts[]) {
    if (limiting.kind === 'not-looked-at') {
      this.#server = null;
      this.#queues = new Map();
      return;
    }
    this.#server = domainOf('server', limiting.server);
    this.#queues = new Map(
      limiting.queues.map((queue) => [queue.name, { queue, domain: domainOf(`queue ${queue.name}`, queue) }]),
    );
    for (const job of jobs) if (job.state === 'running') this.#count(job, 'running');
  }

  /** Why no job of its queue runs, whoever it is of. */
  queueCloses(job: JobFacts): Reason | null {
    if (this.#server === null) return null;
    const queue = this.#queues.get(job.queue)?.queue;
    if (queue === undefined) return queueNotRead(job.queue);
    if (queue.kind === 'route') return queueRoutes(job.queue);
    return queue.isStarted ? null : queueNotStarted(job.queue);
  }

  /** Properties that its queue requires. */
  propertiesOf(job: JobFacts): readonly string[] {
    return this.#queues.get(job.queue)?.queue.propertiesRequired ?? [];
  }

  /** The first limit that is reached, or null. */
  reached(job: JobFacts): Reason | null {
    const domains = this.#domains(job);
    for (const domain of domains) {
      const reason = runsReached(domain, job);
      if (reason !== null) return reason;
    }
    for (const domain of domains.toReversed()) {
      const reason = amountsReached(domain, job);
      if (reason !== null) return reason;
    }
    return null;
  }

  /** Counts a job that may be started before others. */
  admit(job: JobFacts): void {
    this.#count(job, 'ahead');
  }

  #domains(job: JobFacts): readonly Domain[] {
    const queue = this.#queues.get(job.queue)?.domain;
    return [this.#server, queue].filter((domain) => domain !== null && domain !== undefined);
  }

  #count(job: JobFacts, how: keyof Use): void {
    for (const { uses } of this.#domains(job)) uses.count(job, how);
  }
}

function domainOf(where: string, limits: RunLimits): Domain {
  return { where, limits, uses: new Uses() };
}

function runsReached({ where, limits, uses }: Domain, { owner, group }: JobFacts): Reason | null {
  const checks = [
    ['', limits.maxRunning, 'max_running', 'all'],
    [`user ${owner}`, limits.maxUserRun, 'max_user_run', `user ${owner}`],
    [`group ${group}`, limits.maxGroupRun, 'max_group_run', `group ${group}`],
  ] as const;
  for (const [who, limit, name, key] of checks) {
    if (limit === null) continue;
    const use = uses.of(key);
    if (use.running + use.ahead >= limit) return runLimit(where, who, use, name, limit);
  }
  return null;
}

const kinds = ['memMib', 'ncpus', 'nodect'] as const satisfies readonly (keyof CountedAmounts)[];
const kindNames: Readonly<Record<keyof CountedAmounts, string>> = {
  memMib: 'mem',
  ncpus: 'ncpus',
  nodect: 'nodect',
};

function amountsReached({ where, limits, uses }: Domain, { counted }: JobFacts): Reason | null {
  for (const kind of kinds) {
    const asked = counted[kind];
    if (asked === null) continue;
    const available = limits.available[kind];
    const use = uses.of(kind);
    if (available !== null && use.running + use.ahead + asked > available) {
      return amountLimit(where, kindNames[kind], asked, use, available);
    }
    const most = limits.ofOneJob[kind];
    if (available === null && most !== null && asked > most) {
      return amountOfOneJob(where, kindNames[kind], asked, most);
    }
  }
  return null;
}

const nothingUsed: Use = { running: 0, ahead: 0 };

/** Jobs by user and group, and amounts. */
class Uses {
  readonly #uses = new Map<string, { running: number; ahead: number }>();

  of(key: string): Use {
    return this.#uses.get(key) ?? nothingUsed;
  }

  count({ owner, group, counted }: JobFacts, how: keyof Use): void {
    this.#add('all', how, 1);
    this.#add(`user ${owner}`, how, 1);
    this.#add(`group ${group}`, how, 1);
    for (const kind of kinds) this.#add(kind, how, counted[kind] ?? 0);
  }

  #add(key: string, how: keyof Use, amount: number): void {
    const use = this.#uses.get(key);
    if (use === undefined) this.#uses.set(key, { ...nothingUsed, [how]: amount });
    else use[how] += amount;
  }
}
