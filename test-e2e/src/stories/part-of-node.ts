/** What a node of ours is made of on its agent: the processes that a story looks at and kills. */
import type { Machine, ProcessSeen } from '../site.ts';

export type Part = 'pbs_mom' | 'torque-executor';

/** The program itself: what watches over it has it among its arguments. */
const programs: Readonly<Record<Part, RegExp>> = {
  pbs_mom: /^(?:\S*node\S* )?\S*pbs_mom -D\b/,
  'torque-executor': /^(?:\S*node\S* (?:-\S+ )*)?\S*torque-executor\S*(?: |$)/,
};

/** Undefined where it does not run. */
export async function partOn(machine: Machine, part: Part): Promise<ProcessSeen | undefined> {
  const found = (await machine.processes()).filter(({ command }) => programs[part].test(command));
  // What pbs_mom forks looks like it and is younger.
  return found.toSorted((a, b) => a.pid - b.pid)[0];
}

/** Process ids of those parts that run. */
export async function partsOn(machine: Machine): Promise<readonly number[]> {
  const found = [await partOn(machine, 'pbs_mom'), await partOn(machine, 'torque-executor')];
  return found.flatMap((one) => (one === undefined ? [] : [one.pid]));
}

/** Kills it with -9; the process that it was. */
export async function killPart(machine: Machine, part: Part): Promise<ProcessSeen> {
  const victim = await partOn(machine, part);
  if (victim === undefined) throw new Error(`no ${part} runs on ${machine.name}`);
  if (!(await machine.signal(victim.pid, 'SIGKILL')))
    throw new Error(`${part} on ${machine.name} ended by itself`);
  return victim;
}
