/**
 * Pages of a list. A page begins after the key of the last entry of the page before, so paging goes on rightly while
 * entries come and go. Looking through 100,000 entries is done in slices.
 */
import { eachSliced, type Sliced } from '../core/sliced.ts';
import { ControlError } from './control-error.ts';
import { readFilter, type Fields } from './filter.ts';

export const pageSizeMax = 1_000;
const pageSizeDefault = 100;

export interface PageRequest {
  readonly pageSize: number;
  readonly pageToken: string;
  readonly filter: string;
}

export interface Listing<T> {
  /** In the order of their keys. */
  readonly entries: readonly T[];
  readonly keyOf: (entry: T) => string;
  readonly fields: readonly string[];
  readonly fieldsOf: (entry: T) => Fields;
}

export interface Page<T> {
  readonly entries: readonly T[];
  /** Empty after the last page. */
  readonly nextPageToken: string;
  readonly totalSize: number;
}

export function* pageOf<T>(request: PageRequest, list: Listing<T>): Sliced<Page<T>> {
  const size = pageSizeOf(request);
  const filter = readFilter(request.filter, list.fields);
  const after = readToken(request.pageToken);
  const found: T[] = [];
  let totalSize = 0;
  let isAfter = after === null;
  const rest = { isThere: false };
  yield* eachSliced(list.entries, (entry) => {
    // A key that is gone meanwhile is passed all the same, for the entries are in order.
    const wasAfter = isAfter || (after !== null && list.keyOf(entry) > after);
    isAfter = wasAfter;
    if (filter !== null && !filter(list.fieldsOf(entry))) return;
    totalSize += 1;
    if (!wasAfter) return;
    if (found.length < size) found.push(entry);
    else rest.isThere = true;
  });
  const last = found.at(-1);
  return {
    entries: found,
    nextPageToken: rest.isThere && last !== undefined ? tokenOf(list.keyOf(last)) : '',
    totalSize,
  };
}

export function pageSizeOf({ pageSize }: Pick<PageRequest, 'pageSize'>): number {
  return pageSize === 0 ? pageSizeDefault : Math.min(pageSize, pageSizeMax);
}

export function tokenOf(key: string): string {
  return Buffer.from(`1:${key}`).toString('base64url');
}

/** Throws INVALID_ARGUMENT. */
export function readToken(token: string): string | null {
  if (token === '') return null;
  const text = Buffer.from(token, 'base64url').toString();
  if (token.length <= 1_000 && text.startsWith('1:')) return text.slice(2);
  throw new ControlError('INVALID_ARGUMENT', 'PAGE_TOKEN_INVALID', 'page_token: not one that was given out');
}
