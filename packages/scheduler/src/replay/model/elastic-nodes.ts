/**
 * The nodes of a replay that come and go, as Mesos and TORQUE would tell of them: intent, task and node of each
 * agent. What a reading would show is kept until something of it changes.
 */
import type {
  Goal,
  Intent,
  JobFacts,
  MomStage,
  NodeHistory,
  NodeStateWord,
  TaskFacts,
  TaskStateName,
  TorqueNode,
} from '../../core/facts.ts';
import { noAmounts } from '../../core/settings.ts';
import type { Agent } from '../cluster.ts';
import type { ReplayJob } from '../workload.ts';
import type { RunningJob } from './schedulers.ts';
import type { Torque } from './torque.ts';

/** - `listed`: pbs_server has sent it its host list. `free`: its mom answers. */
export type NodeStage = 'none' | 'created' | 'listed' | 'free';

export interface HeldNode {
  readonly agent: number;
  intent: Intent;
  task: TaskFacts | null;
  stage: NodeStage;
  requestId: string | null;
  isOffline: boolean;
  momOrdered: boolean;
  isBeingKilled: boolean;
  facts: TorqueNode | null;
  upAtMs: number | null;
  /** When pbs_server ceased to know it, or when it was launched. */
  absentSinceMs: number | null;
}

export class ElasticNodes {
  readonly #cluster: readonly Agent[];
  readonly #torque: Torque;
  /** By agent. */
  readonly #held = new Map<number, HeldNode>();
  readonly #byTask = new Map<string, HeldNode>();
  readonly #waitingFacts = new Map<string, JobFacts>();
  readonly #runningFacts = new Map<string, JobFacts>();
  /** As last shown; null when something has changed since. */
  #history: Readonly<Record<string, NodeHistory>> | null = null;

  constructor(cluster: readonly Agent[], torque: Torque) {
    this.#cluster = cluster;
    this.#torque = torque;
  }

  add(agent: number, intent: Intent): HeldNode {
    const node: HeldNode = {
      agent,
      intent,
      task: null,
      stage: 'none',
      requestId: null,
      isOffline: false,
      momOrdered: false,
      isBeingKilled: false,
      facts: null,
      upAtMs: null,
      absentSinceMs: intent.launchedAtMs,
    };
    this.#held.set(agent, node);
    this.#byTask.set(intent.taskId, node);
    this.#history = null;
    return node;
  }

  of(taskId: string): HeldNode {
    const node = this.#byTask.get(taskId);
    if (node === undefined) throw new Error(`no task ${taskId}`);
    return node;
  }

  on(agent: number): HeldNode | null {
    return this.#held.get(agent) ?? null;
  }

  forget({ agent, intent }: HeldNode): void {
    this.#held.delete(agent);
    this.#byTask.delete(intent.taskId);
    this.#history = null;
  }

  /** A goal that stands already keeps its beginning. */
  resolve(node: HeldNode, goal: Goal): void {
    if (node.intent.goal.kind !== goal.kind) node.intent = { ...node.intent, goal };
  }

  tell(node: HeldNode, state: TaskStateName, stage: MomStage, nowMs: number): void {
    node.task = {
      id: node.intent.taskId,
      agentId: node.intent.agentId,
      state,
      healthy: null,
      stage,
      momName: node.intent.nodeName,
      message: '',
      sinceMs: nowMs,
      aliveSinceMs: node.task?.aliveSinceMs ?? nowMs,
      trusted: null,
      addresses: [],
    };
  }

  get intents(): readonly Intent[] {
    return [...this.#held.values()].map(({ intent }) => intent);
  }

  /** By task id. */
  get history(): Readonly<Record<string, NodeHistory>> {
    this.#history ??= Object.fromEntries(
      [...this.#held.values()].map(({ intent, upAtMs, absentSinceMs }) => [
        intent.taskId,
        { absentSinceMs, upAtMs, unwellSinceMs: null },
      ]),
    );
    return this.#history;
  }

  get tasks(): readonly TaskFacts[] {
    return [...this.#held.values()].flatMap(({ task }) => task ?? []);
  }

  get nodes(): readonly TorqueNode[] {
    return [...this.#held.values()].flatMap((node) => (node.stage === 'none' ? [] : this.#factsOf(node)));
  }

  #factsOf(node: HeldNode): TorqueNode {
    node.facts ??= this.#read(node);
    return node.facts;
  }

  #read({ agent, intent, requestId, stage, isOffline }: HeldNode): TorqueNode {
    const jobs = [...this.#torque.jobsOn(agent)].map(([jobId, slots]) => ({ jobId, slots }));
    const used = jobs.reduce((sum, { slots }) => sum + slots, 0);
    const states: NodeStateWord[] = [];
    if (stage === 'created') states.push('down', 'offline', 'mom-list-not-sent');
    else {
      if (stage !== 'free') states.push('down');
      if (isOffline) states.push('offline');
      if (stage === 'free' && used >= intent.np) states.push('job-exclusive');
    }
    return {
      name: intent.nodeName,
      np: intent.np,
      gpus: 0,
      states: states.length === 0 ? ['free'] : states,
      properties: intent.properties,
      note: null,
      requestId,
      jobs,
      memMib: stage === 'free' ? intent.resources.memMib : null,
      momServicePort: null,
      momManagerPort: null,
      addresses: [],
    };
  }

  // Jobs

  started({ job, shares }: RunningJob): void {
    this.#waitingFacts.delete(job.id);
    const execNodes = [...new Set(shares.map(({ agent }) => this.#cluster[agent]?.host ?? ''))];
    this.#runningFacts.set(job.id, { ...queuedFacts(job), state: 'running', execNodes });
    for (const { agent } of shares) this.changed(agent);
  }

  ended({ job, shares }: RunningJob): void {
    this.#runningFacts.delete(job.id);
    for (const { agent } of shares) this.changed(agent);
  }

  /** What pbsnodes shows of the agent's node is no longer as it was. */
  changed(agent: number): void {
    const node = this.#held.get(agent);
    if (node !== undefined) node.facts = null;
    this.#history = null;
  }

  get jobs(): readonly JobFacts[] {
    const waiting = this.#torque.waiting.map((job) => {
      const known = this.#waitingFacts.get(job.id);
      if (known !== undefined) return known;
      const facts = queuedFacts(job);
      this.#waitingFacts.set(job.id, facts);
      return facts;
    });
    return [...waiting, ...this.#runningFacts.values()];
  }
}

function queuedFacts({ id, request, walltimeMs, submitMs }: ReplayJob): JobFacts {
  return {
    id,
    name: 'job',
    owner: 'user',
    queue: 'batch',
    state: 'queued',
    request,
    walltimeS: walltimeMs === null ? null : Math.ceil(walltimeMs / 1000),
    comment: null,
    group: 'users',
    counted: noAmounts,
    holds: '',
    depend: null,
    startsAfterMs: null,
    execNodes: [],
    execGpus: {},
    queuedAtMs: submitMs,
    arraySlotLimit: null,
    arrayRange: null,
    isArrayTemplate: false,
  };
}
