/**
 * The TORQUE port onto the model: calls take their time, fail, or take effect although nobody hears
 * of it; and each act is held against the rules at the moment of its effect.
 */
import type { CreateNodeDecision } from '../core/decisions.ts';
import type { QueueFacts, TorqueNode } from '../core/facts.ts';
import { ownerOf } from '../core/names.ts';
import type { Policy } from '../core/policy.ts';
import { noLimits, type QueueSettings } from '../core/settings.ts';
import type { DurableState, Outcome, TorquePort } from '../loop/ports.ts';
import { createTurns, isLost } from './in-turn.ts';
import type { SimNode } from './sim-node.ts';
import type { TorqueModel } from './torque-model.ts';
import { callFate, done, failure, patienceMs, playCall, type World } from './world.ts';

/** How often a call goes wrong while faults are on. */
export interface TorqueTrouble {
  readonly reading: number;
  readonly act: number;
}

/** A plan may be made on a reading as old as this: a call's patience and the pace of reading. */
const readingLagMs = patienceMs + 5000;
/** The queue of all jobs, without limits. */
const oneOpenQueue: QueueSettings = {
  server: noLimits,
  queues: [{ ...noLimits, name: 'batch', kind: 'execution', isStarted: true, propertiesRequired: [] }],
};

/** Durations of the real commands. Milliseconds. */
const quick = { thereMs: 30, backMs: 30 };

export function createFakeTorque(
  world: World,
  model: TorqueModel,
  policy: Policy,
  trouble: TorqueTrouble,
  onDisk: () => DurableState | null,
): TorquePort {
  const acts = createTurns();
  let overlookedMs = 0;

  function read<T>(what: string, value: () => T): Promise<Outcome<T>> {
    const latency = { thereMs: world.dice.between(5, 100), backMs: world.dice.between(5, 100) };
    const fate = callFate(world, trouble.reading);
    if (fate.kind !== 'served') world.trace('torque', `reading ${what} goes wrong: ${fate.kind}`);
    return playCall(world, fate, latency, () => ({ ok: true, value: value() }));
  }

  function act(
    node: string,
    what: string,
    effect: () => Outcome<null>,
    latency = quick,
  ): Promise<Outcome<null>> {
    const fate = callFate(world, trouble.act);
    world.trace('torque', `${what} ${node} (${fate.kind})`);
    return playCall(world, fate, latency, isLost(fate) ? effect : acts.add(node, effect));
  }

  /** Now and then an answer of pbs_server lacks a node that is there; the next one shows it again. */
  function overlooked(nodes: readonly TorqueNode[]): readonly TorqueNode[] {
    const nowMs = world.clock.nowMs();
    if (!world.faulty || nowMs - overlookedMs < 2 * readingLagMs || !world.dice.chance(0.01)) return nodes;
    overlookedMs = nowMs;
    const missing = nodes[world.dice.between(0, nodes.length - 1)];
    world.trace('torque', `pbsnodes overlooks ${missing?.name ?? 'nothing'}`);
    return nodes.filter((node) => node !== missing);
  }

  /** What must hold when the order is given: the node is ours, and the disk says what we are about to do. */
  function mayOrder(name: string, goals: readonly string[], what: string): void {
    const node = model.nodes.get(name);
    if (node === undefined) return;
    if (node.kind !== 'elastic') world.broken(`${what} of the ${node.kind} node ${name}`);
    const taskId = ownerOf(policy.ownerMark, node.requestId)?.taskId;
    const intent = onDisk()?.intents.find((each) => each.taskId === taskId);
    // A node whose intent is gone is an orphan, which its mark alone allows to remove.
    if (intent === undefined || goals.includes(intent.goal.kind)) return;
    world.broken(`${what} of ${name} while the goal on disk is ${intent.goal.kind}`);
  }

  /**
   * TORQUE has one mark: an administrator's that was set after our goal was recorded cannot be told
   * from ours if we never heard the answer that it is theirs.
   */
  function isKnownTheirs(node: SimNode): boolean {
    const intent = onDisk()?.intents.find((each) => each.nodeName === node.name);
    const sinceMs = intent === undefined || intent.goal.kind === 'hold' ? Infinity : intent.goal.sinceMs;
    return node.offline === 'by-administrator' && node.markedAtMs < sinceMs - readingLagMs;
  }

  function mayCreate({ node, taskId }: CreateNodeDecision): void {
    if (onDisk()?.intents.some((intent) => intent.taskId === taskId) === true) return;
    world.broken(`creation of ${node} without an intent on disk`);
  }

  return {
    readQueue: () => read('the queue', (): QueueFacts => ({ jobs: model.qstat() })),
    readNodes: () => read('the nodes', (): readonly TorqueNode[] => overlooked(model.shown())),
    readSettings: () => read('the settings', () => oneOpenQueue),

    createNode(decision) {
      mayCreate(decision);
      return act(decision.node, 'create node', () => {
        const there = model.nodes.get(decision.node);
        if (there?.requestId === decision.requestId) return done;
        if (there !== undefined) return failure('conflict', 'Node name already exists');
        model.addNode({
          name: decision.node,
          kind: 'elastic',
          np: decision.np,
          properties: decision.properties,
          requestId: decision.requestId,
        });
        return done;
      });
    },

    setOffline(name, seenOffline) {
      mayOrder(name, ['drain', 'leave'], 'offline');
      return act(name, 'set offline', () => {
        const node = model.nodes.get(name);
        if (node === undefined) return failure('not-found', 'Unknown node');
        // The real client looks immediately before it marks.
        if (!seenOffline && node.listSent && node.offline === 'by-administrator')
          return failure('theirs', 'somebody else set it offline');
        if (!node.listSent) return failure('conflict', 'the host list is not sent');
        node.offline = 'by-us';
        return done;
      });
    },

    clearOffline(name) {
      mayOrder(name, ['hold', 'drain'], 'clearing offline');
      return act(name, 'clear offline', () => {
        const node = model.nodes.get(name);
        if (node === undefined) return failure('not-found', 'Unknown node');
        if (isKnownTheirs(node)) world.broken(`cleared the administrator's mark on ${name}`);
        if (!node.listSent) return failure('refused', 'offline is still shown');
        const missed = [...node.missed].filter((other) => model.nodes.has(other));
        if (missed.length > 0) world.broken(`took ${name} back, whose mom does not know ${missed.join(' ')}`);
        node.offline = 'no';
        return done;
      });
    },

    deleteNode(name) {
      mayOrder(name, ['leave'], 'deletion');
      const latency = { thereMs: world.dice.between(30, 1900), backMs: 100 };
      const effect = (): Outcome<null> => {
        if (model.isBusy(name)) world.broken(`deleted ${name}, which has jobs`);
        if (model.nodes.has(name)) model.removeNode(name);
        return done;
      };
      return act(name, 'delete node', effect, latency);
    },

    kickScheduler: () => {
      const fate = callFate(world, trouble.act);
      return playCall(world, fate, quick, () => {
        world.clock.after(50, () => {
          model.cycle();
        });
        return done;
      });
    },
  };
}
