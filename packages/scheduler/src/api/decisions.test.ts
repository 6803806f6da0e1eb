import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { silentLog } from '@mesos-torque/common/logger.ts';
import {
  ListDecisionsRequest,
  type ListDecisionsResponse,
} from '@mesos-torque/proto/gen/control/v1/messages.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { whole } from '../core/sliced.ts';
import { openJournal, type Journal } from '../loop/journal.ts';
import { decisionsPage } from './decisions.ts';
import { journalView } from './journal-view.ts';
import type { RunSliced } from './plan-feed.ts';

const atOnce: RunSliced = (work) => Promise.resolve().then(() => whole(work));

let directory: string;
let journal: Journal;
beforeEach(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'decisions-'));
  journal = await openJournal({ directory, bytesMax: 100_000, filesMax: 100, entriesMax: 10 }, silentLog);
});
afterEach(() => {
  journal.close();
  rmSync(directory, { recursive: true });
});

const ask = (request: Partial<ListDecisionsRequest>): Promise<ListDecisionsResponse> =>
  decisionsPage(ListDecisionsRequest.fromPartial(request), journalView(journal), atOnce);

/** Entries 1 to `count`, one each second; each 1,000th is a change that ada made. */
function happen(count: number): void {
  for (let index = 1; index <= count; index++) {
    const change = { event: 'growth held', why: 'ada: power cut', data: { who: 'ada' } };
    journal.append({ atMs: index * 1000, ...(index % 1000 === 0 ? change : { event: 'offer declined' }) });
  }
}

const places = ({ entries }: ListDecisionsResponse): number[] =>
  entries.map(({ sequence }) => Number(sequence));

describe('pages of the journal', () => {
  it('go on from memory to disk, each entry once, to the first one', async () => {
    happen(25);
    const seen: number[] = [];
    let pageToken = '';
    do {
      const page = await ask({ pageSize: 7, pageToken });
      seen.push(...places(page));
      pageToken = page.nextPageToken;
    } while (pageToken !== '');

    expect(seen).toEqual(Array.from({ length: 25 }, (_, index) => 25 - index));
  });

  it('begin at a moment, in memory or long before', async () => {
    happen(3_000);

    expect(places(await ask({ pageSize: 2, beforeMs: 2_995_000n }))).toEqual([2995, 2994]);
    expect(places(await ask({ pageSize: 2, beforeMs: 17_500n }))).toEqual([17, 16]);
    expect(places(await ask({ pageSize: 5, beforeMs: 500n }))).toEqual([]);
  });

  it('hold who changed what, however long ago, and go on where one ended early', async () => {
    happen(45_000);

    const first = await ask({ filter: 'who:ada', pageSize: 100 });
    expect(places(first)[0]).toBe(45_000);
    expect(first.entries[0]).toMatchObject({
      event: 'growth held',
      why: 'ada: power cut',
      data: { who: 'ada' },
    });
    expect(first.entries.length).toBeLessThan(45);
    const second = await ask({ filter: 'who:ada', pageSize: 100, pageToken: first.nextPageToken });
    const third = await ask({ filter: 'who:ada', pageSize: 100, pageToken: second.nextPageToken });

    expect([...places(first), ...places(second), ...places(third)]).toEqual(
      Array.from({ length: 45 }, (_, index) => 45_000 - 1000 * index),
    );
    expect(third.nextPageToken).toBe('');
  });

  it('are there after a restart', async () => {
    happen(15);
    journal.close();
    journal = await openJournal({ directory, bytesMax: 100_000, filesMax: 100, entriesMax: 10 }, silentLog);

    expect(places(await ask({ pageSize: 100 }))).toHaveLength(15);
  });

  it('take a token that was given out', async () => {
    await expect(ask({ pageToken: Buffer.from('1:mom.n1').toString('base64url') })).rejects.toMatchObject({
      reason: 'PAGE_TOKEN_INVALID',
    });
  });
});
