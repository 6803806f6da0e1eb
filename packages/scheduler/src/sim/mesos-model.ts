/**
 * A Mesos master and its agents with one framework on them: ours. Offers with filters, tasks whose
 * updates are sent again until acknowledged, agents that are lost from sight and come back.
 */
import type { ResourceVector } from '@mesos-torque/common/units.ts';
import { add, firstShort, nothing, subtract } from '@mesos-torque/common/units.ts';
import type { OfferFacts, TaskStateName } from '../core/facts.ts';
import { standingOf } from '../core/task-states.ts';
import type { MesosEvent, StatusFacts } from '../loop/ports.ts';
import type { World } from './world.ts';

export interface SimAgent {
  readonly id: string;
  readonly host: string;
  readonly total: ResourceVector;
  readonly attributes: Readonly<Record<string, string>>;
  /** What other frameworks hold of it. */
  others: ResourceVector;
  inSight: boolean;
}

export interface SimTask {
  readonly id: string;
  readonly agent: SimAgent;
  readonly resources: ResourceVector;
  /** As it is on the agent. */
  state: TaskStateName;
  /** Updates not acknowledged yet; only the first of them is on its way. */
  readonly updates: StatusFacts[];
  /** What the master last heard. */
  heard: StatusFacts;
  resendMs: number;
}

/** A machine's announced maintenance. */
export interface SimWindow {
  readonly fromMs: number;
  readonly untilMs: number;
  /** Whether the inverse offer was accepted: we are to be gone by then. */
  isAccepted: boolean;
}

const firstResendMs = 10_000;
const resendMsMax = 40_000;

export class MesosModel {
  readonly agents: readonly SimAgent[];
  readonly tasks = new Map<string, SimTask>();
  readonly offers = new Map<string, OfferFacts>();
  readonly frameworkId = 'f0f0f0f0-0000-0001';
  readonly #world: World;
  #filters: { readonly agentId: string; readonly refused: ResourceVector; readonly untilMs: number }[] = [];
  #send: ((event: MesosEvent) => void) | null = null;
  #serial = 0;
  suppressed = false;
  /** What the quota of our role leaves us of processors; null: there is none. */
  quotaCpuMilli: number | null = null;
  readonly windows = new Map<string, SimWindow>();
  /** Inverse offers that wait for an answer, by their ids. */
  readonly #inverse = new Map<string, string>();
  /** How a master that has just taken over answers about tasks of agents that are not back yet. */
  #memory: 'whole' | 'unknown' | 'silent' = 'whole';

  constructor(world: World, agents: readonly SimAgent[]) {
    this.#world = world;
    this.agents = agents;
    this.#allocateEverySecond();
  }

  // Subscription

  /** The framework is subscribed: unacknowledged updates come at once, the offers of before are gone. */
  subscribe(send: (event: MesosEvent) => void): void {
    this.#send = send;
    this.suppressed = false;
    this.offers.clear();
    this.#filters = [];
    send({ kind: 'subscribed', frameworkId: this.frameworkId, master: 'master:5050' });
    for (const task of this.tasks.values()) this.#sendUpdate(task);
    this.#inverse.clear();
    for (const [agentId, window] of this.windows) {
      window.isAccepted = false;
      this.#askToLeave(agentId);
    }
  }

  unsubscribe(): void {
    this.#send = null;
    this.offers.clear();
  }

  // Offers

