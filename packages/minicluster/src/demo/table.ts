/** The summary for people. */
import type { Summary } from './summary.ts';

export function tableOf({ jobs, nodes, tasks, processesLeft, seconds }: Summary): readonly string[] {
  return [
    '',
    `jobs       ${String(jobs.submitted)} submitted: ${String(jobs.completed)} completed, ${String(jobs.failed)} failed, ${String(jobs.impossible)} impossible`,
    `nodes      ${String(nodes.peak)} at the most, ${String(nodes.final)} at the end, floor ${String(nodes.floor)}`,
    `tasks      ${String(tasks.launched)} launched, ${String(tasks.orphaned)} orphaned`,
    `processes  ${String(processesLeft)} left`,
    `time       ${seconds.toFixed(1)} s`,
  ];
}
