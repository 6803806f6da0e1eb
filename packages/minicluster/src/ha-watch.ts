/** Several schedulers as seen from outside: who leads, and what each has told in its log. */
import { readFile } from 'node:fs/promises';
import type { Cluster } from './cluster.ts';
import type { FrameworkSide } from './framework-side.ts';

export interface LogLine {
  readonly atMs: number;
  readonly event: string;
  readonly why: string;
}

/** What a scheduler has logged so far, over all its lives. */
export async function logOf({ logFile }: FrameworkSide): Promise<readonly LogLine[]> {
  const text = await readFile(logFile, 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => {
    if (!line.startsWith('{')) return [];
    const { time, event, why } = JSON.parse(line) as { time: string; event: string; why?: unknown };
    return [{ atMs: Date.parse(time), event, why: typeof why === 'string' ? why : '' }];
  });
}

/** Since when a scheduler leads; null when it does not, as far as it knows itself. */
export async function leadsSince(scheduler: FrameworkSide): Promise<number | null> {
  if (scheduler.daemon()?.exit() !== null) return null;
  const turn = (await logOf(scheduler)).findLast(({ event }) =>
    ['leadership began', 'leadership ended', 'scheduler started'].includes(event),
  );
  return turn?.event === 'leadership began' ? turn.atMs : null;
}

/** Whether it stood for election at the moment: it ran, and had neither led nor failed since it began to. */
export async function stands(scheduler: FrameworkSide, atMs: number): Promise<boolean> {
  if (scheduler.daemon()?.exit() !== null) return false;
  const turn = (await logOf(scheduler)).findLast(
    (line) => line.atMs <= atMs && standings.includes(line.event),
  );
  return turn?.event === 'standing for election';
}

const standings: readonly string[] = [
  'scheduler started',
  'standing for election',
  'standing for election failed',
  'leadership began',
  'leadership ended',
];

/**
 * Null while there is none. Of two that believe so the later one: the other one is stopped, or cut off. Without ZooKeeper
 * nobody is elected, and the one that runs leads.
 */
export async function leader(cluster: Cluster): Promise<FrameworkSide | null> {
  if (cluster.zookeeper === null) {
    return cluster.schedulers.find((scheduler) => scheduler.daemon()?.exit() === null) ?? null;
  }
  let found: { readonly scheduler: FrameworkSide; readonly atMs: number } | null = null;
  for (const scheduler of cluster.schedulers) {
    const atMs = await leadsSince(scheduler);
    if (atMs !== null && (found === null || atMs > found.atMs)) found = { scheduler, atMs };
  }
  return found?.scheduler ?? null;
}

/** The first line of the event at or after the moment. */
export async function told(
  scheduler: FrameworkSide,
  event: string,
  sinceMs: number,
): Promise<LogLine | undefined> {
  return (await logOf(scheduler)).find((line) => line.event === event && line.atMs >= sinceMs);
}
