/** A running pbs_mom: its talks with the server, the hosts it trusts, and what it is asked. */
import { appendFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import path from 'node:path';
import { unreachable } from '@mesos-torque/common/units.ts';
import type { MomReply, MomReport, MomRequest, ServerRequest } from '../shared/api.ts';
import { accountOf, type Account } from '../shared/account.ts';
import type { Settings } from '../shared/settings.ts';
import type { Address, Reply } from '../shared/wire.ts';
import { Refusal, request } from '../shared/wire.ts';
import { diagnose } from './diagnose.ts';
import type { EnvironmentOf } from './job-environment.ts';
import { LedJobs } from './jobs.ts';
import type { MomConfig } from './mom-config.ts';
import { answerQuery, statusText } from './status.ts';
import { Tasks } from './tasks.ts';

export interface MomOptions {
  readonly home: string;
  readonly binDir: string;
  readonly settings: Settings;
  readonly config: MomConfig;
  readonly name: string;
  /** Whether the name was given with `-H`. */
  readonly named: boolean;
  readonly alias: string | null;
  readonly address: string;
  readonly servicePort: number;
  readonly managerPort: number;
  /** Null when no server is named, or its name does not resolve: the mom runs all the same. */
  readonly server: (Address & { readonly name: string }) | null;
  readonly stop: () => void;
}

const callMsMax = 10_000;

export class Mom {
  readonly options: MomOptions;
  readonly led: LedJobs;
  readonly tasks: Tasks;
  readonly #startMs = Date.now();
  /** Hosts that it trusts; null until the server has sent them. */
  #hosts: readonly string[] | null = null;
  /** Set once the server did not know this mom: from then on it does not ask for the list by itself. */
  #refused = false;
  #accepted = false;
  #fromServerMs: number | null = null;
  #fromServerWhat = 'CLUSTER_ADDRS';
  #toServerMs: number | null = null;
  #next: NodeJS.Timeout | null = null;
  #ended = false;

  constructor(options: MomOptions) {
    this.options = options;
    this.led = new LedJobs(this);
    this.tasks = new Tasks(this);
  }

  get home(): string {
    return this.options.home;
  }

  get settings(): Settings {
    return this.options.settings;
  }

  get environment(): Omit<EnvironmentOf, 'nodeIndex' | 'slotIndex' | 'account'> {
    const { home, binDir, name, alias, managerPort } = this.options;
    return { home, binDir, nodeName: alias ?? name, managerPort };
  }

  /**
   * As whom the job's script and tasks run; null for whoever runs the mom. Throws where the machine does not
   * know the owner, as 6.1.3 refuses such a job.
   */
  accountFor(owner: string): Account | null {
    if (this.settings.jobAccount === 'mom') return null;
    const account = accountOf(owner);
    if (account === null || account.uid === 0) throw new Error(`bad UID for job execution: ${owner}`);
    return account;
  }

  /** How this mom appears in other moms' lists. */
  get trustName(): string {
    return `${this.options.address}:${this.options.managerPort}`;
  }

  trusts(host: string): boolean {
    return host === this.trustName || (this.#hosts ?? []).includes(host);
  }

  log(line: string): void {
    const file = path.join(this.home, 'mom_logs', 'mom.log');
    appendFileSync(file, `${new Date().toISOString()};pbs_mom.${process.pid};${line}\n`);
  }

  begin(): void {
    void this.#report();
  }

  end(): void {
    this.#ended = true;
    this.#cancelNext();
  }

  /** Tells the server of a job until it takes note; gives up only when the mom ends. */
  async tellServer(body: Extract<ServerRequest, { op: 'job-started' | 'job-ended' }>): Promise<void> {
    while (!this.#ended && this.options.server !== null) {
      const reply = await request(this.options.server, body, callMsMax);
      if (reply.kind === 'ok') return;
      await new Promise((resolve) => setTimeout(resolve, this.settings.obitRetryMs));
    }
  }

  /** The node is down from this moment on. */
  async sayGoodbye(): Promise<void> {
    if (this.options.server === null) return;
    const { address, servicePort } = this.options;
    await request(this.options.server, { op: 'mom-down', address, servicePort }, callMsMax);
  }

  async #report(): Promise<void> {
    this.#cancelNext();
    if (this.options.server === null || this.#ended) return;
    const body: { op: 'mom-status' } & MomReport = { op: 'mom-status', ...this.#ownReport() };
    const reply: Reply<MomReply> = await request(this.options.server, body, callMsMax);
    this.#reportIn(this.#take(reply));
  }

  /** One report is due at a time, however many were asked for meanwhile. */
  #reportIn(delayMs: number): void {
    this.#cancelNext();
    if (this.#ended) return;
    this.#next = setTimeout(() => {
      void this.#report();
    }, delayMs);
  }

  #cancelNext(): void {
    if (this.#next !== null) clearTimeout(this.#next);
    this.#next = null;
  }

  #ownReport(): MomReport {
    const { name, alias, address, servicePort, managerPort, config } = this.options;
    const busy = config.maxLoad !== null && (loadavg()[0] ?? 0) > config.maxLoad;
    const jobs = [...this.led.jobs.keys(), ...this.tasks.joined.keys()];
    const list = this.#hosts !== null ? 'has' : this.#refused ? 'lacks' : 'asks';
    return {
      name,
      alias,
      address,
      servicePort,
      managerPort,
      busy,
      list,
      status: statusText({ name, busy, jobs }),
    };
  }

  /** Notes the server's reply; milliseconds until the next report. */
  #take(reply: Reply<MomReply>): number {
    const regularMs = this.options.config.statusUpdateS * 1000;
    const soonMs = Math.min(this.settings.hostListRetryMs, regularMs);
    if (reply.kind !== 'ok') return this.#accepted ? regularMs : soonMs;
    this.#toServerMs = Date.now();
    switch (reply.value.kind) {
      case 'untrusted':
        this.#refused = true;
        this.#accepted = false;
        return regularMs;
      case 'pending':
        return this.#refused ? regularMs : soonMs;
      case 'accepted':
        this.#accepted = true;
        if (reply.value.hosts !== null) this.#takeHosts(reply.value.hosts);
        return regularMs;
    }
  }

  #takeHosts(hosts: readonly string[]): void {
    this.#hosts = hosts;
    this.#refused = false;
    this.#heardFromServer('CLUSTER_ADDRS');
    this.log(`read_cluster_addresses;Successfully received the mom hierarchy file: ${hosts.join(',')}`);
  }

  #heardFromServer(what: string): void {
    this.#fromServerMs = Date.now();
    this.#fromServerWhat = what;
  }

  /** Answers the server, momctl, pbsdsh and other moms. */
  async answer(body: MomRequest): Promise<unknown> {
    switch (body.op) {
      case 'start-job':
        this.#heardFromServer('Commit');
        this.led.start(body.job);
        return null;
      case 'end-job':
        this.#heardFromServer('SignalJob');
        if (!this.led.end(body.id)) throw new Refusal(15001, 'Unknown Job Id Error');
        return null;
      case 'host-list':
        this.#takeHosts(body.hosts);
        return null;
      case 'report-now':
        void this.#report();
        return null;
      case 'join-job':
        return this.tasks.join(body.order, body.nodeIndex, body.from);
      case 'leave-job':
        await this.tasks.leave(body.id, body.end);
        return null;
      case 'spawn-task':
        return this.#spawnTask(body.id, body.vnode, body.argv);
      case 'run-task':
        return this.tasks.runFor(body.id, body.from, body.argv, body.env, body.cwd);
      case 'diagnose':
        return this.#diagnose(body.level);
      case 'query':
        return answerQuery(body.name, [...this.led.jobs.keys()]);
      case 'cycle':
        // A forced cycle asks for the list anew.
        this.#refused = false;
        this.#hosts = null;
        void this.#report();
        return null;
      case 'shutdown':
        this.options.stop();
        return null;
      case 'clear-job':
        this.led.clear(body.id);
        return null;
      default:
        return unreachable(body);
    }
  }

  #spawnTask(id: string, vnode: number, argv: readonly string[]): Promise<unknown> {
    const job = this.led.jobs.get(id);
    if (job === undefined) throw new Refusal(15001, 'Unknown Job Id Error');
    return this.tasks.spawnOn(job.order, vnode, argv);
  }

  #diagnose(level: number): string {
    const { options } = this;
    const { server, config } = options;
    return diagnose(
      {
        name: options.name,
        address: options.named ? null : options.address,
        home: options.home,
        server: server === null ? null : { name: server.name, address: server.host, port: server.port },
        startMs: this.#startMs,
        fromServerMs: this.#fromServerMs,
        fromServerWhat: this.#fromServerWhat,
        toServerMs: this.#toServerMs,
        statusUpdateS: config.statusUpdateS,
        checkPollS: config.checkPollS,
        logLevel: config.logLevel,
        trusted: this.#trustedList(),
        jobs: [...this.led.jobs.values()],
        joined: this.tasks.joined,
      },
      level,
      Date.now(),
    );
  }

  /** The server and the host itself at port 0, then the list; sorted as 6.1.3 does. */
  #trustedList(): string[] {
    const { address, server } = this.options;
    const own = this.#hosts?.includes(this.trustName) === true ? [] : [`${address}:0`];
    const all = [
      ...(server === null ? [] : [`${server.host}:0`]),
      ...own,
      ...(this.#hosts ?? []),
      '127.0.0.1:0',
    ];
    return [...new Set(all)].sort(byAddressAndPort);
  }
}

function byAddressAndPort(a: string, b: string): number {
  const numbers = (text: string): number[] => text.split(/[.:]/).map(Number);
  const [left, right] = [numbers(a), numbers(b)];
  const i = left.findIndex((n, at) => n !== right[at]);
  return i < 0 ? 0 : (left[i] ?? 0) - (right[i] ?? 0);
}
