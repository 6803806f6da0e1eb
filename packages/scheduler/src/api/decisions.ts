/**
 * The journal in pages, newest first: what is in memory, and then what is on disk. Looking for what seldom occurs may take
 * long, so a page ends after so many entries looked at, found or not, and the next one goes on there.
 */
import type { Entry } from '@mesos-torque/proto/gen/control/v1/facts.ts';
import type {
  ListDecisionsRequest,
  ListDecisionsResponse,
} from '@mesos-torque/proto/gen/control/v1/messages.ts';
import { eachSliced, type Sliced } from '../core/sliced.ts';
import type { NumberedEntry } from '../loop/ports.ts';
import type { JournalView } from './control-service.ts';
import { ms } from './facts-view.ts';
import { readFilter, type Fields } from './filter.ts';
import { invalid } from './order-words.ts';
import { pageSizeOf, readToken, tokenOf } from './page.ts';
import type { RunSliced } from './plan-feed.ts';

/** Entries of the disk that are looked at for one page; some 20 ms for each thousand. */
const lookedAtMax = 20_000;
const pieceMax = 1_000;

const fields = ['event', 'node', 'task', 'job', 'offer', 'who'];

export async function decisionsPage(
  request: ListDecisionsRequest,
  journal: JournalView,
  sliced: RunSliced,
): Promise<ListDecisionsResponse> {
  const size = pageSizeOf(request);
  const filter = readFilter(request.filter, fields);
  const isWanted = (one: NumberedEntry): boolean => filter === null || filter(fieldsOf(one));
  const beforeMs = request.beforeMs === 0n ? Infinity : Number(request.beforeMs);
  const below = sequenceIn(request.pageToken);

  const inMemory = journal.since(0).toReversed();
  const { found, matching } = await sliced(matchingIn(inMemory, isWanted, below, beforeMs, size + 1));
  let oldestSeen = Math.min(below, inMemory.at(-1)?.sequence ?? Infinity);
  let isEnd = false;
  for (let looked = 0; looked < lookedAtMax && found.length <= size && !isEnd; looked += pieceMax) {
    const piece = await journal.older({ below: oldestSeen, beforeMs }, pieceMax);
    isEnd = piece.length < pieceMax;
    oldestSeen = piece.at(-1)?.sequence ?? oldestSeen;
    found.push(...piece.filter(isWanted));
  }
  const entries = found.slice(0, size);
  const goesOnBelow = found.length > size ? (entries.at(-1)?.sequence ?? 0) : oldestSeen;
  const isLast = isEnd && found.length <= size;
  return {
    entries: entries.map(entryMessage),
    nextPageToken: isLast ? '' : tokenOf(String(goesOnBelow)),
    totalSize: matching,
  };
}

/** The first `countMax` within the bounds, and how many match of all that are in memory. */
function* matchingIn(
  newestFirst: readonly NumberedEntry[],
  isWanted: (one: NumberedEntry) => boolean,
  below: number,
  beforeMs: number,
  countMax: number,
): Sliced<{ readonly found: NumberedEntry[]; readonly matching: number }> {
  const found: NumberedEntry[] = [];
  let matching = 0;
  yield* eachSliced(newestFirst, (one) => {
    if (one.entry.atMs > beforeMs || !isWanted(one)) return;
    matching += 1;
    if (one.sequence < below && found.length < countMax) found.push(one);
  });
  return { found, matching };
}

function sequenceIn(token: string): number {
  const key = readToken(token);
  if (key === null) return Infinity;
  if (/^\d{1,15}$/.test(key)) return Number(key);
  throw invalid('PAGE_TOKEN_INVALID', 'page_token: not one that was given out');
}

function fieldsOf({ entry }: NumberedEntry): Fields {
  return {
    event: [entry.event],
    node: [entry.node ?? ''],
    task: [entry.taskId ?? ''],
    job: [entry.jobId ?? ''],
    offer: [entry.offerId ?? ''],
    who: [String(entry.data?.['who'] ?? '')],
    why: [entry.why ?? ''],
  };
}

export function entryMessage({ sequence, entry }: NumberedEntry): Entry {
  return {
    sequence: BigInt(sequence),
    atMs: ms(entry.atMs),
    event: entry.event,
    node: entry.node ?? '',
    taskId: entry.taskId ?? '',
    jobId: entry.jobId ?? '',
    offerId: entry.offerId ?? '',
    why: entry.why ?? '',
    data: Object.fromEntries(Object.entries(entry.data ?? {}).map(([key, value]) => [key, String(value)])),
  };
}
