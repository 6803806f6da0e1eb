/** The server's attributes that an elastic cluster needs, each with the values that suit and the reason. */
import { grouped } from '@mesos-torque/common/units.ts';
import type { QueueLimits, WantedSetup } from './server-setup.ts';
import type { SetupValue } from './server-view.ts';
import { parseSizeMib } from './sizes.ts';

export interface ServerRule {
  readonly attribute: string;
  /** What is set where the present value does not suit. */
  readonly value: string;
  readonly why: string;
  readonly suits: (present: string) => boolean;
}

/** In the order in which they are set: pbs_sched is let loose last. */
export function serverRules(
  wanted: WantedSetup,
  ownValue: (attribute: string) => SetupValue,
): readonly ServerRule[] {
  return [
    {
      attribute: 'resources_available.nodect',
      value: String(wanted.nodect),
      why: `jobs of up to ${grouped(wanted.nodect)} nodes shall wait, and the nodes of all running jobs count too; pbs_sched deletes those that ask for more`,
      suits: isNumber((present) => present >= wanted.nodect),
    },
    {
      attribute: 'scheduler_iteration',
      value: String(wanted.schedulerIterationS),
      why: `pbs_sched shall look every ${wanted.schedulerIterationS} s, for a node turning free does not wake it`,
      suits: isNumber((present) => present <= wanted.schedulerIterationS),
    },
    {
      attribute: 'node_check_rate',
      value: String(wanted.nodeCheckRateS),
      why: `a node whose mom died shall read down after ${wanted.nodeCheckRateS} s, and take no more jobs; by default it reads free for up to 150 s`,
      suits: isNumber((present) => present <= wanted.nodeCheckRateS),
    },
    {
      attribute: 'keep_completed',
      value: String(wanted.keepCompletedS),
      why: `jobs that have ended shall stay listed for ${grouped(wanted.keepCompletedS)} s, so that users and we see how they ended`,
      suits: isNumber((present) => present >= wanted.keepCompletedS),
    },
    ...(wanted.limits === null ? [] : limitRules(wanted.limits, ownValue)),
    {
      attribute: 'scheduling',
      value: 'True',
      why: 'without it pbs_sched is never asked to run jobs',
      suits: (present) => present.toLowerCase() === 'true',
    },
  ];
}

/**
 * Limits of the server hold for every queue that has none of its own (6.1.3: "cannot satisfy server max
 * procct requirement"). A lower one of the administrator's stays; one that we set follows the safe allocation.
 */
function limitRules(limits: QueueLimits, ownValue: (attribute: string) => SetupValue): readonly ServerRule[] {
  const limit = (name: string, most: number | null, unit: string, what: string): readonly ServerRule[] => {
    if (most === null) return [];
    const attribute = `resources_max.${name}`;
    const value = `${most}${unit}`;
    const why = `qsub shall refuse at once jobs of more than ${what}, which can never run`;
    const suits = (present: string): boolean =>
      present === value || (present !== ownValue(attribute) && amountOf(present, unit) <= most);
    return [{ attribute, value, why, suits }];
  };
  return [
    ...limit('nodect', limits.nodes, '', `${grouped(limits.nodes ?? 0)} nodes`),
    ...limit('procct', limits.slots, '', `${grouped(limits.slots ?? 0)} slots`),
    ...limit('mem', limits.memMib, 'mb', `${grouped(limits.memMib ?? 0)} MiB`),
  ];
}

/** A count as it is, a size in MiB; what is neither is more than any limit. */
function amountOf(text: string, unit: string): number {
  if (unit === 'mb') return parseSizeMib(text) ?? Infinity;
  return /^[0-9]{1,15}$/.test(text) ? Number(text) : Infinity;
}

function isNumber(suits: (present: number) => boolean): (present: string) => boolean {
  return (present) => /^[0-9]{1,15}$/.test(present) && suits(Number(present));
}
