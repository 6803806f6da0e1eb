/** The process that is measured: the control API over a cluster that changes when it is told to. */
import path from 'node:path';
import process from 'node:process';
import { systemClock } from '../../packages/common/src/clock.ts';
import { aControlStory } from '../../packages/scheduler/src/api/testing/control-story.ts';
import { serveStory } from '../../packages/scheduler/src/api/testing/served-story.ts';

export interface Order {
  readonly changesPerMinute: number;
  readonly seconds: number;
}

export interface Figures {
  /** Processor time, of the process and of the system for it. */
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly changes: number;
}

export type Report =
  | ({ readonly kind: 'figures' } & Figures)
  | { readonly kind: 'ready'; readonly socket: string; readonly url: string };

const nodes = 200;
const jobs = 2_000;

const story = aControlStory(
  [
    'policy minSlotsHeld=0 nodes=400',
    ...Array.from({ length: nodes }, (_, i) => `node n${String(i)} np=8 phase=up jobs=${String(i)}`),
    ...Array.from({ length: nodes }, (_, i) => `job ${String(i)} state=running on=n${String(i)}`),
    ...Array.from({ length: jobs - nodes }, (_, i) => `job ${String(nodes + i)} nodes=1:ppn=16`),
  ].join('\n'),
  systemClock,
);
const served = await serveStory(story, path.join(import.meta.dirname, 'no-pages'));

/** One change is one entry of the journal, as when a node's phase changes, and one new plan. */
function change(index: number): void {
  story.ring.append({
    atMs: Date.now(),
    event: 'node phase changed',
    node: `n${String(index % nodes)}.hpc.example.org`,
    taskId: `mom.n${String(index % nodes)}.${String(index)}`,
    why: 'created; waits until pbs_server has sent its host list',
    data: { from: 'launching', to: 'starting', ms: 4_211 },
  });
  story.planAgain();
}

function play({ changesPerMinute, seconds }: Order): Promise<Figures> {
  return new Promise((resolve) => {
    const [cpu, beganMs] = [process.cpuUsage(), performance.now()];
    const all = Math.round((changesPerMinute * seconds) / 60);
    let changes = 0;
    const timer = setInterval(() => {
      const due = Math.floor(((performance.now() - beganMs) / 60_000) * changesPerMinute);
      for (; changes < Math.min(due, all); changes += 1) change(changes);
      if (changes < all) return;
      clearInterval(timer);
      const { user, system } = process.cpuUsage(cpu);
      resolve({ cpuMs: (user + system) / 1000, wallMs: performance.now() - beganMs, changes });
    }, 20);
  });
}

function tell(report: Report): void {
  process.send?.(report);
}

process.on('message', (order: Order) => {
  void play(order).then((figures) => {
    tell({ kind: 'figures', ...figures });
  });
});
tell({ kind: 'ready', socket: served.socket, url: served.url });
