/**
 * One seed: a world, a scheduler in it, and two phases. First faults, with the rules watched at every
 * step; then peace, in which everything that can be done must get done and be put away.
 */
import { silentLog } from '@mesos-torque/common/logger.ts';
import type { JournalEntry } from '../loop/ports.ts';
import { createLoop, type Loop } from '../loop/reconcile-loop.ts';
import { startAdministrator } from './administrator.ts';
import { clearUp, startAccidents, type AccidentParts } from './accidents.ts';
import { createExecutors } from './executors.ts';
import { createFakeDisk } from './fake-disk.ts';
import { createFakeMesos } from './fake-mesos.ts';
import { createFakeTorque } from './fake-torque.ts';
import { createLife, type Life } from './life.ts';
import { MesosModel } from './mesos-model.ts';
import { createOperators } from './operators.ts';
import { noMutation, type Mutation } from './mutations.ts';
import { memMibOfAgent, createScenario, type Scenario, type SimOperators } from './scenario.ts';
import { hoardedOffers, unfinished } from './settled.ts';
import { simLoopOptions } from './sim-options.ts';
import { TorqueModel } from './torque-model.ts';
import { createWorld, startMs, type World } from './world.ts';

export interface SimResult {
  readonly seed: number;
  /** Rules broken, or what was left undone; empty when all is well. */
  readonly failures: readonly string[];
  readonly trace: readonly string[];
  readonly virtualMs: number;
  /** From the end of the faults until everything was put away. */
  readonly settledAfterMs: number | null;
  readonly lives: number;
}

/** By then everything must be done that can be. */
const settleTimeMsMax = 30 * 60_000;
/** Offers from before that were answered badly are given so long. */
const calmMs = 60_000;
/** So long it must stay done. */
const quietMs = 30_000;

/** `doing`: what operators do instead of what the seed says. */
export async function simulate(
  seed: number,
  mutation: Mutation = noMutation,
  doing?: SimOperators,
): Promise<SimResult> {
  const world = createWorld(seed);
  const stage = setStage(world, mutation, doing);
  stage.begin();
  await world.clock.runUntil(startMs + stage.scenario.faultsMs, isBroken(world));
  stage.endFaults();
  const settledAfterMs = await settle(world, stage);
  return {
    seed,
    failures: world.violations,
    trace: world.lines,
    virtualMs: world.clock.nowMs() - startMs,
    settledAfterMs,
    lives: stage.lives(),
  };
}

function isBroken(world: World): () => boolean {
  return () => world.violations.length > 0;
}

async function settle(world: World, stage: Stage): Promise<number | null> {
  const beganMs = world.clock.nowMs();
  let quietSinceMs: number | null = null;
  while (world.violations.length === 0) {
    const nowMs = world.clock.nowMs();
    const left = stage.unfinished();
    if (nowMs - beganMs > calmMs) for (const offer of stage.hoarded()) world.broken(offer);
    quietSinceMs = left.length > 0 ? null : (quietSinceMs ?? nowMs);
    if (quietSinceMs !== null && nowMs - quietSinceMs >= quietMs) return quietSinceMs - beganMs;
    if (nowMs - beganMs > settleTimeMsMax) {
      stage.explain();
      for (const thing of left) world.broken(`never settled: ${thing}`);
    }
    await world.clock.runUntil(nowMs + 1000, isBroken(world));
  }
  return null;
}

interface Stage {
  readonly scenario: Scenario;
  begin(): void;
  endFaults(): void;
  unfinished(): readonly string[];
  hoarded(): readonly string[];
  /** Traces what the planner last said about everything. */
  explain(): void;
  lives(): number;
}

