/**
 * pbs_server, pbs_sched and the moms, as far as the scheduler can notice them: when a node is
 * created, hears of its hosts and turns free; when a job starts, ends or is lost.
 */
import type { JobFacts, JobRequest, NodeStateWord, TorqueNode } from '../core/facts.ts';
import { noAmounts } from '../core/settings.ts';
import { chooseNodes } from './first-fit-scheduler.ts';
import { usedSlots, type SimNode } from './sim-node.ts';
import type { Dice } from './random.ts';
import type { World } from './world.ts';

export interface SimJob {
  readonly id: string;
  readonly request: JobRequest;
  readonly runMs: number;
  /** What it says that it runs at the most; null: it does not say. */
  readonly walltimeS: number | null;
  readonly queuedAtMs: number;
  readonly isPossible: boolean;
  state: 'queued' | 'running' | 'complete';
  comment: string | null;
  nodes: readonly string[];
  /** How often it was started. */
  starts: number;
}

/** The beat on which pbs_server sends host lists: fixed in the server. */
const beatMs = 10_000;
const cycleMs = 10_000;
/** What pbs_sched says about a job that has not enough nodes. */
const notEnough = 'Not Running: Not enough of the right type of nodes are available';

export class TorqueModel {
  readonly nodes = new Map<string, SimNode>();
  readonly jobs = new Map<string, SimJob>();
  /** While true, pbsnodes shows none of our nodes. */
  concealing = false;
  /** Dice of their own for what came later, so that older seeds tell the same story up to there. */
  readonly whims: Dice;
  readonly #world: World;
  /** Hosts whose mom runs, and since when. */
  readonly #moms = new Map<string, number>();
  readonly #memMib: number;

