/** Further fields of a journal entry as people read them. */
import { duration, grouped } from './format.ts';

/** "jobsLeft", "3" as "jobs left 3"; `…Ms` and `…S` are durations by their names: "waitedMs", "4200" as "waited 4.2 s". */
export function fieldText(name: string, value: string): string {
  const amount = value === '' ? NaN : Number(value);
  if (!Number.isFinite(amount)) return `${words(name)} ${value}`;
  if (name === 'ms') return `took ${duration(amount)}`;
  // A moment is not a duration: no duration of ours is longer than some years.
  if (name.endsWith('Ms') && amount < 1e11) return `${words(name.slice(0, -2))} ${duration(amount)}`;
  if (name.endsWith('S') && amount < 1e8) return `${words(name.slice(0, -1))} ${duration(amount * 1000)}`;
  return `${words(name)} ${Number.isInteger(amount) ? grouped(amount) : value}`;
}

function words(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
