/** Accidents that happen by themselves while faults are on: to offers, agents, executors and nodes. */
import { nothing } from '@mesos-torque/common/units.ts';
import type { DurableState } from '../loop/ports.ts';
import type { Executors } from './executors.ts';
import type { FakeMesos } from './fake-mesos.ts';
import type { MesosModel, SimAgent } from './mesos-model.ts';
import type { TorqueModel } from './torque-model.ts';
import type { World } from './world.ts';

export interface AccidentParts {
  readonly world: World;
  readonly mesos: MesosModel;
  readonly connection: FakeMesos;
  readonly executors: Executors;
  readonly torque: TorqueModel;
  readonly onDisk: () => DurableState | null;
}

/** Each second every accident gets its chance. */
export function startAccidents(parts: AccidentParts): void {
  const { world } = parts;
  world.clock.after(1000, () => {
    if (!world.faulty) return;
    for (const accident of accidents) accident(parts);
    startAccidents(parts);
  });
}

/** Ends what accidents left behind: what others hold, agents out of sight, the administrator's marks. */
export function clearUp({ mesos, torque }: AccidentParts): void {
  for (const agent of mesos.agents) {
    agent.others = nothing;
  }
  mesos.takenOver();
  torque.concealing = false;
  for (const node of torque.nodes.values()) {
    if (node.offline === 'by-administrator') node.offline = 'no';
  }
}

const accidents: readonly ((parts: AccidentParts) => void)[] = [
  rescindSome,
  disconnectSometimes,
  partitionSometimes,
  masterFailsSometimes,
  executorDiesSometimes,
  momFallsIllSometimes,
  othersTakeSome,
  administratorMarks,
  administratorDeletes,
  pbsnodesConceals,
];

function rescindSome({ world, mesos }: AccidentParts): void {
  for (const offer of mesos.offers.values()) if (world.dice.chance(0.03)) mesos.rescind(offer.id);
}

function disconnectSometimes({ world, connection }: AccidentParts): void {
  if (world.dice.chance(0.01)) connection.disconnect('connection reset');
}

function partitionSometimes({ world, mesos }: AccidentParts): void {
  for (const agent of mesos.agents) {
    if (!agent.inSight || !world.dice.chance(0.002)) continue;
    world.trace('mesos', `${agent.id} out of sight`);
    mesos.loseSight(agent);
    world.clock.after(world.dice.between(2000, 40_000), () => {
      if (!agent.inSight) mesos.seeAgain(agent);
    });
  }
}

function masterFailsSometimes({ world, mesos, connection }: AccidentParts): void {
  if (mesos.agents.some((agent) => !agent.inSight) || !world.dice.chance(0.002)) return;
  const memory = world.dice.pick<'unknown' | 'silent'>(['unknown', 'silent']);
  connection.disconnect('the master failed');
  world.trace('mesos', `another master takes over (${memory})`);
  mesos.takeOver(memory);
  world.clock.after(world.dice.between(1000, 30_000), () => {
    mesos.takenOver();
  });
}

function executorDiesSometimes({ world, mesos, executors }: AccidentParts): void {
  for (const task of mesos.living()) {
    if (!world.dice.chance(0.003)) continue;
    world.trace('mesos', `executor of ${task.id} dies`);
    executors.die(task);
  }
}

function momFallsIllSometimes({ world, mesos, executors }: AccidentParts): void {
  for (const task of mesos.living()) if (world.dice.chance(0.004)) executors.fallIll(task);
}

function othersTakeSome({ world, mesos }: AccidentParts): void {
  for (const agent of mesos.agents) {
    if (agent.others !== nothing || !world.dice.chance(0.005)) continue;
    const free = mesos.freeOn(agent);
    agent.others = { ...nothing, cpuMilli: Math.floor(Math.max(0, free.cpuMilli) / 2) };
    world.clock.after(world.dice.between(5000, 60_000), () => {
      release(agent);
    });
  }
}

function release(agent: SimAgent): void {
  agent.others = nothing;
}

/** An administrator takes one of our nodes out for a while. Ours to leave alone. */
function administratorMarks({ world, torque, onDisk }: AccidentParts): void {
  for (const node of torque.nodes.values()) {
    const isHeld = onDisk()?.intents.some(
      (intent) => intent.nodeName === node.name && intent.goal.kind === 'hold',
    );
    if (node.kind !== 'elastic' || node.offline !== 'no' || !node.listSent || isHeld !== true) continue;
    if (!world.dice.chance(0.002)) continue;
    world.trace('admin', `sets ${node.name} offline`);
    node.offline = 'by-administrator';
    node.markedAtMs = world.clock.nowMs();
    world.clock.after(world.dice.between(5000, 60_000), () => {
      if (node.offline === 'by-administrator') node.offline = 'no';
    });
  }
}

function administratorDeletes({ world, torque }: AccidentParts): void {
  for (const node of torque.nodes.values()) {
    if (node.kind !== 'elastic' || torque.isBusy(node.name) || !world.dice.chance(0.0005)) continue;
    world.trace('admin', `deletes ${node.name}`);
    torque.removeNode(node.name);
  }
}

/** For a while pbs_server answers as if it had none of our nodes, again and again. The brake is for this. */
function pbsnodesConceals({ world, torque, onDisk }: AccidentParts): void {
  const isCalm = onDisk()?.intents.every(({ goal }) => goal.kind === 'hold') === true;
  if (torque.concealing || !isCalm || !torque.whims.chance(0.004)) return;
  world.trace('torque', 'pbsnodes conceals our nodes');
  torque.concealing = true;
  world.clock.after(torque.whims.between(12_000, 30_000), () => {
    torque.concealing = false;
  });
}
