/** Facts about a job beside its id, state and request: what limits it, what holds it, what it uses. */
import { quote } from '@mesos-torque/common/text.ts';
import type { JobFacts } from '../core/facts.ts';
import type { CountedAmounts } from '../core/settings.ts';
import { valueError, wholeNumber } from './parsing.ts';
import { parseSizeMib } from './sizes.ts';

/** The elements that are read here, as text; null where the job has none. */
export interface JobExtras {
  egroup: string | null;
  Hold_Types: string | null;
  depend: string | null;
  Execution_Time: string | null;
  exec_gpus: string | null;
}

export const noExtras: JobExtras = {
  egroup: null,
  Hold_Types: null,
  depend: null,
  Execution_Time: null,
  exec_gpus: null,
};

export const extraNames = ['egroup', 'Hold_Types', 'depend', 'Execution_Time', 'exec_gpus'] as const;

/** A time beyond this is no time: the year 5138. */
const timeSMax = 99_999_999_999;

const noGpus: JobFacts['execGpus'] = {};

/** `n` is how an unheld job is printed. */
export function holdsOf(types: string | null): string {
  return types === null || types === 'n' ? '' : types;
}

export function startsAfterMsOf(record: string, time: string | null): number | null {
  return time === null ? null : wholeNumber(record, 'Execution_Time', time, timeSMax) * 1000;
}

/** `node1-gpu/1+node1-gpu/0` → 2 on node1. */
export function gpusByNode(record: string, text: string | null): JobFacts['execGpus'] {
  if (text === null || text === '') return noGpus;
  const counts = new Map<string, number>();
  for (const place of text.split('+')) {
    const name = /^(?<name>[A-Za-z0-9._-]{1,255})-gpu\/[0-9]+$/.exec(place)?.groups?.['name'];
    if (name === undefined) {
      throw valueError(record, 'exec_gpus', text, `is no list of nodes and gpus, at ${quote(place)}`);
    }
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return Object.fromEntries(counts);
}

/**
 * What limits count. What is no such amount is left out here, for the request names it: a job that is
 * not understood is no demand, and no limit is needed for it.
 */
export function countedAmounts(
  entries: readonly { readonly name: string; readonly value: string }[],
): CountedAmounts {
  const valueOf = (name: string): string | undefined => entries.find((entry) => entry.name === name)?.value;
  const numberOf = (name: string): number | null => {
    const value = valueOf(name) ?? '';
    return /^[0-9]{1,15}$/.test(value) ? Number(value) : null;
  };
  const mem = valueOf('mem');
  return {
    nodect: numberOf('nodect'),
    ncpus: numberOf('ncpus'),
    memMib: mem === undefined ? null : parseSizeMib(mem),
  };
}
