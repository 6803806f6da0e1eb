/**
 * Limits of queues and server, from `qmgr -c 'print server'`. An ordinary user is shown them too, except
 * `resources_default.neednodes`. What is not printed is not set.
 *
 * `max_queuable`, `max_user_queuable`, `resources_min` and `enabled=False` refuse jobs at qsub, so queued
 * jobs have passed them; `resources_default` and `features_required` are in each job's `Resource_List`.
 */
import { quote } from '@mesos-torque/common/text.ts';
import type { CountedAmounts, QueueLimits, QueueSettings, RunLimits } from '../core/settings.ts';
import type { Outcome } from '../loop/ports.ts';
import { isProperty } from './job-request-words.ts';
import { parsePrinted, type ServerAttributes } from './server-attributes.ts';
import { parseSizeMib } from './sizes.ts';

export interface ReadSettings extends QueueSettings {
  /** Elements of an array that 6.1 makes at a time (`idle_slot_limit`). */
  readonly idleSlotLimit: number;
}

export interface SettingsOptions {
  /**
   * Whether the scheduler holds every job of a queue to the queue's `resources_default.neednodes`, as Maui
   * and Moab do. pbs_server itself uses it only for jobs without `nodes`, whose `neednodes` it becomes.
   */
  readonly neednodesBind: boolean;
}

/** TORQUE's own default. */
export const idleSlotLimitUsual = 300;

/** Parses what qmgr printed to standard output. A value that cannot be read makes the whole unknown. */
export function parseSettings(text: string, options: SettingsOptions): Outcome<ReadSettings> {
  const printed = parsePrinted(text);
  if (!printed.ok) return printed;
  const { server, queues } = printed.value;
  try {
    return {
      ok: true,
      value: {
        server: limitsOf('server', server),
        queues: [...queues].map(([name, attributes]) => queueOf(name, attributes, options)),
        idleSlotLimit: numberOf('server', server, 'idle_slot_limit') ?? idleSlotLimitUsual,
      },
    };
  } catch (error) {
    if (!(error instanceof SettingError)) throw error;
    return { ok: false, problem: { kind: 'garbled', detail: `qmgr output: ${error.message}` } };
  }
}

/** A setting that says something else than a setting of its name can. */
class SettingError extends Error {
  constructor(of: string, name: string, value: string, what: string) {
    super(`${of}: ${name} = ${quote(value)} ${what}`);
    this.name = 'SettingError';
  }
}

function queueOf(name: string, attributes: ServerAttributes, options: SettingsOptions): QueueLimits {
  const of = `queue ${name}`;
  return {
    ...limitsOf(of, attributes),
    name,
    kind: kindOf(of, attributes),
    // A queue that was never started is printed without `started`.
    isStarted: attributes.get('started')?.[0]?.toLowerCase() === 'true',
    propertiesRequired: options.neednodesBind ? neednodesOf(of, attributes) : [],
  };
}

function kindOf(of: string, attributes: ServerAttributes): QueueLimits['kind'] {
  const type = attributes.get('queue_type')?.[0] ?? '';
  switch (type.toLowerCase()) {
    case 'execution':
    case 'e':
      return 'execution';
    // A queue whose type is not set yet runs nothing either.
    case 'route':
    case 'r':
    case '':
      return 'route';
    default:
      throw new SettingError(of, 'queue_type', type, 'is neither Execution nor Route');
  }
}

/** `bigmem`, `bigmem:ssd`; a number of nodes is no property. */
function neednodesOf(of: string, attributes: ServerAttributes): readonly string[] {
  const text = attributes.get('resources_default.neednodes')?.[0];
  if (text === undefined || /^[0-9]*$/.test(text)) return [];
  const words = text.split(':');
  if (words.every(isProperty)) return words;
  throw new SettingError(of, 'resources_default.neednodes', text, 'is no list of properties');
}

function limitsOf(of: string, attributes: ServerAttributes): RunLimits {
  return {
    maxRunning: numberOf(of, attributes, 'max_running'),
    maxUserRun: numberOf(of, attributes, 'max_user_run'),
    maxGroupRun: numberOf(of, attributes, 'max_group_run'),
    available: amountsOf(of, attributes, 'resources_available'),
    ofOneJob: amountsOf(of, attributes, 'resources_max'),
  };
}

function amountsOf(of: string, attributes: ServerAttributes, list: string): CountedAmounts {
  return {
    nodect: numberOf(of, attributes, `${list}.nodect`),
    ncpus: numberOf(of, attributes, `${list}.ncpus`),
    memMib: sizeOf(of, attributes, `${list}.mem`),
  };
}

function numberOf(of: string, attributes: ServerAttributes, name: string): number | null {
  const value = attributes.get(name)?.[0];
  if (value === undefined) return null;
  if (!/^[0-9]{1,15}$/.test(value)) throw new SettingError(of, name, value, 'is no number');
  return Number(value);
}

function sizeOf(of: string, attributes: ServerAttributes, name: string): number | null {
  const value = attributes.get(name)?.[0];
  if (value === undefined) return null;
  const mib = parseSizeMib(value);
  if (mib === null) throw new SettingError(of, name, value, 'is not a size such as 512mb');
  return mib;
}