function setStage(world: World, mutation: Mutation, doing?: SimOperators): Stage {
  const { clock, dice } = world;
  const scenario = createScenario(dice, doing);
  const { policy } = scenario;
  const disk = createFakeDisk(world, scenario.trouble / 4);
  const onDisk = disk.state;
  const torque = new TorqueModel(world, memMibOfAgent);
  const mesos = new MesosModel(world, scenario.agents);
  const executors = createExecutors(world, mesos, torque);
  const journalled = new Set<string>();
  const { trouble } = scenario;
  const connection = createFakeMesos({
    ...{ world, model: mesos, executors, policy, trouble, onDisk },
    isJournalled: (uuid) => journalled.has(uuid),
  });
  const torquePort = createFakeTorque(world, torque, policy, { reading: trouble, act: trouble }, onDisk);
  const operators = createOperators({
    ...{ world, mesos, executors, torque, policy, onDisk },
    doing: scenario.operators,
  });
  const accidents: AccidentParts = { world, mesos, connection, executors, torque, onDisk };
  let lives = 0;
  let crashesLeft = scenario.crashes;
  let loop: Loop | null = null;

  const journal = {
    problem: () => null,
    append(entry: JournalEntry): void {
      const uuid = entry.data?.['uuid'];
      if (typeof uuid === 'string') journalled.add(uuid);
      world.trace('loop', journalLine(entry));
      if (entry.event === 'plan refused' || entry.event === 'planning failed') {
        world.broken(`${entry.event}: ${entry.why ?? ''}`);
      }
    },
  };

  function live(): void {
    lives += 1;
    world.trace('life', `${lives} begins`);
    let callsLeft = crashesLeft > 0 ? dice.between(5, 400) : Infinity;
    const life = createLife(
      { torque: torquePort, mesos: mutation.mesos(connection.port()), clock, state: disk.port, journal },
      (mine) => {
        callsLeft -= 1;
        if (callsLeft <= 0 && world.faulty && !mine.isOver()) crash(mine);
      },
    );
    const mine = createLoop({
      ...life,
      log: silentLog,
      policy,
      options: simLoopOptions,
      random: () => dice.next(),
      planner: mutation.planner,
    });
    loop = mine;
    void mine.ended.then((end) => {
      world.broken(`the loop ended: ${end.kind}`);
    });
    void mine.start();
  }

  function crash(life: Life): void {
    world.trace('life', `${lives} is killed`);
    life.end();
    crashesLeft -= 1;
    connection.cut();
    clock.after(dice.between(100, 15_000), live);
  }

  return {
    scenario,
    begin() {
      torque.addNode({ ...noMarks, name: 'head.example.org', kind: 'placeholder', np: 1000 });
      for (const { name, np } of scenario.statics) torque.addNode({ ...noMarks, name, kind: 'static', np });
      for (const job of scenario.jobs) {
        clock.after(job.atMs, () => {
          torque.submit(job);
        });
      }
      startAccidents(accidents);
      operators.begin();
      startAdministrator(
        world,
        () => loop,
        () => torque.concealing,
      );
      live();
    },
    endFaults() {
      world.trace('world', 'faults end');
      world.faulty = false;
      operators.calmDown();
      clearUp(accidents);
    },
    unfinished: () => unfinished({ torque, mesos, policy, disk: onDisk(), jobs: scenario.jobs }),
    explain() {
      const report = loop?.latest()?.plan.report;
      for (const { jobId, kind, why } of report?.jobs ?? [])
        world.trace('report', `${jobId} ${kind}: ${why.text}`);
      for (const { node, phase, why } of report?.nodes ?? [])
        world.trace('report', `${node} ${phase}: ${why.text}`);
      for (const { offerId, kind, why } of report?.offers ?? [])
        world.trace('report', `${offerId} ${kind}: ${why.text}`);
      for (const notice of report?.notices ?? []) world.trace('report', notice.text);
    },
    hoarded: () => hoardedOffers(mesos, policy, clock.nowMs()),
    lives: () => lives,
  };
}

const noMarks = { properties: [], requestId: null } as const;

function journalLine({ event, node, taskId, offerId, why, data }: JournalEntry): string {
  const about = [node, taskId, offerId].filter((part) => part !== undefined).join(' ');
  return [event, about, why ?? '', JSON.stringify(data ?? {})].filter((part) => part !== '').join(' | ');
}
