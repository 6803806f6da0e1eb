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

const words: Readonly<Record<string, string>> = {
  '': 'no reason given',
  impossible: 'can never run',
  'no-offers': 'Mesos offers nothing',
  'no-property': 'no offer has the property',
  'other-host': 'no offer is of the host',
  'short-np': 'larger than a node may be',
  'gang-incomplete': 'not all nodes at once',
  'gang-next': 'another large job first',
  'launches-in-flight': 'as many start as may',
  'agent-backs-off': 'launches failed lately',
  'agent-quarantined': 'agents in quarantine',
  'agent-drained': 'agents drained',
  'one-mom-per-agent': 'agents have nodes already',
  maintenance: 'maintenance comes too soon',
  'readings-missing': 'not read yet',
  'launch-for-jobs': 'a node for jobs',
  'launch-for-floor': 'a node for the floor',
  'held-for-gang': 'for a job of several nodes',
  'no-demand': 'nothing waits',
};

/** `short-memory` as "memory too small": for a line in a table, with the numbers beside it. */
export function wordsOf(code: string): string {
  const known = words[code];
  if (known !== undefined) return known;
  const [, kind, what] = /^(short|safe-allocation|quota)-(\w+)$/.exec(code) ?? [];
  switch (kind) {
    case 'short':
      return `offers too small: ${what ?? ''}`;
    case 'safe-allocation':
      return `safe allocation used up: ${what ?? ''}`;
    case 'quota':
      return `quota of the role used up: ${what ?? ''}`;
    case undefined:
    default:
      return code.replaceAll('-', ' ');
  }
}
