/** What must hold at every moment, as counted in the world and not in the scheduler. */
import { amount, resourceKinds } from '@mesos-torque/common/units.ts';
import type { Policy } from '../core/policy.ts';
import type { MesosModel } from './mesos-model.ts';

/** The safe allocation is never exceeded. */
export function overAllocation(model: MesosModel, { safeAllocation }: Policy): readonly string[] {
  const held = model.held();
  const broken = resourceKinds.flatMap((kind) => {
    const most = safeAllocation[kind];
    if (most === null || held[kind] <= most) return [];
    return [
      `holding ${amount(kind, held[kind])} of ${kind}, and the safe allocation is ${amount(kind, most)}`,
    ];
  });
  const { nodes } = safeAllocation;
  if (nodes !== null && held.nodes > nodes) {
    broken.push(`holding ${held.nodes} tasks, and the safe allocation is ${nodes} nodes`);
  }
  return broken;
}

/** One mom per agent. */
export function sameHost(model: MesosModel): readonly string[] {
  return model.agents.flatMap((agent) => {
    const tasks = model.tasksOn(agent);
    return tasks.length > 1
      ? [`${tasks.length} tasks on ${agent.host}: ${tasks.map((task) => task.id).join(' ')}`]
      : [];
  });
}
