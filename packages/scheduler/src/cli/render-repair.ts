/** What contradicts itself, what is held back and which agents are left alone, for people. */
import type { Brake, QuarantinedAgent } from '@mesos-torque/proto/gen/control/v1/facts.ts';
import type { RepairResponse, RepairStep } from '@mesos-torque/proto/gen/control/v1/messages.ts';
import { grouped } from '@mesos-torque/common/units.ts';
import { table } from './table.ts';
import { clean } from './terminal.ts';

const stoppedShownMax = 20;

export function renderRepair(answer: RepairResponse): string {
  const parts = [
    answer.steps.length === 0
      ? 'Mesos, TORQUE and this scheduler agree: there is nothing to repair.\n'
      : answer.steps.map(stepText).join('\n'),
    answer.brake === undefined ? '' : `\n${renderBrake(answer.brake)}`,
    answer.quarantined.length === 0 ? '' : `\n${renderQuarantined(answer.quarantined)}`,
  ];
  return parts.join('');
}

function stepText(step: RepairStep): string {
  const about = step.taskId === '' ? step.node : `${step.node} (${step.taskId})`;
  const lines = [
    `${about}: ${step.difference}`,
    ...step.evidence.map((evidence) => `  ${evidence}`),
    `  -> ${step.what}`,
    `     ${whenText(step)}`,
  ];
  return lines.map((line) => `${clean(line)}\n`).join('');
}

function whenText({ when, why }: RepairStep): string {
  switch (when) {
    case 'now':
      return 'is being done now';
    case 'by-hand':
      return `by hand: ${why}`;
    default:
      return `waits: ${why}`;
  }
}

/** Ends in the line to type. */
export function renderBrake({ id, why, stopped }: Brake): string {
  const rows = stopped.slice(0, stoppedShownMax).map(({ node, cause, taskId }) => [node, cause, taskId]);
  const more = stopped.length - rows.length;
  return [
    `Held back: ${clean(why)}\n`,
    table(['NODE', 'CAUSE', 'TASK'], rows),
    more > 0 ? `and ${grouped(more)} more; -o json shows all\n` : '',
    `If they are to go: mesos-torque brake confirm ${clean(id)} --why "..."\n`,
  ].join('');
}

export function renderQuarantined(agents: readonly QuarantinedAgent[]): string {
  const rows = agents.map(({ agentId, failures, state, untilMs, evidence }) => [
    agentId,
    grouped(failures),
    state === 'resting' ? `resting until ${new Date(Number(untilMs)).toISOString()}` : state,
    evidence.at(-1) ?? '',
  ]);
  return `Agents in quarantine:\n${table(['AGENT', 'FAILURES', 'STATE', 'LAST FAILURE'], rows)}`;
}
