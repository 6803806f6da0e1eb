/** What a person sees of the demo: a line per event, and a line of figures when they change. */
import type { GetStatusResponse, WatchResponse } from '@mesos-torque/proto/gen/control/v1/control.ts';
import type { JobSeen } from '../audit.ts';

export interface Narrator {
  say(text: string): void;
  entry(entry: WatchResponse): void;
  figures(jobs: readonly JobSeen[], status: GetStatusResponse): void;
}

/** The events worth a line; the rest is in the journal. */
const shown = new Set([
  'framework subscribed',
  'mesos subscribed',
  'mesos disconnected',
  'offers received',
  'offer accepted',
  'offers declined',
  'task launched',
  'launch accepted',
  'node created',
  'mom started',
  'node set offline',
  'node cleared',
  'node deleted',
  'task killed',
  'node phase changed',
  'job verdict changed',
  'offers suppressed',
  'offers revived',
]);

export function narrator(print: (line: string) => void, nowMs: () => number): Narrator {
  const beganMs = nowMs();
  let lastFigures = '';
  const at = (): string => `${((nowMs() - beganMs) / 1000).toFixed(1).padStart(6)} s`;
  return {
    say(text) {
      print(`${at()}  ${text}`);
    },
    entry(entry) {
      if (!shown.has(entry.event)) return;
      print(`${at()}  ${describe(entry)}`);
    },
    figures(jobs, status) {
      const line = figuresLine(jobs, status);
      if (line === lastFigures) return;
      lastFigures = line;
      print(`${at()}  ${line}`);
    },
  };
}

function describe(entry: WatchResponse): string {
  const subject = [entry.node || entry.taskId, entry.jobId, entry.offerId].filter((part) => part !== '');
  const data = Object.entries(entry.data).map(([key, value]) => `${key}=${value}`);
  const what = [entry.event, ...subject, ...data].join(' ');
  return entry.why === '' ? what : `${what} — ${entry.why}`;
}

function figuresLine(jobs: readonly JobSeen[], status: GetStatusResponse): string {
  const queue = counts(jobs.map(({ state }) => state));
  const nodes = counts(status.nodes.filter(({ taskId }) => taskId !== '').map(({ phase }) => phase));
  const cpus = Number(status.held?.cpuMilli ?? 0n) / 1000;
  return `     queue ${queue || 'empty'} | nodes ${nodes || 'none'} | offers in hand ${String(status.offers.length)} | held ${cpus.toFixed(1)} cpus`;
}

function counts(words: readonly string[]): string {
  const byWord = new Map<string, number>();
  for (const word of words) byWord.set(word, (byWord.get(word) ?? 0) + 1);
  return [...byWord]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([word, count]) => `${word} ${String(count)}`)
    .join(', ');
}
