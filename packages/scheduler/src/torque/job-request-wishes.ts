/**
 * What a job wishes of all its nodes: features, and nodes of its own. `-l feature=` and `-l naccesspolicy=`,
 * `qsub -n` and the words of `-W x=` that say the same. `-n` is TORQUE's own; the others are read by Moab
 * and Maui, while pbs_sched of 6.1.3 starts such jobs anywhere. What is given here suits both.
 */
import { quote } from '@mesos-torque/common/text.ts';
import { isNotUnderstood, isProperty, notUnderstood, type NotUnderstood } from './job-request-words.ts';

export interface Wishes {
  readonly properties: readonly string[];
  readonly exclusive: boolean;
}

const none: Wishes = { properties: [], exclusive: false };

export function parseWishes(
  values: ReadonlyMap<string, string>,
  extension: string | null,
  isExclusive: boolean,
): Wishes | NotUnderstood {
  const all = [
    isExclusive ? { properties: [], exclusive: true } : none,
    featuresOf(values.get('feature')),
    accessOf(values.get('naccesspolicy')),
    ...wordsOf(extension).map(wishOf),
  ];
  const wishes: Wishes[] = [];
  for (const wish of all) {
    if (isNotUnderstood(wish)) return wish;
    wishes.push(wish);
  }
  return {
    properties: [...new Set(wishes.flatMap(({ properties }) => properties))],
    exclusive: wishes.some(({ exclusive }) => exclusive),
  };
}

/** `bigmem:ssd`; a queue's `features_required` is added with commas, time and again. */
function featuresOf(text: string | undefined): Wishes | NotUnderstood {
  if (text === undefined) return none;
  const words = text.split(/[:,&+]/);
  if (!words.every(isProperty)) return notUnderstood(`feature=${text}`, 'is no list of properties');
  return { properties: words, exclusive: false };
}

function accessOf(policy: string | undefined): Wishes | NotUnderstood {
  switch (policy?.toLowerCase()) {
    case undefined:
    case 'shared':
      return none;
    case 'singlejob':
    case 'singletask':
      return { properties: [], exclusive: true };
    default:
      return notUnderstood(
        `naccesspolicy=${policy ?? ''}`,
        'asks for a way of sharing nodes that is not read yet',
      );
  }
}

function wordsOf(extension: string | null): readonly string[] {
  return (extension ?? '').split(/\\?;/).filter((word) => word !== '');
}

/** One word of `-W x=`: `FEATURE:bigmem`, `nmatchpolicy:exactnode`. */
function wishOf(word: string): Wishes | NotUnderstood {
  const at = word.indexOf(':');
  const value = at < 0 ? '' : word.slice(at + 1);
  switch (word.slice(0, at < 0 ? word.length : at).toLowerCase()) {
    case 'feature':
      return featuresOf(value);
    case 'naccesspolicy':
      return accessOf(value);
    case 'nmatchpolicy':
      // A node for each that is asked for: what is given anyhow.
      if (value.toLowerCase() === 'exactnode') return none;
      break;
    case 'qos':
    case 'gres':
      return none;
    default:
  }
  return notUnderstood(`-W x=${word}`, `has ${quote(word)} in it, which is for Moab and not read yet`);
}
