/**
 * The Mesos port onto the model. Calls belong to the subscription in which they were made: once there
 * is a new one, they are refused, as by a master that knows their stream id no more.
 */
import { add, firstShort, nothing } from '@mesos-torque/common/units.ts';
import type { QuotaLimits } from '../core/role-limits.ts';
import type { LaunchDecision } from '../core/decisions.ts';
import type { Policy } from '../core/policy.ts';
import { standingOf } from '../core/task-states.ts';
import type { DurableState, MesosEvent, MesosPort, Outcome, StatusFacts } from '../loop/ports.ts';
import type { Executors } from './executors.ts';
import { createTurns, isLost } from './in-turn.ts';
import type { MesosModel } from './mesos-model.ts';
import { overAllocation, sameHost } from './rules.ts';
import { callFate, done, failure, playCall, type World } from './world.ts';

export interface FakeMesos {
  /** The port of one life of the scheduler. */
  port(): MesosPort;
  /** The connection breaks; the framework comes back by itself after a while. */
  disconnect(why: string): void;
  /** The scheduler is gone with its connection. */
  cut(): void;
}

export interface FakeMesosParts {
  readonly world: World;
  readonly model: MesosModel;
  readonly executors: Executors;
  readonly policy: Policy;
  readonly trouble: number;
  readonly onDisk: () => DurableState | null;
  /** Whether an update, by its uuid, was journalled. */
  readonly isJournalled: (uuid: string) => boolean;
}

/** A subscription, from SUBSCRIBED to the end of its stream. */
interface Stream {
  readonly onEvent: (event: MesosEvent) => Promise<void>;
  readonly queue: MesosEvent[];
  delivering: boolean;
}

