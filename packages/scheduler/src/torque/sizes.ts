/** Amounts as TORQUE prints them in jobs and nodes: sizes (`512mb`) and times (`01:00:00`). */

/** No machine has more: 1 EiB, in MiB. Sums of such sizes stay exact. */
export const sizeMibMax = 2 ** 40;

const mibPerUnit: Readonly<Record<string, number>> = {
  '': 2 ** -20,
  b: 2 ** -20,
  kb: 2 ** -10,
  mb: 1,
  gb: 2 ** 10,
  tb: 2 ** 20,
  pb: 2 ** 30,
};

/**
 * `512mb` → 512, in MiB and fractions of them; a plain number is in bytes. Units are powers of 1024.
 * Null for what is not a size (words, `kw` and so on, have no fixed length) or larger than `sizeMibMax`.
 */
export function parseSizeMib(text: string): number | null {
  const groups = /^(?<count>[0-9]{1,15})(?<unit>[a-z]{0,2})$/.exec(text.toLowerCase())?.groups;
  const perUnit = mibPerUnit[groups?.['unit'] ?? 'none'];
  if (groups === undefined || perUnit === undefined) return null;
  const mib = Number(groups['count']) * perUnit;
  return mib <= sizeMibMax ? mib : null;
}

/**
 * `01:00:00` → 3600. TORQUE prints hours, minutes, seconds; days in front and plain seconds are taken
 * too, fractions of a second are dropped. Null for what is not a time.
 */
export function parseTimeS(text: string): number | null {
  const match = /^(?<fields>[0-9]{1,10}(?::[0-9]{1,4}){0,3})(?:\.[0-9]{1,9})?$/.exec(text);
  if (match === null) return null;
  const fields = (match.groups?.['fields'] ?? '').split(':').map(Number);
  const perField = fields.length === 4 ? [86_400, 3600, 60, 1] : [3600, 60, 1].slice(3 - fields.length);
  return fields.reduce((sum, field, i) => sum + field * (perField[i] ?? 0), 0);
}
