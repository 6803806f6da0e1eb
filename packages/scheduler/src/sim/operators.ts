/**
 * What the operators of the Mesos cluster do, in some seeds: they set a quota below what is held, and take
 * machines away for maintenance that they have announced. Their dice are their own, so that the seeds in
 * which they do nothing are as they were without them.
 */
import { counted } from '../core/reasons.ts';
import type { DurableState } from '../loop/ports.ts';
import type { Policy } from '../core/policy.ts';
import type { Executors } from './executors.ts';
import type { MesosModel, SimAgent } from './mesos-model.ts';
import type { Dice } from './random.ts';
import type { SimOperators } from './scenario.ts';
import type { TorqueModel } from './torque-model.ts';
import type { World } from './world.ts';

export interface OperatorParts {
  readonly world: World;
  readonly mesos: MesosModel;
  readonly executors: Executors;
  readonly torque: TorqueModel;
  readonly policy: Policy;
  readonly onDisk: () => DurableState | null;
  readonly doing: SimOperators;
}

export interface Operators {
  begin(): void;
  /** What they have begun is taken back, but a quota stays for a while: it has to be met in peace. */
  calmDown(): void;
}

/**
 * In peace a quota is met by then: it is read once a minute, the longest job takes another, and what is in
 * flight has 90 s to come up and go. Milliseconds.
 */
const quotaMetMsMax = 5 * 60_000;
/** By then it was read, and what is too much is on its way out. Milliseconds. */
const quotaHeededMsMax = 2 * 60_000;
/** From the end of the faults: by then nodes have come up for the jobs that wait. Milliseconds. */
const growthMs = 60_000;

export function createOperators(parts: OperatorParts): Operators {
  const { world, mesos } = parts;
  const whims = world.dice.fork('what operators do');
  const { setQuotas: setsQuotas, takeMachines: takesMachines } = parts.doing;

  function eachSecond(): void {
    world.clock.after(1000, () => {
      if (!world.faulty) return;
      if (setsQuotas) quotaSometimes(parts, whims);
      if (takesMachines) for (const agent of mesos.agents) maintenanceSometimes(parts, whims, agent);
      eachSecond();
    });
  }

  return {
    begin: eachSecond,
    calmDown() {
      mesos.endMaintenance();
      if (!setsQuotas) return;
      setQuota(parts, null);
      world.clock.after(growthMs, () => {
        lastQuota(parts, whims);
      });
    },
  };
}

/** In peace, with jobs waiting for more than it allows. It is heeded at every moment after a while, and met a while later. */
function lastQuota(parts: OperatorParts, whims: Dice): void {
  const { world, mesos } = parts;
  setQuota(parts, quotaBelow(parts, whims));
  const beganMs = world.clock.nowMs();
  const look = (): void => {
    world.clock.after(1000, () => {
      const stoodMs = world.clock.nowMs() - beganMs;
      if (mesos.quotaCpuMilli === null || stoodMs >= quotaMetMsMax) return;
      if (stoodMs >= quotaHeededMsMax) for (const rule of unheeded(parts, stoodMs)) world.broken(rule);
      look();
    });
  };
  look();
  world.clock.after(quotaMetMsMax, () => {
    for (const rule of overQuota(parts)) world.broken(rule);
    setQuota(parts, null);
  });
}

/** What is meant to stay, whether its jobs have ended or not: the rest is on its way out. */
function unheeded({ onDisk, mesos, policy }: OperatorParts, stoodMs: number): readonly string[] {
  const staying = (onDisk()?.intents ?? []).filter(({ goal }) => goal.kind === 'hold');
  const sizes = staying.map(({ resources }) => resources.cpuMilli);
  const allowed = allowedCpuMilli(mesos, policy, sizes);
  if (allowed === null || sum(sizes) <= allowed) return [];
  return [
    `meaning to hold ${sum(sizes) / 1000} cpus in ${counted(sizes.length, 'task')} when the quota of ${Number(mesos.quotaCpuMilli) / 1000} had stood for ${stoodMs / 1000} s`,
  ];
}

function quotaSometimes(parts: OperatorParts, whims: Dice): void {
  const { world, mesos } = parts;
  if (mesos.quotaCpuMilli !== null || !whims.chance(0.01)) return;
  setQuota(parts, quotaBelow(parts, whims));
  world.clock.after(whims.between(20_000, 150_000), () => {
    if (world.faulty) setQuota(parts, null);
  });
}

/** Less than is held, or, where little is, than could be. */
function quotaBelow({ mesos }: OperatorParts, whims: Dice): number {
  return whims.between(0, Math.max(2000, mesos.held().cpuMilli));
}

function setQuota({ world, mesos }: OperatorParts, cpuMilli: number | null): void {
  const held = mesos.held().cpuMilli / 1000;
  world.trace('ops', `the quota is ${cpuMilli === null ? 'gone' : `${cpuMilli / 1000} cpus`}, held ${held}`);
  mesos.setQuota(cpuMilli);
}

function overQuota({ mesos, policy }: OperatorParts): readonly string[] {
  const sizes = mesos.living().map((task) => task.resources.cpuMilli);
  const allowed = allowedCpuMilli(mesos, policy, sizes);
  if (allowed === null || sum(sizes) <= allowed) return [];
  return [
    `holding ${sum(sizes) / 1000} cpus in ${counted(sizes.length, 'task')} when the quota of ${Number(mesos.quotaCpuMilli) / 1000} had stood for ${quotaMetMsMax / 1000} s`,
  ];
}

/** The floor is held against a quota; beyond it nothing is. Null: there is no quota. */
function allowedCpuMilli(
  { quotaCpuMilli }: MesosModel,
  { minSlotsHeld }: Policy,
  sizes: readonly number[],
): number | null {
  if (quotaCpuMilli === null) return null;
  const largest = sizes.toSorted((a, b) => b - a).slice(0, minSlotsHeld);
  return Math.max(quotaCpuMilli, sum(largest));
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0);
}

function maintenanceSometimes(parts: OperatorParts, whims: Dice, agent: SimAgent): void {
  const { world, mesos } = parts;
  if (!agent.inSight || mesos.windows.has(agent.id) || !whims.chance(0.004)) return;
  const nowMs = world.clock.nowMs();
  const fromMs = nowMs + whims.between(20_000, 120_000);
  const untilMs = fromMs + whims.between(5000, 40_000);
  world.trace('ops', `${agent.id} goes for maintenance in ${(fromMs - nowMs) / 1000} s`);
  const window = mesos.announce(agent, fromMs, untilMs);
  world.clock.after(fromMs - nowMs, () => {
    if (mesos.windows.get(agent.id) !== window) return;
    takeDown(parts, agent, window.isAccepted);
    world.clock.after(untilMs - fromMs, () => {
      if (mesos.windows.get(agent.id) !== window) return;
      mesos.bringUp(agent);
    });
  });
}

/** Whoever accepted has to be gone: jobs that are still there are lost by our word, not by an accident. */
function takeDown(
  { world, mesos, executors, torque }: OperatorParts,
  agent: SimAgent,
  isAccepted: boolean,
): void {
  const tasks = mesos.tasksOn(agent);
  world.trace('ops', `${agent.id} is taken down with ${counted(tasks.length, 'task')} on it`);
  if (isAccepted && tasks.length > 0 && torque.isBusy(agent.host)) {
    world.broken(`accepted the maintenance of ${agent.id}, and a job runs there when it begins`);
  }
  for (const task of tasks) executors.die(task);
  mesos.loseSight(agent);
}
