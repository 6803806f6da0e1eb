/**
 * Elements of arrays that `qstat -t` does not list. 6.1 makes the elements little by little, 300 idle ones
 * at a time, so `qsub -t 1-5000` on an empty cluster lists 300; the array's own entry, which only `qstat`
 * without `-t` prints, tells the whole range. What is not made yet waits for nodes as much as the rest.
 *
 * An array with a slot limit needs no such look: elements beyond it are held (`Hold_Types` l), and so would
 * be those that are not made.
 */
import type { JobFacts, QueueFacts } from '../core/facts.ts';
import { parseRange } from './array-range.ts';
import { arrayOf, parseJobId } from './job-id.ts';

/** Elements that are counted beside those listed, of one array and of all of them. */
const unlistedMax = 20_000;

interface Listed {
  /** The highest index that was made so far. */
  indexMax: number;
  idle: number;
  isLimited: boolean;
}

/** Arrays of which elements may be missing in the list. */
export function arraysCutOff(jobs: readonly JobFacts[], idleSlotLimit: number): ReadonlyMap<string, number> {
  const arrays = new Map<string, Listed>();
  for (const job of jobs) {
    if (!job.id.includes('[')) continue;
    const id = parseJobId(job.id);
    const array = id.ok ? arrayOf(id.id) : null;
    if (array === null || !id.ok || id.id.part.kind !== 'element') continue;
    const listed = arrays.get(array) ?? { indexMax: -1, idle: 0, isLimited: false };
    listed.indexMax = Math.max(listed.indexMax, id.id.part.index);
    if (job.state === 'queued' || job.state === 'held' || job.state === 'waiting') listed.idle += 1;
    if (job.holds.includes('l')) listed.isLimited = true;
    arrays.set(array, listed);
  }
  return new Map(
    [...arrays].flatMap(([id, { idle, isLimited, indexMax }]) =>
      idle >= idleSlotLimit && !isLimited ? [[id, indexMax] as const] : [],
    ),
  );
}

/**
 * The queue with the elements that were not made yet, as jobs of their own: queued, asking for what the
 * array asks. Beyond 20,000 they are not counted, for nobody grows so far at once, and `unmade` tells how many.
 */
export function withUnlisted(
  jobs: readonly JobFacts[],
  cutOff: ReadonlyMap<string, number>,
  entries: ReadonlyMap<string, JobFacts>,
): QueueFacts {
  const added: JobFacts[] = [];
  let leftOut = 0;
  for (const [id, indexMax] of cutOff) {
    const entry = entries.get(id);
    if (entry === undefined) continue;
    const room = unlistedMax - added.length;
    for (const index of indicesBeyond(indexMax, entry.arrayRange, room)) added.push(elementOf(entry, index));
    leftOut += Math.max(0, countBeyond(indexMax, entry.arrayRange) - room);
  }
  if (added.length === 0) return { jobs };
  const all = [...jobs, ...added];
  return leftOut === 0 ? { jobs: all } : { jobs: all, unmade: { counted: added.length, leftOut } };
}

function indicesBeyond(indexMax: number, range: string | null, countMax: number): readonly number[] {
  const indices = new Set<number>();
  for (const { first, last } of parseRange(range ?? '') ?? []) {
    for (let index = Math.max(first, indexMax + 1); index <= last; index += 1) {
      if (indices.size >= countMax) return [...indices];
      indices.add(index);
    }
  }
  return [...indices];
}

/** As qsub takes them no index is named twice. */
function countBeyond(indexMax: number, range: string | null): number {
  return (parseRange(range ?? '') ?? []).reduce(
    (sum, { first, last }) => sum + Math.max(0, last - Math.max(first, indexMax + 1) + 1),
    0,
  );
}

/** `100[].head` → `100[301].head`. */
function elementOf(entry: JobFacts, index: number): JobFacts {
  return {
    ...entry,
    id: entry.id.replace('[]', `[${index}]`),
    name: `${entry.name}-${index}`,
    state: 'queued',
    comment: null,
    execNodes: [],
    arraySlotLimit: null,
    arrayRange: null,
    isArrayTemplate: false,
  };
}

/** The arrays' own entries, by their ids, among jobs that `qstat` without `-t` printed. */
export function arrayEntries(jobs: readonly JobFacts[]): ReadonlyMap<string, JobFacts> {
  return new Map(jobs.flatMap((job) => (job.arrayRange === null ? [] : [[job.id, job] as const])));
}
