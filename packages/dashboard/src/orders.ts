/** Requests of changes out of what was typed into a form. */
import type { Json } from './decode.ts';

/** Throws with a sentence where a limit is not a whole number. */
export function limitsBody(values: Readonly<Record<string, string>>): Json {
  const given = ['min_nodes', 'max_nodes'].flatMap((name) => {
    const value = (values[name] ?? '').trim();
    if (value === '') return [];
    if (!/^\d{1,6}$/.test(value))
      throw new Error(`${name.replace('_', ' ')}: a whole number is needed, not “${value}”`);
    return [[name, Number(value)] as const];
  });
  if (given.length === 0) throw new Error('Give at least one of the two limits.');
  return Object.fromEntries(given);
}

/** Throws with a sentence where the minutes are not a whole number. Empty: no deadline. */
export function drainBody(node: string, minutes: string): Json {
  const typed = minutes.trim();
  if (typed === '') return { node };
  if (!/^[1-9]\d{0,5}$/.test(typed))
    throw new Error(`minutes: a whole number above 0 is needed, not “${typed}”`);
  // 64-bit numbers are text in the API's JSON.
  return { node, deadline_after_ms: String(Number(typed) * 60_000) };
}
