/** Why many removals at once are stopped, and what a person's word does to them. */
import { grouped } from '@mesos-torque/common/units.ts';
import { counted, type Reason } from './reasons.ts';
import { gaveUp } from './reasons-life.ts';

/** In the words of an administrator who looks at what is stopped. */
const causeWords = {
  missing: 'that pbsnodes does not show',
  down: 'whose moms pbs_server does not hear',
  unhealthy: 'whose executors find the mom ill',
  'task-gone': 'whose tasks the master says are gone',
  unrecorded: 'of which nothing is recorded and that pbsnodes does not show',
} as const;

interface BrakeCounts {
  readonly affected: number;
  readonly standing: number;
  readonly allowed: number;
}

export function brakeHolds(
  id: string,
  { affected, standing, allowed }: BrakeCounts,
  causes: Readonly<Partial<Record<keyof typeof causeWords, number>>>,
): Reason {
  const parts = Object.entries(causeWords).flatMap(([cause, words]) => {
    const count = causes[cause as keyof typeof causeWords] ?? 0;
    return count === 0 ? [] : [`${grouped(count)} ${words}`];
  });
  return {
    code: 'brake',
    text:
      `the answers would remove ${grouped(affected)} of ${counted(standing, 'node')} (${parts.join(', ')}), ` +
      `${grouped(allowed)} may go at once: none of them is removed until the answers recover, ` +
      `or until ${id} is confirmed`,
  };
}

/** On one of the nodes that are stopped. */
export function braked(id: string, why: Reason): Reason {
  return {
    code: 'braked',
    text: `${why.text}; its removal waits for ${id}, because too many are to go at once`,
  };
}

const confirmedMark = ', as confirmed by a person';

/** What the goal of a node says whose removal was confirmed; it counts as given up. */
export function removalConfirmed(cause: keyof typeof causeWords): Reason {
  return gaveUp({ code: cause, text: `one of the nodes ${causeWords[cause]}${confirmedMark}` });
}

export function isBrakeConfirmed(why: string): boolean {
  return why.includes(confirmedMark);
}

/** The goal of what was adopted: see `loop/adopt`. */
export const unrecordedWhy = 'nothing is recorded about it';

export function isUnrecorded(why: string): boolean {
  return why.startsWith(unrecordedWhy);
}
