/** The journals of all schedulers, read from their files. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { FrameworkSide } from '../framework-side.ts';

/** How often the event was journalled at or after the moment. */
export async function countOf(
  schedulers: readonly FrameworkSide[],
  sinceMs: number,
  event: string,
): Promise<number> {
  const counts = await Promise.all(schedulers.map((scheduler) => countIn(scheduler, sinceMs, event)));
  return counts.reduce((sum, count) => sum + count, 0);
}

async function countIn({ stateDir }: FrameworkSide, sinceMs: number, event: string): Promise<number> {
  const text = await readFile(path.join(stateDir, 'journal', 'journal.jsonl'), 'utf8').catch(() => '');
  return text.split('\n').filter((line) => {
    // The last line may be half written.
    if (!line.includes(`"${event}"`) || !line.endsWith('}')) return false;
    const entry = JSON.parse(line) as { atMs: number; event: string };
    return entry.event === event && entry.atMs >= sinceMs;
  }).length;
}
