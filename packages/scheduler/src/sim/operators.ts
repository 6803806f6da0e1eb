/**
 * What the operators of the Mesos cluster do, in some seeds: they set a quota below what is held, and take
 * machines away for maintenance that they have announced. Their dice are their own, so that the seeds in
 * which they do nothing are as they were without them.
 */
import { counted } from '../core/reasons.ts';
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
      setQuota(parts, quotaBelow(parts, whims));
      world.clock.after(quotaMetMsMax, () => {
        for (const rule of overQuota(parts)) world.broken(rule);
        setQuota(parts, null);
      });
    },
  };
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

/** The floor is held against a quota; beyond it nothing is. */
function overQuota({ mesos, policy }: OperatorParts): readonly string[] {
  const quota = mesos.quotaCpuMilli;
  if (quota === null) return [];
  const sizes = mesos.living().map((task) => task.resources.cpuMilli);
  const largest = sizes.toSorted((a, b) => b - a).slice(0, policy.minSlotsHeld);
  const allowed = Math.max(quota, sum(largest));
  const held = sum(sizes);
  if (held <= allowed) return [];
  return [
    `holding ${held / 1000} cpus in ${counted(sizes.length, 'task')} when the quota of ${quota / 1000} had stood for ${quotaMetMsMax / 1000} s`,
  ];
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
