/**
 * Carries the planner's decisions out on the models. Everything succeeds; acts on TORQUE nodes take no time, and what
 * they did is seen in the next reading.
 */
import { unreachable } from '@mesos-torque/common/units.ts';
import type { CreateNodeDecision, Decision, LaunchDecision } from '../../core/decisions.ts';
import type { NodeAct, RecentActs } from '../../core/facts.ts';
import { sentence } from '../../core/reasons.ts';
import type { ElasticNodes, HeldNode } from '../model/elastic-nodes.ts';
import type { Mesos } from '../model/mesos.ts';
import type { World } from '../simulation.ts';
import { nextOn, type Timing } from '../timing.ts';
import { Ledger } from './ledger.ts';

export const frameworkId = 'replay-0000';

/** A mom that was told to end, and its executor, are gone after a second. */
const killMs = 1000;
/** A node is free 0.3 s after its mom was started, when its host list was sent before. */
const momMs = 300;
const vainKicksMs = 30_000;
/** Of the boot time, what is left for creating the node and starting its mom once the executor is there. */
const registerMs = 3000;

/** From a launch to the executor's first word. */
export function executorMs(bootMs: number): number {
  return Math.max(Math.floor(bootMs / 2), bootMs - registerMs);
}

interface Parts {
  readonly world: World;
  readonly timing: Timing;
  readonly nodes: ElasticNodes;
  readonly mesos: Mesos;
  /** Something changed that a plan could depend on. */
  readonly onChange: () => void;
  readonly onNodeFree: () => void;
}

export class CarryOut {
  readonly #parts: Parts;
  readonly #idleSinceMs = new Ledger<number>();
  readonly #startMomMs = new Ledger<number>();
  readonly #killMs = new Ledger<number>();
  readonly #nodeActs = new Ledger<NodeAct>();
  #kickMs: number | null = null;
  /** Since when nothing has changed; null while something may have. */
  #kicksVainSinceMs: number | null = null;
  #lastReviveMs: number | null = null;
  #revivesUnanswered = 0;
  #serial = 1;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get mesosFacts(): { readonly lastReviveMs: number | null; readonly revivesUnanswered: number } {
    return { lastReviveMs: this.#lastReviveMs, revivesUnanswered: this.#revivesUnanswered };
  }

  get recent(): RecentActs {
    return {
      startMomMs: this.#startMomMs.record,
      killMs: this.#killMs.record,
      nodeActs: this.#nodeActs.record,
      kickMs: this.#isVain() ? Infinity : this.#kickMs,
    };
  }

  get idleSinceMs(): Readonly<Record<string, number>> {
    return this.#idleSinceMs.record;
  }

  get nextSerial(): number {
    return this.#serial;
  }

  /**
   * The planner draws its conclusions from a few looks in vain; after those, a look of the TORQUE scheduler that started nothing would start nothing again until something changes, so the
   * planner is shown one that was asked for and is not over.
   */
  kicksAreVain(): void {
    this.#kicksVainSinceMs ??= this.#parts.world.nowMs();
  }

  kicksMayHelp(): void {
    this.#kicksVainSinceMs = null;
  }

