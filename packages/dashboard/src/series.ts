/**
 * What charts are drawn from: states over time, one column a kind. A value holds from its moment to the next one's, so
 * lines are steps.
 */

/** All columns have as many values as there are times; null: not known then. */
export interface Columns {
  /** Seconds since the epoch, ascending: uPlot's unit. */
  readonly times: readonly number[];
  readonly values: readonly (readonly (number | null)[])[];
}

/** Each column on top of those before it; where one is not known, it and all above it are not. */
export function stacked(columns: Columns): Columns {
  let below: readonly (number | null)[] = columns.times.map(() => 0);
  const values = columns.values.map((column) => {
    below = column.map((value, index) => sum(value, below[index] ?? null));
    return below;
  });
  return { times: columns.times, values };
}

function sum(left: number | null, right: number | null): number | null {
  return left === null || right === null ? null : left + right;
}

/**
 * At most about `pointsMax` points: the last of each equal slice of time, so that a change is seen at most one
 * slice late and no value is invented. The first and the last point are kept.
 */
export function thinned(columns: Columns, pointsMax: number): Columns {
  const { times } = columns;
  const first = times[0];
  const last = times.at(-1);
  if (first === undefined || last === undefined || times.length <= pointsMax) return columns;
  const slice = (last - first) / pointsMax;
  const kept = times.flatMap((time, index) => {
    const next = times[index + 1];
    const endsSlice = next === undefined || sliceOf(time, first, slice) !== sliceOf(next, first, slice);
    return index === 0 || endsSlice ? [index] : [];
  });
  const pick = <T>(column: readonly T[]): T[] => kept.flatMap((index) => column.slice(index, index + 1));
  return { times: pick(times), values: columns.values.map(pick) };
}

function sliceOf(time: number, first: number, slice: number): number {
  return Math.floor((time - first) / slice);
}

/** Means over so many equal slices of time, each shown from the beginning of its slice; unknown where a slice has no value. */
export function averaged(columns: Columns, slices: number): Columns {
  const first = columns.times[0];
  const last = columns.times.at(-1);
  if (first === undefined || last === undefined || columns.times.length <= slices) return columns;
  const width = (last - first) / slices;
  const times = Array.from({ length: slices }, (_, index) => first + index * width);
  const places = columns.times.map((time) => Math.min(slices - 1, Math.floor((time - first) / width)));
  return { times, values: columns.values.map((column) => means(column, places, slices)) };
}

function means(
  column: readonly (number | null)[],
  places: readonly number[],
  slices: number,
): (number | null)[] {
  const sums = Array.from({ length: slices }, () => ({ sum: 0, count: 0 }));
  column.forEach((value, index) => {
    const slice = sums[places[index] ?? 0];
    if (value === null || slice === undefined) return;
    slice.sum += value;
    slice.count += 1;
  });
  return sums.map(({ sum: total, count }) => (count === 0 ? null : total / count));
}

/** The end of a count axis: 1, 2 or 5 times a power of ten, at least 5, not less than `value`. */
export function niceCeiling(value: number): number {
  if (value <= 5) return 5;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((factor) => factor * power >= value) ?? 10;
  return step * power;
}