  constructor(world: World, memMib: number) {
    this.#world = world;
    this.whims = world.dice.fork('whims');
    this.#memMib = memMib;
    this.#every(beatMs, () => {
      this.#sendHostLists();
    });
    this.#every(cycleMs, () => {
      this.cycle();
    });
  }

  #every(ms: number, then: () => void): void {
    this.#world.clock.after(ms, () => {
      then();
      this.#every(ms, then);
    });
  }

  // Nodes

  addNode(node: Pick<SimNode, 'name' | 'kind' | 'np' | 'properties' | 'requestId'>): void {
    const isNew = node.kind === 'elastic';
    const heard = node.kind === 'static';
    this.nodes.set(node.name, {
      ...node,
      offline: 'no',
      markedAtMs: 0,
      missed: new Set(),
      listSent: !isNew,
      heard,
      jobs: new Map(),
    });
    this.#world.trace('torque', `node ${node.name} created (${node.kind}, np=${node.np})`);
  }

  /** Jobs on it are purged: the caller has made sure that there are none, or has broken a rule. */
  removeNode(name: string): void {
    this.nodes.delete(name);
    this.#world.trace('torque', `node ${name} deleted`);
  }

  /** An offline set while the host list is not sent is lost with the beat. */
  #sendHostLists(): void {
    for (const node of this.nodes.values()) {
      if (node.listSent) continue;
      node.listSent = true;
      node.offline = 'no';
      this.#announce(node.name);
      // A mom that ran before its node was known is heard of late.
      if (this.#moms.has(node.name)) this.#hearLater(node.name, this.#world.dice.between(15_000, 40_000));
    }
  }

  /** pbs_server sends its list to nodes that are not offline, and does not make up for it. */
  #announce(name: string): void {
    for (const node of this.nodes.values()) {
      const isTold = node.offline !== 'by-us' || node.name === name;
      node.missed = isTold ? new Set() : new Set([...node.missed, name]);
    }
  }

  #hearLater(name: string, delayMs: number): void {
    const since = this.#moms.get(name);
    const node = this.nodes.get(name);
    this.#world.clock.after(delayMs, () => {
      if (node === undefined || this.nodes.get(name) !== node || this.#moms.get(name) !== since) return;
      node.heard = true;
      this.#world.trace('torque', `node ${name} free`);
    });
  }

  momStarted(host: string): void {
    this.#moms.set(host, this.#world.clock.nowMs());
    if (this.nodes.get(host)?.listSent === true) this.#hearLater(host, 300);
  }

  /** Ended in order (`momctl -s`): the node is down at once. */
  momStopped(host: string): void {
    this.#moms.delete(host);
    const node = this.nodes.get(host);
    if (node?.kind === 'elastic') node.heard = false;
  }

  /** Died: pbs_server believes in it for a while, and its jobs come back to the queue later. */
  momDied(host: string): void {
    const { clock, dice } = this.#world;
    this.#moms.delete(host);
    const node = this.nodes.get(host);
    if (node === undefined) return;
    clock.after(dice.between(5_000, 116_000), () => {
      if (!this.#moms.has(host)) node.heard = false;
    });
    for (const jobId of node.jobs.keys()) {
      clock.after(dice.between(10_000, 40_000), () => {
        this.#requeue(jobId, `its mom on ${host} died`);
      });
    }
  }

  /** Whether a node is there that was made for the task. */
  hasNodeOf(taskId: string): boolean {
    return [...this.nodes.values()].some((node) => node.requestId?.endsWith(`.${taskId}`) === true);
  }

  isBusy(name: string): boolean {
    return (this.nodes.get(name)?.jobs.size ?? 0) > 0;
  }

  /** What pbsnodes answers, which need not be what is. */
  shown(): readonly TorqueNode[] {
    return this.concealing ? this.pbsnodes().filter(({ requestId }) => requestId === null) : this.pbsnodes();
  }

  pbsnodes(): readonly TorqueNode[] {
    return [...this.nodes.values()].map((node) => ({
      name: node.name,
      np: node.np,
      gpus: 0,
      states: this.#statesOf(node),
      properties: node.properties,
      note: null,
      requestId: node.requestId,
      jobs: [...node.jobs].map(([jobId, slots]) => ({ jobId, slots })),
      memMib: node.heard ? this.#memMib : null,
      momServicePort: null,
      momManagerPort: null,
      addresses: [],
    }));
  }

  #statesOf(node: SimNode): readonly NodeStateWord[] {
    if (!node.listSent) return ['down', 'offline', 'mom-list-not-sent'];
    const states: NodeStateWord[] = [];
    if (!node.heard) states.push('down');
    if (node.offline !== 'no') states.push('offline');
    if (node.jobs.size > 0 && usedSlots(node) >= node.np) states.push('job-exclusive');
    return states.length === 0 ? ['free'] : states;
  }

  // Jobs

  submit(job: Pick<SimJob, 'id' | 'request' | 'runMs' | 'walltimeS' | 'isPossible'>): void {
    const queuedAtMs = this.#world.clock.nowMs();
    this.jobs.set(job.id, { ...job, queuedAtMs, state: 'queued', comment: null, nodes: [], starts: 0 });
    this.#world.trace('torque', `job ${job.id} queued: ${JSON.stringify(job.request)}`);
    this.#cycleSoon();
  }

  qstat(): readonly JobFacts[] {
    return [...this.jobs.values()].map((job) => ({
      id: job.id,
      name: 'work',
      owner: 'user',
      queue: 'batch',
      state: job.state,
      request: job.request,
      walltimeS: job.walltimeS,
      comment: job.comment,
      group: 'staff',
      counted: noAmounts,
      holds: '',
      depend: null,
      startsAfterMs: null,
      execNodes: job.nodes,
      execGpus: {},
      queuedAtMs: job.queuedAtMs,
      arraySlotLimit: null,
      arrayRange: null,
      isArrayTemplate: false,
    }));
  }

  /** A cycle of pbs_sched: first come, first served, passing over those that do not fit. */
  cycle(): void {
    for (const job of this.jobs.values()) {
      if (job.state !== 'queued') continue;
      const usable = [...this.nodes.values()].filter((node) => this.#takesJobs(node));
      const chosen = chooseNodes(job.request, usable);
      if (chosen === null) job.comment = notEnough;
      else this.#start(job, chosen);
    }
  }

  #takesJobs(node: SimNode): boolean {
    const isAlive = node.kind === 'static' || this.#moms.has(node.name);
    return node.listSent && node.heard && node.offline === 'no' && isAlive;
  }

  #cycleSoon(): void {
    this.#world.clock.after(50, () => {
      this.cycle();
    });
  }

  #start(job: SimJob, slots: ReadonlyMap<string, number>): void {
    job.state = 'running';
    job.comment = null;
    job.nodes = [...slots.keys()];
    job.starts += 1;
    for (const [name, count] of slots) this.nodes.get(name)?.jobs.set(job.id, count);
    const start = job.starts;
    this.#world.trace('torque', `job ${job.id} running on ${job.nodes.join(' ')}`);
    this.#world.clock.after(job.runMs, () => {
      if (job.state === 'running' && job.starts === start) this.#end(job);
    });
  }

  #end(job: SimJob): void {
    // Without its moms a job does not end; it is put back when that is noticed.
    if (job.nodes.some((name) => this.nodes.get(name)?.kind === 'elastic' && !this.#moms.has(name))) return;
    this.#leaveNodes(job);
    job.state = 'complete';
    this.#world.trace('torque', `job ${job.id} complete`);
    this.#cycleSoon();
    this.#world.clock.after(30_000, () => this.jobs.delete(job.id));
  }

  #requeue(jobId: string, why: string): void {
    const job = this.jobs.get(jobId);
    if (job?.state !== 'running') return;
    this.#leaveNodes(job);
    job.state = 'queued';
    this.#world.trace('torque', `job ${jobId} queued again: ${why}`);
    this.#cycleSoon();
  }

  #leaveNodes(job: SimJob): void {
    for (const name of job.nodes) this.nodes.get(name)?.jobs.delete(job.id);
    job.nodes = [];
  }
}
