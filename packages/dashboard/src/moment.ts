/** The journal up to a moment, out of an API that gives it newest first, a page at a time. */
import type { Entry, Page } from './messages.ts';

export interface JournalUntil {
  /** Newest first, none later than the moment. */
  readonly entries: readonly Entry[];
  /** Whether the journal reaches back to the moment at all. */
  readonly reached: boolean;
}

/** What the API gives in one answer at the most, and how many answers are looked through. */
export const seekPageSize = 1_000;
const pagesMax = 50;

/** At least `entriesMin` entries where there are as many. `read` gives the page after a token. */
export async function journalUntil(
  atMs: number,
  entriesMin: number,
  read: (pageToken: string) => Promise<Page<Entry>>,
): Promise<JournalUntil> {
  let entries: readonly Entry[] = [];
  let token = '';
  for (let page = 0; page < pagesMax; page += 1) {
    const { items, nextPageToken } = await read(token);
    entries = [...entries, ...items.filter((entry) => entry.atMs <= atMs)];
    if (entries.length >= entriesMin || nextPageToken === '') break;
    token = nextPageToken;
  }
  return { entries, reached: entries.length > 0 };
}
