/** What a person sees of the demo: a line per event, and a line of figures when they change. */
import type { GetStatusResponse, WatchResponse } from '@mesos-torque/proto/gen/control/v1/messages.ts';
import type { JobSeen } from '../audit.ts';

export interface Narrator {
  say(text: string): void;
  readonly entry: (entry: WatchResponse) => void;
  figures(jobs: readonly JobSeen[], status: GetStatusResponse): void;
}

/** The events worth a line, and how it begins; the rest is in the journal. */
const shown: Readonly<Record<string, string>> = {
  'framework subscribed': 'mesos   framework registered',
  'mesos disconnected': 'mesos   connection lost',
  'offers received': 'mesos   offers came',
  'offers declined': 'mesos   offers declined',
  'offers suppressed': 'mesos   told to stop offering',
  'offers revived': 'mesos   asked for offers',
  'task launched': 'launch ',
  'node created': 'torque  node created',
  'node set offline': 'torque  node set offline',
  'node taken back': 'torque  node taken back',
  'node deleted': 'torque  node deleted',
  'node phase changed': 'phase  ',
  'scheduling cycle asked for': 'torque  scheduling cycle asked for',
};

export function narrator(print: (line: string) => void, nowMs: () => number): Narrator {
  const beganMs = nowMs();
  let lastFigures = '';
  const at = (): string => `${((nowMs() - beganMs) / 1000).toFixed(1).padStart(6)} s`;
  return {
    say(text) {
      print(`${at()}  ${text}`);
    },
    entry(entry) {
      const beginning = shown[entry.event];
      if (beginning !== undefined) print(`${at()}  ${describe(beginning, entry)}`);
    },
    figures(jobs, status) {
      const line = figuresLine(jobs, status);
      if (line === lastFigures) return;
      lastFigures = line;
      print(`${at()}  ${line}`);
    },
  };
}

function describe(beginning: string, entry: WatchResponse): string {
  const subject = entry.node === '' ? '' : shortName(entry.node);
  const change =
    entry.event === 'node phase changed'
      ? [
          entry.data['from'] === 'null' ? '' : (entry.data['from'] ?? ''),
          '→',
          entry.data['to'] ?? '',
          took(entry),
        ].join(' ')
      : '';
  const count = entry.data['offers'] ?? '';
  const why = entry.why === '' ? '' : `: ${entry.why}`;
  return `${[beginning, subject, change.trim(), count].filter((word) => word !== '').join(' ')}${why}`;
}

/** How long the phase that ended took. */
function took(entry: WatchResponse): string {
  const ms = Number(entry.data['ms']);
  return Number.isFinite(ms) ? `(after ${(ms / 1000).toFixed(1)} s)` : '';
}

function shortName(host: string): string {
  return host.split('.')[0] ?? host;
}

function figuresLine(jobs: readonly JobSeen[], status: GetStatusResponse): string {
  const queue = counts(jobs.map(({ state }) => state));
  const nodes = counts(status.nodes.filter(({ taskId }) => taskId !== '').map(({ phase }) => phase));
  const cpus = Number(status.held?.cpuMilli ?? 0n) / 1000;
  return `status  queue ${queue || 'empty'} | nodes ${nodes || 'none'} | offers in hand ${String(status.offers.length)} | held ${cpus.toFixed(1)} cpus`;
}

function counts(words: readonly string[]): string {
  const byWord = new Map<string, number>();
  for (const word of words) byWord.set(word, (byWord.get(word) ?? 0) + 1);
  return [...byWord]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([word, count]) => `${word} ${String(count)}`)
    .join(', ');
}
