/** History as charts want it: pieces joined, cut to a span, one group as columns. */
import { averaged, thinned, type Columns } from './series.ts';
import type { Kind } from './kinds.ts';
import type { History } from './messages.ts';

export const noHistory: History = { atMs: [], series: [] };

/** `later` after `earlier`; what both have is taken from `earlier`. Values that a piece does not have are unknown. */
export function joined(earlier: History, later: History): History {
  const last = earlier.atMs.at(-1) ?? -Infinity;
  const fresh = later.atMs.findIndex((at) => at > last);
  if (fresh < 0) return earlier;
  const atMs = [...earlier.atMs, ...later.atMs.slice(fresh)];
  const keys = new Map([...earlier.series, ...later.series].map((one) => [`${one.group}/${one.name}`, one]));
  const series = [...keys.values()].map(({ group, name }) => {
    const before = valuesOf(earlier, group, name) ?? earlier.atMs.map(() => null);
    const after = valuesOf(later, group, name) ?? later.atMs.map(() => null);
    return { group, name, values: [...before, ...after.slice(fresh)] };
  });
  return { atMs, series };
}

/** Only what is not older than `fromMs`, and the one point before, which says how it was then. */
export function since(history: History, fromMs: number): History {
  const first = history.atMs.findIndex((at) => at >= fromMs);
  const start = Math.max(0, (first < 0 ? history.atMs.length : first) - 1);
  if (start === 0) return history;
  return {
    atMs: history.atMs.slice(start),
    series: history.series.map((one) => ({ ...one, values: one.values.slice(start) })),
  };
}

export function valuesOf(history: History, group: string, name: string): readonly (number | null)[] | null {
  return history.series.find((one) => one.group === group && one.name === name)?.values ?? null;
}

/** Columns of one group, cut to what a chart can show. */
export interface Stack {
  readonly times: readonly number[];
  /** Those that occur at all, in the order asked for, with their values. */
  readonly areas: readonly (Kind & { readonly values: readonly (number | null)[] })[];
  readonly lines: readonly (readonly (number | null)[])[];
}

/** How many points become fewer: states keep their latest value, counts of happenings their mean. */
export type Condense = (columns: Columns) => Columns;

const pointsMax = 720;
const barsMax = 90;

export const latestOfEach: Condense = (columns) => thinned(columns, pointsMax);
export const meanOfEach: Condense = (columns) => averaged(columns, barsMax);

export function stackOf(
  history: History,
  group: string,
  kinds: readonly Kind[],
  lines: readonly { readonly group: string; readonly name: string }[],
  condense: Condense,
): Stack {
  const present = kinds.filter(
    ({ key }) => valuesOf(history, group, key)?.some((value) => (value ?? 0) > 0) ?? false,
  );
  const unknown = history.atMs.map(() => null);
  const columns = [
    ...filled(
      present.map(({ key }) => valuesOf(history, group, key) ?? unknown),
      (index) => history.series.some(({ values }) => (values[index] ?? null) !== null),
    ),
    ...lines.map((line) => valuesOf(history, line.group, line.name) ?? unknown),
  ];
  const { times, values } = condense({ times: history.atMs.map((at) => at / 1000), values: columns });
  return {
    times,
    areas: present.map((kind, index) => ({ ...kind, values: values[index] ?? [] })),
    lines: values.slice(present.length),
  };
}

/**
 * The history with running jobs taken out of those that are not for nodes: the planner counts them there, and a chart
 * would stack them twice.
 */
export function runningApart(history: History): History {
  const running = valuesOf(history, 'jobs', 'running');
  if (running === null) return history;
  const apart = (value: number | null, index: number): number | null =>
    value === null ? null : Math.max(0, value - (running[index] ?? 0));
  return {
    ...history,
    series: history.series.map((one) =>
      one.group === 'jobs' && one.name === 'not-demand' ? { ...one, values: one.values.map(apart) } : one,
    ),
  };
}

/** A kind that is not named at a moment did not occur then; a moment at which nothing at all is named was not known. */
function filled(
  columns: readonly (readonly (number | null)[])[],
  isKnown: (index: number) => boolean,
): readonly (readonly (number | null)[])[] {
  return columns.map((column) => column.map((value, index) => value ?? (isKnown(index) ? 0 : null)));
}

/** How it was at a moment: the last point not after it; null before the first. */
export function indexAt(atMs: readonly number[], momentMs: number): number | null {
  const after = atMs.findIndex((at) => at > momentMs);
  const index = after < 0 ? atMs.length - 1 : after - 1;
  return index < 0 ? null : index;
}
