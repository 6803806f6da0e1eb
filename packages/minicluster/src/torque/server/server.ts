/**
 * pbs_server's state and the few things that everything in it needs: its database, the time, who may
 * do what, and the call for a scheduling cycle.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Hosts } from '../shared/hosts.ts';
import { readHosts } from '../shared/hosts.ts';
import { writeFileAtomically } from '../shared/atomic-file.ts';
import { PbsError } from '../shared/pbs-error.ts';
import type { Settings } from '../shared/settings.ts';
import type { Database, Job, Node, Queue } from './model.ts';
import { isTrue, settingOf } from './model.ts';
import { initialServerSettings } from './settings-status.ts';

/** After a write so many times its duration passes before the next: many changes of a long queue are written together. */
const restFactor = 2;

export class Server {
  readonly home: string;
  readonly settings: Settings;
  readonly db: Database;
  /** All jobs by id, in the order of submission. */
  readonly jobs = new Map<string, Job>();
  /** By `ADDRESS:SERVICE-PORT`: the node whose mom is trusted there. Deleting a node removes the entry. */
  readonly trusted = new Map<string, string>();
  /** resources_available.nodect as last read while checking a submission; 0 after a start. */
  nodectRemembered = 0;
  /** An operator's try to set it is refused, and 6.1.3 forgets it from then on, though it still prints it. */
  nodectForgotten = false;
  #saveTimer: NodeJS.Timeout | null = null;
  /** `performance.now()` before which nothing is written again. */
  #restsUntilMs = 0;
  /** Who waits for the next write. */
  #onSaved: (() => void)[] = [];
  #requestCycle: () => void = () => undefined;

  constructor(home: string, settings: Settings, db: Database) {
    this.home = home;
    this.settings = settings;
    this.db = db;
    for (const job of db.jobs) this.jobs.set(job.id, job);
    for (const node of db.nodes) this.trusted.set(trustKey(node), node.name);
  }

  get nowMs(): number {
    return Date.now();
  }

  get nowS(): number {
    return Math.floor(this.nowMs / 1000);
  }

  get jobList(): Job[] {
    return [...this.jobs.values()];
  }

  hosts(): Hosts {
    return readHosts(this.home);
  }

  node(name: string): Node | null {
    return this.db.nodes.find((node) => node.name === name) ?? null;
  }

  queue(name: string): Queue | null {
    return this.db.queues.find((queue) => queue.name === name) ?? null;
  }

  /** Takes `42` as well as `42.head.torque.test`. */
  job(id: string): Job | null {
    return this.jobs.get(this.fullId(id)) ?? null;
  }

  fullId(id: string): string {
    return id.includes('.') ? id : `${id}.${this.settings.serverName}`;
  }

  setting(name: string, resource: string | null = null): string | null {
    return settingOf(this.db.settings, name, resource);
  }

  numberSetting(name: string, otherwise: number): number {
    const value = this.setting(name);
    return value === null ? otherwise : Number(value);
  }

  /** Root on the server's host and whom `set server managers` names. */
  isManager(user: string): boolean {
    return user === 'root' || this.#names('managers', user);
  }

  isOperator(user: string): boolean {
    return this.isManager(user) || this.#names('operators', user);
  }

  #names(setting: string, user: string): boolean {
    const entries = (this.setting(setting) ?? '').split(',');
    return entries.includes(`${user}@${this.settings.serverName}`) || entries.includes(`${user}@*`);
  }

  requireManager(user: string): void {
    if (!this.isManager(user)) throw new PbsError(15007, 'error in permissions (PERM_MANAGER)');
  }

  requireOperator(user: string): void {
    if (!this.isOperator(user)) throw new PbsError(15007, 'error in permissions (PERM_OPorMGR)');
  }

  onCycleWanted(requestCycle: () => void): void {
    this.#requestCycle = requestCycle;
  }

  /** Asks pbs_sched for a cycle, if `scheduling` is on. */
  wantCycle(): void {
    if (isTrue(this.setting('scheduling'))) this.#requestCycle();
  }

  /** To be called after every change. */
  changed(): void {
    this.#saveTimer ??= setTimeout(
      () => {
        this.save();
      },
      Math.max(0, this.#restsUntilMs - performance.now()),
    );
  }

  /**
   * Resolves once all changes so far are written. 6.1.3 writes a job's file before it answers qsub: a job whose id was
   * told outlives `kill -9`.
   */
  saved(): Promise<void> {
    if (this.#saveTimer === null) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onSaved.push(resolve);
    });
  }

  save(): void {
    const beganMs = performance.now();
    if (this.#saveTimer !== null) clearTimeout(this.#saveTimer);
    this.#saveTimer = null;
    const db: Database = { ...this.db, jobs: this.jobList };
    writeFileAtomically(databasePath(this.home), JSON.stringify(db));
    writeFileAtomically(path.join(this.home, 'server_priv', 'nodes'), nodesFile(this.db.nodes));
    const endedMs = performance.now();
    this.#restsUntilMs = endedMs + restFactor * (endedMs - beganMs);
    for (const wake of this.#onSaved.splice(0)) wake();
  }
}

/** Moms are known by address and port, not by name. */
export function trustKey(node: { readonly address: string; readonly servicePort: number }): string {
  return `${node.address}:${node.servicePort}`;
}

export function databasePath(home: string): string {
  return path.join(home, 'server_priv', 'serverdb');
}

/** Null where there is no database: a plain `pbs_server` then fails. */
export function loadDatabase(home: string): Database | null {
  const file = databasePath(home);
  if (!existsSync(file)) return null;
  const read = JSON.parse(readFileSync(file, 'utf8')) as { readonly version?: unknown };
  if (read.version !== 1) throw new Error(`reading ${file}: not a database of this stand-in`);
  const db = read as Database;
  db.jobs.forEach(finishRecovered);
  return db;
}

/** After a restart 6.1.3 shows an end for jobs that never ran, too, with a run time since the epoch. */
function finishRecovered(job: Job): void {
  if (job.state === 'C' && job.role.kind !== 'template') job.totalRuntimeS ??= Date.now() / 1000;
}

/** What `pbs_server -t create` makes; an existing database is lost. */
export function createDatabase(home: string, serverName: string): Database {
  mkdirSync(path.join(home, 'server_priv'), { recursive: true });
  return {
    version: 1,
    nextJobNumber: 0,
    nextQueueRank: 1,
    everHadNode: false,
    settings: initialServerSettings(serverName),
    queues: [],
    nodes: [],
    jobs: [],
  };
}

/** `server_priv/nodes`, for people. */
function nodesFile(nodes: readonly Node[]): string {
  const line = (node: Node): string => {
    const np = node.np === 1 ? '' : ` np=${node.np}`;
    return `${node.name}${np}${node.properties.map((p) => ` ${p}`).join('')}\n`;
  };
  return nodes.map(line).join('');
}
