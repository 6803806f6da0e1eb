/**
 * The kinds of value an option may have: how it is written, read, checked and shown. A value is read
 * from YAML (any type) or from the environment and flags (text), by the same rules.
 */
import { quote } from '@mesos-torque/common/text.ts';
import { grouped } from '@mesos-torque/common/units.ts';

export type Read<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly remedy: string };

export interface Kind<T> {
  /** Such as "duration" or "number of nodes". */
  readonly type: string;
  /** What a value counts, "" where it counts nothing. */
  readonly unit: string;
  /** `remedy` continues "KEY: VALUE is not possible: …". */
  read(value: unknown): Read<T>;
  /** As a person would write it. */
  show(value: T): string;
}

const textCharsMax = 4096;
const listItemsMax = 100;

export function text(type: string, pattern: RegExp, remedy: string): Kind<string> {
  return {
    type,
    unit: '',
    read: (value) =>
      typeof value === 'string' && value.length <= textCharsMax && pattern.test(value)
        ? { ok: true, value }
        : { ok: false, remedy },
    show: (value) => value,
  };
}

export function anyText(type: string): Kind<string> {
  return text(type, /^[^\p{Cc}]{1,1024}$/u, 'give 1 to 1,024 characters on one line');
}

export const file = text('path', /^[^\p{Cc}]{1,4096}$/u, 'give a path');

const label = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?';

export const host = text(
  'host name',
  new RegExp(`^(?=.{1,253}$)${label}(?:\\.${label})*$`),
  'give a host name of letters, digits, hyphens and dots',
);

export function choice<const T extends string>(choices: readonly T[]): Kind<T> {
  const remedy = `choose one of ${choices.join(', ')}`;
  return {
    type: choices.join(' | '),
    unit: '',
    read: (value) => {
      const chosen = choices.find((candidate) => candidate === value);
      return chosen === undefined ? { ok: false, remedy } : { ok: true, value: chosen };
    },
    show: (value) => value,
  };
}

export const yesOrNo: Kind<boolean> = {
  type: 'true | false',
  unit: '',
  read: (value) => {
    if (value === true || value === 'true') return { ok: true, value: true };
    if (value === false || value === 'false') return { ok: true, value: false };
    return { ok: false, remedy: 'choose true or false' };
  },
  show: String,
};

/** A whole number; `unit` says of what. */
export function whole(unit: string, min: number, max: number): Kind<number> {
  return {
    type: 'whole number',
    unit,
    read: (value) => {
      const number = numberOf(value, /^[0-9]{1,15}$/);
      return Number.isInteger(number) && number >= min && number <= max
        ? { ok: true, value: number }
        : { ok: false, remedy: `give a whole number from ${grouped(min)} to ${grouped(max)}` };
    },
    show: String,
  };
}

/** Processors, in thousandths: Mesos keeps three decimals. */
export function cpus(minMilli: number, maxMilli: number): Kind<number> {
  return {
    type: 'number',
    unit: 'cpus',
    read: (value) => {
      const milli = numberOf(value, /^[0-9]{1,9}(?:\.[0-9]{1,3})?$/) * 1000;
      const isWhole = Math.abs(milli - Math.round(milli)) < 1e-6;
      return isWhole && milli >= minMilli && milli <= maxMilli
        ? { ok: true, value: Math.round(milli) }
        : {
            ok: false,
            remedy: `give a number from ${minMilli / 1000} to ${grouped(maxMilli / 1000)}, with up to three decimals`,
          };
    },
    show: (milli) => String(milli / 1000),
  };
}

const mibPerUnit: Readonly<Record<string, number>> = { MiB: 1, GiB: 1024, TiB: 1024 ** 2, PiB: 1024 ** 3 };
const sizeMibMax = 2 ** 40;