  #isVain(): boolean {
    return (
      this.#kicksVainSinceMs !== null && this.#parts.world.nowMs() - this.#kicksVainSinceMs > vainKicksMs
    );
  }

  offersCame(): void {
    this.#revivesUnanswered = 0;
  }

  busy(agent: number): void {
    const node = this.#parts.nodes.on(agent);
    if (node !== null) this.#idleSinceMs.delete(node.intent.nodeName);
  }

  idle(agent: number): void {
    const { nodes, world } = this.#parts;
    const node = nodes.on(agent);
    if (node !== null && world.torque.isIdle(agent)) {
      this.#idleSinceMs.set(node.intent.nodeName, world.nowMs());
    }
  }

  /**
   * `changes`: how often something had changed when the plan was made. True when something new was begun; an order
   * that is repeated while it is carried out changes nothing.
   */
  carryOut(decision: Decision, changes: number): boolean {
    const { mesos, world, nodes } = this.#parts;
    const nowMs = world.nowMs();
    switch (decision.kind) {
      case 'launch':
        this.#launch(decision);
        return true;
      case 'create-node':
        return this.#create(decision);
      case 'start-mom':
        return this.#startMom(nodes.of(decision.taskId));
      case 'offline':
        this.#setOffline(nodes.of(decision.taskId), sentence(decision.why));
        return true;
      case 'online':
        this.#clear(nodes.of(decision.taskId));
        return true;
      case 'delete-node':
        return this.#delete(nodes.of(decision.taskId), sentence(decision.why));
      case 'kill-task':
        return this.#kill(nodes.of(decision.taskId));
      case 'forget':
        this.#forget(nodes.of(decision.taskId));
        return true;
      case 'decline':
        mesos.decline(decision.offerIds, decision.refuseS, nowMs, changes);
        return false;
      case 'suppress':
        mesos.suppress();
        return false;
      case 'revive':
        this.#lastReviveMs = nowMs;
        this.#revivesUnanswered += 1;
        mesos.revive(nowMs);
        return false;
      case 'kick-scheduler':
        this.#kickMs = nowMs;
        world.wantCycle();
        return false;
      default:
        return unreachable(decision);
    }
  }

  // The life of a node

  #launch({ offerIds, intent }: LaunchDecision): void {
    const { mesos, world, nodes, timing, onChange } = this.#parts;
    const nowMs = world.nowMs();
    this.#serial += 1;
    const node = nodes.add(mesos.accept(offerIds, intent.resources, nowMs), intent);
    world.meter.held(nowMs, intent.np);
    world.agenda.at(nowMs + executorMs(timing.bootMs), () => {
      if (node.isBeingKilled) return;
      nodes.tell(node, 'TASK_STARTING', 'prepared', world.nowMs());
      onChange();
    });
  }

  #create({ taskId, requestId }: CreateNodeDecision): boolean {
    const { world, nodes, timing, onChange } = this.#parts;
    const node = nodes.of(taskId);
    if (node.stage !== 'none') return false;
    const nowMs = world.nowMs();
    node.stage = timing.hostListMs === 0 ? 'listed' : 'created';
    node.requestId = requestId;
    node.absentSinceMs = null;
    nodes.changed(node.agent);
    this.#acted(node, 'create');
    if (timing.hostListMs === 0) return true;
    world.agenda.at(nextOn(timing.hostListMs, nowMs), () => {
      if (node.stage !== 'created') return;
      node.stage = 'listed';
      nodes.changed(node.agent);
      onChange();
    });
    return true;
  }

  #startMom(node: HeldNode): boolean {
    const { world, timing } = this.#parts;
    const nowMs = world.nowMs();
    this.#startMomMs.set(node.intent.taskId, nowMs);
    if (node.momOrdered) return false;
    node.momOrdered = true;
    const freeAtMs = Math.max(nowMs + momMs, node.intent.launchedAtMs + timing.bootMs);
    world.agenda.at(freeAtMs, () => {
      this.#turnFree(node);
    });
    return true;
  }

  #turnFree(node: HeldNode): void {
    const { world, nodes, onChange, onNodeFree } = this.#parts;
    if (node.stage !== 'listed' || node.isBeingKilled) return;
    node.stage = 'free';
    node.upAtMs = world.nowMs();
    nodes.tell(node, 'TASK_RUNNING', 'answering', world.nowMs());
    nodes.changed(node.agent);
    this.#idleSinceMs.set(node.intent.nodeName, world.nowMs());
    if (!node.isOffline) world.torque.open(node.agent, node.intent.np);
    onChange();
    onNodeFree();
  }

  #setOffline(node: HeldNode, why: string): void {
    const { world, nodes } = this.#parts;
    nodes.resolve(node, { kind: 'drain', sinceMs: world.nowMs(), why });
    node.isOffline = true;
    world.torque.close(node.agent);
    nodes.changed(node.agent);
    this.#acted(node, 'offline');
  }

  #clear(node: HeldNode): void {
    const { world, nodes } = this.#parts;
    nodes.resolve(node, { kind: 'hold' });
    node.isOffline = false;
    if (node.stage === 'free') world.torque.open(node.agent, node.intent.np);
    nodes.changed(node.agent);
    this.#acted(node, 'online');
  }

  #delete(node: HeldNode, why: string): boolean {
    const { world, nodes } = this.#parts;
    nodes.resolve(node, { kind: 'leave', sinceMs: world.nowMs(), why });
    if (node.stage === 'none') return false;
    node.stage = 'none';
    node.absentSinceMs = world.nowMs();
    nodes.changed(node.agent);
    this.#idleSinceMs.delete(node.intent.nodeName);
    this.#acted(node, 'delete');
    return true;
  }

  #kill(node: HeldNode): boolean {
    const { world, nodes, mesos, onChange } = this.#parts;
    this.#killMs.set(node.intent.taskId, world.nowMs());
    if (node.isBeingKilled) return false;
    node.isBeingKilled = true;
    world.agenda.at(world.nowMs() + killMs, () => {
      const nowMs = world.nowMs();
      nodes.tell(node, 'TASK_KILLED', 'stopped', nowMs);
      world.meter.givenBack(nowMs, node.intent.np);
      mesos.recover(node.agent, node.intent.resources, nowMs);
      onChange();
    });
    return true;
  }

  #forget(node: HeldNode): void {
    const { taskId, nodeName } = node.intent;
    this.#parts.nodes.forget(node);
    this.#startMomMs.delete(taskId);
    this.#killMs.delete(taskId);
    this.#nodeActs.delete(nodeName);
  }

  #acted({ intent }: HeldNode, act: NodeAct['act']): void {
    const endedAtMs = this.#parts.world.nowMs();
    this.#nodeActs.set(intent.nodeName, { act, endedAtMs, problem: null, failures: 0, refusals: 0 });
  }
}
