/** Durations as Mesos writes them: a decimal number and a unit, such as `15mins`, `500ms`, `2.5secs`. */

const nanosecondsPer = new Map([
  ['ns', 1],
  ['us', 1e3],
  ['ms', 1e6],
  ['secs', 1e9],
  ['mins', 60e9],
  ['hrs', 3600e9],
  ['days', 86_400e9],
  ['weeks', 604_800e9],
]);

/** Milliseconds, or null when the text is no duration; parts of a millisecond are rounded. */
export function readDurationMs(text: string): number | null {
  const parts = /^(?<number>\d{1,15}(?:\.\d{1,15})?)(?<unit>[a-z]{2,5})$/.exec(text)?.groups;
  const perUnit = nanosecondsPer.get(parts?.['unit'] ?? '');
  return parts === undefined || perUnit === undefined
    ? null
    : Math.round((Number(parts['number']) * perUnit) / 1e6);
}
