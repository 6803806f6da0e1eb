/**
 * `pnpm bench watchers [--watchers 100] [--changes 1000] [--seconds 20] [--json]`: what watchers cost the scheduler's process on a
 * cluster that changes so many times a minute: by gRPC's Watch, by server-sent events, and half of each. A process of its
 * own serves 200 nodes and 2,000 jobs; its processor time with watchers, less that without, is what they cost.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { grouped } from '../packages/common/src/units.ts';
import type { Figures, Order, Report } from './watchers/serve.ts';
import { watchByEvents, watchByGrpc, type Watcher } from '../packages/scheduler/src/api/testing/watchers.ts';

interface Row {
  readonly who: string;
  readonly watchers: number;
  /** Of one core, with what changes cost anyway. */
  readonly percent: number;
  /** Less that without watchers. */
  readonly percentOfWatchers: number;
  readonly heard: number;
  readonly changes: number;
}

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      watchers: { type: 'string', default: '100' },
      changes: { type: 'string', default: '1000' },
      seconds: { type: 'string', default: '20' },
      json: { type: 'boolean', default: false },
    },
  });
  const [count = 0, changesPerMinute = 0, seconds = 0] = [
    values.watchers,
    values.changes,
    values.seconds,
  ].map(Number);
  if (![count, changesPerMinute, seconds].every((n) => Number.isInteger(n) && n > 0 && n <= 100_000)) {
    throw new Error('--watchers, --changes and --seconds are whole numbers from 1 to 100,000');
  }
  const server = fork(fileURLToPath(new URL('watchers/serve.ts', import.meta.url)), { stdio: 'inherit' });
  try {
    const places = await ready(server);
    const half = Math.floor(count / 2);
    const plays: readonly (readonly [string, () => readonly Watcher[]])[] = [
      ['nobody', () => []],
      ['gRPC Watch', () => many(count, () => watchByGrpc(places.socket))],
      ['server-sent events', () => many(count, () => watchByEvents(places.url))],
      [
        'half of each',
        () => [
          ...many(half, () => watchByGrpc(places.socket)),
          ...many(count - half, () => watchByEvents(places.url)),
        ],
      ],
    ];
    const rows: Row[] = [];
    for (const [who, begin] of plays) {
      rows.push(await played(server, who, begin(), { changesPerMinute, seconds }, rows[0] ?? null));
    }
    show(rows, values.json);
  } finally {
    server.kill('SIGKILL');
  }
}

function many(count: number, one: () => Watcher): readonly Watcher[] {
  return Array.from({ length: count }, one);
}

async function played(
  server: ChildProcess,
  who: string,
  watchers: readonly Watcher[],
  order: Order,
  without: Row | null,
): Promise<Row> {
  await Promise.all(watchers.map((watcher) => watcher.begun));
  const before = watchers.reduce((sum, watcher) => sum + watcher.heard(), 0);
  const { cpuMs, wallMs, changes } = await figures(server, order);
  const heard = watchers.reduce((sum, watcher) => sum + watcher.heard(), 0) - before;
  for (const watcher of watchers) watcher.end();
  const percent = (cpuMs / wallMs) * 100;
  const percentOfWatchers = without === null ? 0 : percent - without.percent;
  return { who, watchers: watchers.length, percent, percentOfWatchers, heard, changes };
}

function ready(server: ChildProcess): Promise<{ readonly socket: string; readonly url: string }> {
  return heardFrom(server, (report) => (report.kind === 'ready' ? report : null));
}

function figures(server: ChildProcess, order: Order): Promise<Figures> {
  const answer = heardFrom(server, (report) => (report.kind === 'figures' ? report : null));
  server.send(order);
  return answer;
}

function heardFrom<T>(server: ChildProcess, wanted: (report: Report) => T | null): Promise<T> {
  return new Promise((resolve, reject) => {
    const hear = (report: Report): void => {
      const found = wanted(report);
      if (found === null) return;
      server.off('message', hear);
      resolve(found);
    };
    server.on('message', hear);
    server.once('exit', (code) => {
      reject(new Error(`the serving process ended with ${String(code)}`));
    });
  });
}

function show(rows: readonly Row[], json: boolean): void {
  if (json) {
    console.log(JSON.stringify(rows));
    return;
  }
  for (const { who, watchers, percent, percentOfWatchers, heard, changes } of rows) {
    const each = watchers === 0 ? '' : `, ${grouped(Math.round(heard / watchers))} messages heard by each`;
    console.log(
      `${who.padEnd(20)} ${String(watchers).padStart(4)} watchers: ${percent.toFixed(1).padStart(5)} % of a core, ` +
        `${percentOfWatchers.toFixed(1).padStart(5)} % for them; ${grouped(changes)} changes${each}`,
    );
  }
}
