/**
 * Filters of lists: words separated by spaces, all of which must hold. `field:value`, `-field:value`, or a word
 * that occurs somewhere in the entry; `*` at a value's end stands for anything. Case does not matter.
 */
import { ControlError } from './control-error.ts';

const wordsMax = 20;
const filterCharsMax = 500;

/** The values of an entry that filters look at, by field. */
export type Fields = Readonly<Record<string, readonly string[]>>;

export type Filter = (entry: Fields) => boolean;

/** Throws INVALID_ARGUMENT for a field that the list does not have. */
export function readFilter(text: string, fields: readonly string[]): Filter | null {
  if (text.length > filterCharsMax) throw badFilter(`it has ${String(text.length)} characters`);
  const words = text.split(/\s+/).filter((word) => word !== '');
  if (words.length > wordsMax) throw badFilter(`it has ${String(words.length)} words`);
  if (words.length === 0) return null;
  const tests = words.map((word) => readWord(word.toLowerCase(), fields));
  return (entry) => tests.every((test) => test(entry));
}

function badFilter(why: string): ControlError {
  return new ControlError(
    'INVALID_ARGUMENT',
    'FILTER_INVALID',
    `filter: ${why}; at most ${String(filterCharsMax)} characters and ${String(wordsMax)} words are possible`,
  );
}

function readWord(word: string, fields: readonly string[]): Filter {
  const parts = /^(-?)([a-z]+):(.*)$/.exec(word);
  if (parts === null)
    return (entry) =>
      Object.values(entry).some((values) => values.some((value) => value.toLowerCase().includes(word)));
  const [, minus = '', field = '', value = ''] = parts;
  if (!fields.includes(field)) {
    throw new ControlError(
      'INVALID_ARGUMENT',
      'FILTER_INVALID',
      `filter: there is no field "${field}"; there are ${fields.join(', ')}`,
    );
  }
  const isIt = value.endsWith('*')
    ? startsWith(value.slice(0, -1))
    : (text: string) => text.toLowerCase() === value;
  return (entry) => (entry[field] ?? []).some(isIt) === (minus === '');
}

function startsWith(start: string): (text: string) => boolean {
  return (text) => text.toLowerCase().startsWith(start);
}