/** A size, in MiB. */
export function size(minMib: number): Kind<number> {
  const remedy = `give a size of at least ${minMib} MiB with its unit, such as 512MiB or 48GiB`;
  return {
    type: 'size',
    unit: 'MiB, GiB, TiB, PiB',
    read: (value) => {
      if (typeof value !== 'string') return { ok: false, remedy };
      const groups = /^(?<count>[0-9]{1,9}) ?(?<unit>[A-Za-z]{3})$/.exec(value)?.groups;
      const mib = Number(groups?.['count']) * (mibPerUnit[groups?.['unit'] ?? ''] ?? Number.NaN);
      return mib >= minMib && mib <= sizeMibMax ? { ok: true, value: mib } : { ok: false, remedy };
    },
    show: (mib) => (mib >= 1024 && mib % 1024 === 0 ? `${mib / 1024}GiB` : `${mib}MiB`),
  };
}

const msPerUnit = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/** A time span, in milliseconds. */
export function duration(minMs: number, maxMs: number): Kind<number> {
  const remedy = `give a time from ${showMs(minMs)} to ${showMs(maxMs)} with its unit, such as 500ms, 30s, 5m, 1h, 2d or 1w`;
  return {
    type: 'duration',
    unit: 'ms, s, m, h, d, w',
    read: (value) => {
      if (typeof value !== 'string') return { ok: false, remedy };
      const groups = /^(?<count>[0-9]{1,9}(?:\.[0-9]{1,3})?) ?(?<unit>ms|s|m|h|d|w)$/.exec(value)?.groups;
      const perUnit = msPerUnit[(groups?.['unit'] ?? 'ms') as keyof typeof msPerUnit];
      const ms = groups === undefined ? Number.NaN : Math.round(Number(groups['count']) * perUnit);
      return ms >= minMs && ms <= maxMs ? { ok: true, value: ms } : { ok: false, remedy };
    },
    show: showMs,
  };
}

function showMs(ms: number): string {
  const units = ['w', 'd', 'h', 'm', 's', 'ms'] as const;
  const unit = ms === 0 ? 's' : (units.find((candidate) => ms % msPerUnit[candidate] === 0) ?? 'ms');
  return `${ms / msPerUnit[unit]}${unit}`;
}

/** A list: in YAML a sequence, in the environment and flags separated by `separator`. */
export function list<T>(items: Kind<T>, separator: string, itemsMin = 0): Kind<readonly T[]> {
  return {
    type: `list of ${items.type}`,
    unit: '',
    read: (value) => readList(items, separator, itemsMin, value),
    show: (values) =>
      values.length === 0 ? '[]' : `[${values.map((value) => quote(items.show(value))).join(', ')}]`,
  };
}

function readList<T>(
  items: Kind<T>,
  separator: string,
  itemsMin: number,
  value: unknown,
): Read<readonly T[]> {
  const given: unknown = typeof value === 'string' ? splitList(value, separator) : value;
  if (!Array.isArray(given)) return { ok: false, remedy: 'give a list' };
  if (given.length > listItemsMax) return { ok: false, remedy: `give at most ${listItemsMax} items` };
  if (given.length < itemsMin) return { ok: false, remedy: `give at least ${itemsMin}` };
  const read = given.map((item: unknown) => items.read(item));
  const values = read.flatMap((item) => (item.ok ? [item.value] : []));
  const bad = read.find((item) => !item.ok);
  return bad ?? { ok: true, value: values };
}

function splitList(value: string, separator: string): readonly string[] {
  if (value === '' || value === '[]') return [];
  return value.split(separator).map((item) => item.trim());
}

/** `kind`, or the word, which stands for null. */
export function orWord<T>(kind: Kind<T>, word: 'none' | 'auto'): Kind<T | null> {
  return {
    type: `${kind.type} | ${word}`,
    unit: kind.unit,
    read: (value) => {
      if (value === word || (word === 'none' && value === null)) return { ok: true, value: null };
      const read = kind.read(value);
      return read.ok ? read : { ok: false, remedy: `${read.remedy}, or ${word}` };
    },
    show: (value) => (value === null ? word : kind.show(value)),
  };
}

function numberOf(value: unknown, form: RegExp): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && form.test(value) ? Number(value) : Number.NaN;
}