export function createFakeMesos(parts: FakeMesosParts): FakeMesos {
  const { world, model, executors, policy, onDisk } = parts;
  const { clock, dice } = world;
  const turns = createTurns();
  let stream: Stream | null = null;
  let handler: ((event: MesosEvent) => Promise<void>) | null = null;

  function connect(): void {
    const onEvent = handler;
    if (onEvent === null) return;
    const mine: Stream = { onEvent, queue: [], delivering: false };
    stream = mine;
    model.subscribe((event) => {
      mine.queue.push(event);
      void deliver(mine);
    });
  }

  /** One event at a time: the next one waits until the last was taken. */
  async function deliver(mine: Stream): Promise<void> {
    if (mine.delivering) return;
    mine.delivering = true;
    for (let event = mine.queue.shift(); event !== undefined; event = mine.queue.shift()) {
      if (mine !== stream) return;
      await mine.onEvent(event);
    }
    mine.delivering = false;
  }

  function disconnect(why: string): void {
    if (stream === null) return;
    const { onEvent } = stream;
    world.trace('mesos', `connection lost: ${why}`);
    stream = null;
    model.unsubscribe();
    void onEvent({ kind: 'disconnected', why });
    reconnectLater();
  }

  function reconnectLater(): void {
    const mine = handler;
    clock.after(world.faulty ? dice.between(100, 8000) : 100, () => {
      if (stream === null && handler === mine) connect();
    });
  }

  function call(what: string, about: string, effect: () => Outcome<null>): Promise<Outcome<null>> {
    const mine = stream;
    const fate = callFate(world, parts.trouble);
    if (!what.startsWith('acknowledge')) world.trace('mesos', `${what} (${fate.kind})`);
    const latency = { thereMs: dice.between(1, 15), backMs: dice.between(1, 15) };
    const taken = (): Outcome<null> =>
      mine === null || mine !== stream ? failure('refused', 'Framework is not subscribed') : effect();
    return playCall(world, fate, latency, isLost(fate) ? taken : turns.add(about, taken));
  }

  function dropped(
    launch: LaunchDecision,
    state: 'TASK_DROPPED' | 'TASK_ERROR',
    about: Partial<StatusFacts>,
  ): void {
    const { taskId, agentId } = launch.intent;
    model.say({ ...model.status(taskId, agentId, state, 'master'), ...about });
  }

  function accept(launch: LaunchDecision): Outcome<null> {
    const { intent, offerIds } = launch;
    const offers = offerIds.flatMap((id) => model.offers.get(id) ?? []);
    const agents = new Set(offers.map((offer) => offer.agentId));
    for (const id of offerIds) model.offers.delete(id);
    if (offers.length !== offerIds.length || agents.size !== 1) {
      dropped(launch, 'TASK_DROPPED', { reason: 'INVALID_OFFERS', message: 'Offers are no longer valid' });
      return done;
    }
    if (model.tasks.has(intent.taskId)) {
      dropped(launch, 'TASK_ERROR', {
        reason: 'TASK_INVALID',
        message: `Task has duplicate ID: ${intent.taskId}`,
      });
      world.broken(`launched ${intent.taskId} twice`);
      return done;
    }
    const offered = offers.reduce((sum, offer) => add(sum, offer.resources), nothing);
    const agent = model.agents.find((each) => each.id === intent.agentId);
    if (agent === undefined || !agents.has(agent.id) || firstShort(intent.resources, offered) !== null) {
      world.broken(`launched ${intent.taskId} beyond its offers`);
      return done;
    }
    model.refuse(agent.id, model.freeOn(agent), 5);
    const task = model.addTask(intent.taskId, agent, intent.resources);
    for (const rule of [...overAllocation(model, policy), ...sameHost(model)]) world.broken(rule);
    clock.after(dice.between(20, 200), () => {
      executors.launched(task);
    });
    return done;
  }

  function kill(taskId: string, agentId: string): Outcome<null> {
    const task = model.tasks.get(taskId);
    if (task === undefined || standingOf(task.heard.state) === 'ended') {
      model.answer(taskId, agentId);
      return done;
    }
    // An agent out of sight does not hear it, and nobody tells it later.
    if (!task.agent.inSight || (world.faulty && dice.chance(0.1))) return done;
    clock.after(dice.between(5, 100), () => {
      executors.kill(task);
    });
    return done;
  }

  function decline(offerIds: readonly string[], refuseS: number): Outcome<null> {
    for (const id of offerIds) {
      const offer = model.offers.get(id);
      if (offer === undefined) continue;
      model.offers.delete(id);
      model.refuse(offer.agentId, offer.resources, refuseS);
    }
    return done;
  }

  function reconcile(
    tasks: readonly { readonly taskId: string; readonly agentId: string | null }[],
  ): Outcome<null> {
    if (tasks.length > 0) {
      for (const { taskId, agentId } of tasks) model.answer(taskId, agentId);
      return done;
    }
    for (const task of model.living()) if (task.agent.inSight) model.answer(task.id, task.agent.id);
    return done;
  }

  /** Without dice: most seeds know no quota, and are as they were. */
  function readQuota(): Promise<Outcome<QuotaLimits>> {
    if (stream === null) return Promise.resolve(failure('unreachable', 'there is no subscription'));
    const cpuMilli = model.quotaCpuMilli;
    return Promise.resolve({ ok: true, value: { cpuMilli, memMib: null, diskMib: null, gpus: null } });
  }

  function port(): MesosPort {
    return {
      open({ frameworkId }, onEvent) {
        const known = onDisk()?.frameworkId ?? null;
        if (frameworkId !== known)
          world.broken(`subscribed as ${String(frameworkId)}, on disk is ${String(known)}`);
        handler = onEvent;
        reconnectLater();
      },
      accept(launch) {
        const { taskId } = launch.intent;
        const state = onDisk();
        if (state?.frameworkId !== model.frameworkId)
          world.broken(`launch of ${taskId} before the framework id was saved`);
        if (state?.intents.some((intent) => intent.taskId === taskId) !== true) {
          world.broken(`launch of ${taskId} without an intent on disk`);
        }
        return call(`accept ${launch.offerIds.join(' ')} for ${taskId}`, taskId, () => accept(launch));
      },
      decline: (offerIds, refuseS) =>
        call(`decline ${offerIds.join(' ')} for ${refuseS} s`, `offer ${offerIds.join(' ')}`, () =>
          decline(offerIds, refuseS),
        ),
      suppress: () =>
        call('suppress', 'flow', () => {
          model.suppressed = true;
          return done;
        }),
      revive: () =>
        call('revive', 'flow', () => {
          model.revive();
          return done;
        }),
      kill: (taskId, agentId) => call(`kill ${taskId}`, `kill ${taskId}`, () => kill(taskId, agentId)),
      acknowledge(token) {
        if (!parts.isJournalled(token.uuid))
          world.broken(`acknowledged an update of ${token.taskId} before it was recorded`);
        return call('acknowledge', token.uuid, () => {
          model.acknowledge(token.taskId, token.uuid);
          return done;
        });
      },
      reconcile: (tasks) => call(`reconcile ${tasks.length} tasks`, 'reconcile', () => reconcile(tasks)),
      readQuota: () => readQuota(),
      readFairShare: () => Promise.resolve({ ok: true, value: null }),
      answerInverse: (id, isAccepted, refuseS) =>
        call('answer inverse offer', id, () => {
          model.answerInverse(id, isAccepted, refuseS);
          return done;
        }),
      startMom: (taskId) =>
        call(`start mom of ${taskId}`, `start ${taskId}`, () => {
          const task = model.tasks.get(taskId);
          if (task?.agent.inSight !== true || (world.faulty && dice.chance(0.1))) return done;
          executors.startMom(task);
          return done;
        }),
      teardown: () => call('teardown', 'teardown', () => failure('refused', 'not in this play')),
      close() {
        cut();
        return Promise.resolve();
      },
    };
  }

  function cut(): void {
    handler = null;
    stream = null;
    model.unsubscribe();
  }

  return { port, disconnect, cut };
}