  #allocateEverySecond(): void {
    this.#world.clock.after(1000, () => {
      this.#allocate();
      this.#allocateEverySecond();
    });
  }

  #allocate(): void {
    if (this.#send === null || this.suppressed) return;
    const offers = this.agents.flatMap((agent) => this.#offerOf(agent));
    for (const offer of offers) this.offers.set(offer.id, offer);
    if (offers.length > 0) this.#send({ kind: 'offers', offers });
  }

  #offerOf(agent: SimAgent): readonly OfferFacts[] {
    const free = this.#withinQuota(this.freeOn(agent));
    const isTooLittle = free.memMib < 32 || (free.cpuMilli < 100 && this.quotaCpuMilli === null);
    if (!agent.inSight || isTooLittle || this.#isFiltered(agent.id, free)) return [];
    return [
      {
        id: `offer-${this.#serial++}`,
        agentId: agent.id,
        host: agent.host,
        resources: free,
        ports: [{ begin: 31_000, end: 32_000 }],
        attributes: agent.attributes,
        receivedAtMs: this.#world.clock.nowMs(),
        unavailableFromMs: this.windows.get(agent.id)?.fromMs ?? null,
      },
    ];
  }

  /** At its limit offers still come, without processors. */
  #withinQuota(free: ResourceVector): ResourceVector {
    if (this.quotaCpuMilli === null) return free;
    const offered = [...this.offers.values()].reduce((sum, { resources }) => sum + resources.cpuMilli, 0);
    const left = Math.max(0, this.quotaCpuMilli - this.held().cpuMilli - offered);
    return { ...free, cpuMilli: Math.min(free.cpuMilli, left) };
  }

  freeOn(agent: SimAgent): ResourceVector {
    let free = subtract(agent.total, agent.others);
    for (const task of this.tasksOn(agent)) free = subtract(free, task.resources);
    for (const offer of this.offers.values()) {
      if (offer.agentId === agent.id) free = subtract(free, offer.resources);
    }
    return free;
  }

  /** A filter holds as long as the agent has no more free than was refused. */
  #isFiltered(agentId: string, free: ResourceVector): boolean {
    const nowMs = this.#world.clock.nowMs();
    return this.#filters.some(
      (filter) =>
        filter.agentId === agentId && filter.untilMs > nowMs && firstShort(free, filter.refused) === null,
    );
  }

  refuse(agentId: string, refused: ResourceVector, refuseS: number): void {
    const nowMs = this.#world.clock.nowMs();
    this.#filters = this.#filters.filter((filter) => filter.untilMs > nowMs);
    this.#filters.push({ agentId, refused, untilMs: nowMs + refuseS * 1000 });
  }

  revive(): void {
    this.suppressed = false;
    this.#filters = [];
    this.#world.clock.after(20, () => {
      this.#allocate();
    });
  }

  rescind(offerId: string): void {
    if (!this.offers.delete(offerId)) return;
    this.#send?.({ kind: 'rescinded', offerId });
  }

  // What operators do

  /** A change of the quota takes all offers back. */
  setQuota(cpuMilli: number | null): void {
    this.quotaCpuMilli = cpuMilli;
    for (const id of this.offers.keys()) this.rescind(id);
  }

  /** A change of the schedule takes all offers back, of every agent; then they come with the window. */
  announce(agent: SimAgent, fromMs: number, untilMs: number): SimWindow {
    const window = { fromMs, untilMs, isAccepted: false };
    this.windows.set(agent.id, window);
    for (const id of this.offers.keys()) this.rescind(id);
    this.#askToLeave(agent.id);
    return window;
  }

  bringUp(agent: SimAgent): void {
    this.#takeBackInverse(agent.id);
    this.windows.delete(agent.id);
    if (!agent.inSight) this.seeAgain(agent);
  }

  /** All machines are back, whether they were away or not yet. */
  endMaintenance(): void {
    for (const agent of this.agents) if (this.windows.has(agent.id)) this.bringUp(agent);
  }

  #askToLeave(agentId: string): void {
    const window = this.windows.get(agentId);
    if (window === undefined || this.#send === null) return;
    const id = `inverse-${this.#serial++}`;
    this.#inverse.set(id, agentId);
    const { fromMs, untilMs } = window;
    this.#send({ kind: 'inverse-offers', offers: [{ id, agentId, fromMs, untilMs }] });
  }

  #takeBackInverse(agentId: string): void {
    for (const [id, asked] of this.#inverse) {
      if (asked !== agentId) continue;
      this.#inverse.delete(id);
      this.#send?.({ kind: 'inverse-rescinded', offerId: id });
    }
  }

  /** What was accepted is not asked again; what was declined is, after a while. */
  answerInverse(id: string, isAccepted: boolean, refuseS: number): void {
    const agentId = this.#inverse.get(id);
    const window = agentId === undefined ? undefined : this.windows.get(agentId);
    if (agentId === undefined || window === undefined) return;
    this.#inverse.delete(id);
    window.isAccepted = isAccepted;
    this.#world.trace('ops', `we ${isAccepted ? 'accept' : 'decline'} the maintenance of ${agentId}`);
    if (isAccepted) return;
    this.#world.clock.after(refuseS * 1000, () => {
      if (this.windows.get(agentId) === window) this.#askToLeave(agentId);
    });
  }

  // Tasks

  /** Tasks that hold resources of the agent. */
  tasksOn(agent: SimAgent): readonly SimTask[] {
    return this.living().filter((task) => task.agent === agent);
  }

  living(): readonly SimTask[] {
    return [...this.tasks.values()].filter((task) => standingOf(task.state) !== 'ended');
  }

  held(): ResourceVector & { readonly nodes: number } {
    const living = this.living();
    const sum = living.reduce((total, task) => add(total, task.resources), nothing);
    return { ...sum, nodes: living.length };
  }

  addTask(id: string, agent: SimAgent, resources: ResourceVector): SimTask {
    const heard = this.status(id, agent.id, 'TASK_STAGING', 'master');
    const task: SimTask = {
      id,
      agent,
      resources,
      state: 'TASK_STAGING',
      updates: [],
      heard,
      resendMs: firstResendMs,
    };
    this.tasks.set(id, task);
    return task;
  }

  /** An update of the executor's or the agent's: kept until it is acknowledged. */
  update(task: SimTask, state: TaskStateName, about: Partial<StatusFacts>): void {
    // One that has ended says nothing more.
    if (standingOf(task.state) === 'ended') return;
    task.state = state;
    const uuid = (this.#serial++).toString(16).padStart(32, '0');
    const ackToken = { taskId: task.id, agentId: task.agent.id, uuid };
    task.updates.push({ ...this.status(task.id, task.agent.id, state, 'executor'), ...about, ackToken });
    this.#world.trace('mesos', `${task.id} is ${state} ${about.stage ?? ''}`);
    if (task.updates.length === 1) this.#sendUpdate(task);
  }

  /** From agent to master: updates of different tasks overtake each other on the way. */
  #sendUpdate(task: SimTask): void {
    const { clock, dice, faulty } = this.#world;
    const [update] = task.updates;
    if (update === undefined) return;
    clock.after(faulty ? dice.between(1, 400) : 2, () => {
      if (task.updates[0] !== update || !task.agent.inSight) return;
      task.heard = update;
      this.say(update);
    });
    clock.after(task.resendMs, () => {
      if (task.updates[0] !== update) return;
      task.resendMs = Math.min(task.resendMs * 2, resendMsMax);
      this.#sendUpdate(task);
    });
  }

  acknowledge(taskId: string, uuid: string): void {
    const task = this.tasks.get(taskId);
    if (task?.updates[0]?.ackToken?.uuid !== uuid) return;
    task.updates.shift();
    task.resendMs = firstResendMs;
    this.#world.clock.after(5, () => {
      this.#sendUpdate(task);
    });
  }

  status(
    taskId: string,
    agentId: string | null,
    state: TaskStateName,
    source: StatusFacts['source'],
  ): StatusFacts {
    return {
      taskId,
      agentId,
      state,
      reason: null,
      source,
      message: '',
      healthy: null,
      stage: 'unknown',
      momName: null,
      trusted: null,
      addresses: [],
      ackToken: null,
    };
  }

  /** From master to us, in order; a fault loses it, or sends it twice. */
  say(status: StatusFacts): void {
    const { dice, faulty } = this.#world;
    if (faulty && dice.chance(0.08)) {
      this.#world.trace('mesos', `update of ${status.taskId} lost: ${status.state}`);
      return;
    }
    this.#send?.({ kind: 'status', status });
    if (faulty && dice.chance(0.08)) this.#send?.({ kind: 'status', status });
  }

  /** Tells what the master knows of a task, as it answers to RECONCILE and to KILL of no task. */
  answer(taskId: string, agentId: string | null): void {
    if (this.#memory === 'silent') return;
    if (this.#memory === 'unknown') {
      this.say({ ...this.status(taskId, agentId, 'TASK_UNKNOWN', 'master'), reason: 'RECONCILIATION' });
      return;
    }
    const task = this.tasks.get(taskId);
    const isKnown = task !== undefined && standingOf(task.heard.state) !== 'ended';
    const agent = this.agents.find((each) => each.id === agentId);
    let state: TaskStateName = agent === undefined ? 'TASK_UNKNOWN' : 'TASK_GONE';
    if (isKnown) state = task.heard.state;
    if (isKnown && !task.agent.inSight) state = agentId === null ? 'TASK_UNKNOWN' : 'TASK_UNREACHABLE';
    const { healthy } = isKnown ? task.heard : { healthy: null };
    this.say({ ...this.status(taskId, agentId, state, 'master'), reason: 'RECONCILIATION', healthy });
  }

  // Agents

  loseSight(agent: SimAgent): void {
    agent.inSight = false;
    for (const offer of this.offers.values()) if (offer.agentId === agent.id) this.rescind(offer.id);
    for (const task of this.tasksOn(agent)) {
      this.say(this.status(task.id, agent.id, 'TASK_UNREACHABLE', 'master'));
    }
    this.#send?.({ kind: 'agent-lost', agentId: agent.id });
  }

  seeAgain(agent: SimAgent): void {
    agent.inSight = true;
    for (const task of this.tasksOn(agent)) {
      const status = this.status(task.id, agent.id, task.heard.state, 'master');
      const again = { ...status, reason: 'AGENT_REREGISTERED', healthy: task.heard.healthy };
      this.#send?.({ kind: 'status', status: again });
    }
    for (const task of this.tasks.values()) if (task.agent === agent) this.#sendUpdate(task);
  }

  /**
   * Another master takes over and knows no agent yet: with a registry in memory it calls running tasks
   * unknown, with the replicated log it does not answer.
   */
  takeOver(memory: 'unknown' | 'silent'): void {
    this.#memory = memory;
    for (const agent of this.agents) agent.inSight = false;
  }

  /** All agents are back: their tasks are told of before anything is offered. */
  takenOver(): void {
    this.#memory = 'whole';
    for (const agent of this.agents) this.seeAgain(agent);
  }
}
