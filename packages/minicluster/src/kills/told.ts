/** The statuses that reached the scheduler, from its journal. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';

export interface ToldStatus {
  readonly atMs: number;
  readonly taskId: string;
  readonly state: string;
  readonly message: string;
}

interface JournalLine {
  readonly atMs: number;
  readonly event: string;
  readonly taskId?: string;
  readonly why?: string;
  readonly data?: { readonly state?: string };
}

/** In the order in which they came. A line that is being written is left for the next look. */
export async function statusesTold(stateDir: string): Promise<readonly ToldStatus[]> {
  const text = await readFile(path.join(stateDir, 'journal', 'journal.jsonl'), 'utf8').catch(() => '');
  return text
    .split('\n')
    .slice(0, -1)
    .filter((line) => line.includes('"task status"'))
    .map((line) => JSON.parse(line) as JournalLine)
    .map(({ atMs, taskId = '', why = '', data }) => ({
      atMs,
      taskId,
      state: data?.state ?? '',
      message: why,
    }));
}
