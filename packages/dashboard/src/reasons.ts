/** Reasons in groups: how many things have the same one, and one of them as an example with its numbers. */

interface WithReason {
  readonly whyCode: string;
}

export interface ReasonGroup<T> {
  readonly code: string;
  readonly count: number;
  /** Null where only the count is known. */
  readonly example: T | null;
}

/** Most frequent first. `counts` are those of all things, where `items` are only some of them. */
export function byReason<T extends WithReason>(
  items: readonly T[],
  counts: Readonly<Record<string, number>>,
): readonly ReasonGroup<T>[] {
  const groups = new Map<string, ReasonGroup<T>>();
  for (const [code, count] of Object.entries(counts)) groups.set(code, { code, count, example: null });
  for (const item of items) {
    const known = groups.get(item.whyCode);
    const counted = item.whyCode in counts;
    const count = (known?.count ?? 0) + (counted ? 0 : 1);
    groups.set(item.whyCode, { code: item.whyCode, count, example: known?.example ?? item });
  }
  return [...groups.values()].toSorted(
    (left, right) => right.count - left.count || compare(left.code, right.code),
  );
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** `short-memory` as "short memory". */
export function wordsOf(code: string): string {
  return code === '' ? 'no reason given' : code.replaceAll('-', ' ');
}
