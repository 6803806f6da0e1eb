/** The control API over a plan of a scenario, with a loop that takes wishes and plans anew at once. */
import type { Clock } from '@mesos-torque/common/clock.ts';
import { plan } from '../../core/plan.ts';
import type { Snapshot } from '../../core/facts.ts';
import { readScenario } from '../../core/testing/scenario.ts';
import type { Wishes } from '../../core/wishes.ts';
import { whole } from '../../core/sliced.ts';
import type { FileTail, JournalEntry, Outcome, SandboxFile } from '../../loop/ports.ts';
import { createControl, type Control } from '../control.ts';
import { createHistory, type History } from '../history.ts';
import { journalView, type KeptJournal } from '../journal-view.ts';
import { createNodeLog } from '../node-log.ts';
import { createPastOffers } from '../past-offers.ts';
import { createPhaseTimes } from '../phase-times.ts';
import { createPlanFeed, type FedLoop, type PlanFeed, type RunSliced } from '../plan-feed.ts';
import type { Planned } from '../plan-view.ts';

export interface StoryJournal extends KeptJournal {
  append(entry: JournalEntry): void;
}

/** Keeps every entry. */
function aJournal(): StoryJournal {
  const entries: JournalEntry[] = [];
  const listeners = new Set<(entry: JournalEntry) => void>();
  return {
    append(entry) {
      entries.push(entry);
      for (const listener of listeners) listener(entry);
    },
    entries: () => entries,
    pushedOut: () => 0,
    older: () => Promise.resolve([]),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export interface ControlStory {
  readonly control: Control;
  readonly feed: PlanFeed;
  readonly ring: StoryJournal;
  readonly history: History;
  readonly clock: Clock;
  wishes(): Wishes;
  /** The same plan as if it were made anew, at this moment. */
  planAgain(): void;
  /** A later plan, of another scenario. */
  tell(scenario: string): void;
  /** A later plan, of a snapshot that a scenario cannot say. */
  change(by: (snapshot: Snapshot) => Snapshot): void;
  /** What agents answer to those who read sandboxes from now on. */
  onLog(answer: (wanted: SandboxFile) => Promise<Outcome<FileTail>>): void;
  /** Wishes cannot be saved from now on. */
  breakDisk(): void;
}

/** Rejects where the work throws, as the real one does. */
const atOnce: RunSliced = (work) => Promise.resolve().then(() => whole(work));

export function aControlStory(scenario: string, clock: Clock): ControlStory {
  const first = readScenario(scenario);
  let { snapshot } = first;
  const { policy } = first;
  let planned: Planned = { snapshot, plan: plan(snapshot, policy) };
  let isBroken = false;
  const listeners = new Set<(planned: Planned) => void>();
  const again = (): void => {
    planned = { snapshot, plan: plan(snapshot, policy) };
    for (const listener of listeners) listener(planned);
  };
  const loop: FedLoop = {
    latest: () => planned,
    onPlan(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    wish(change): Promise<Outcome<Wishes>> {
      if (isBroken) {
        return Promise.resolve({
          ok: false,
          problem: { kind: 'refused', detail: 'saving the state: disk full' },
        });
      }
      snapshot = { ...snapshot, wishes: change(snapshot.wishes) };
      again();
      return Promise.resolve({ ok: true, value: snapshot.wishes });
    },
    confirmBrake(id) {
      const { brake } = planned.plan.report;
      if (brake === null) {
        return Promise.resolve({
          ok: false,
          problem: { kind: 'not-found', detail: `${id}: nothing is held` },
        });
      }
      if (brake.id !== id) {
        return Promise.resolve({ ok: false, problem: { kind: 'conflict', detail: `it is ${brake.id} now` } });
      }
      return Promise.resolve({ ok: true, value: brake.stopped.map(({ node }) => node) });
    },
    clearAgent(agentId) {
      snapshot = { ...snapshot, trouble: snapshot.trouble.filter((one) => one.agentId !== agentId) };
      again();
    },
    lookNow: again,
  };
  const phases = createPhaseTimes();
  const feed = createPlanFeed(atOnce, (taskId) => phases.sinceMs(taskId));
  const pastOffers = createPastOffers();
  const history = createHistory(100);
  const ring = aJournal();
  let readTail = (_wanted: SandboxFile): Promise<Outcome<FileTail>> =>
    Promise.resolve({
      ok: false,
      problem: { kind: 'unreachable', detail: 'no agent is part of this story' },
    });
  const nodeLog = createNodeLog({
    sandboxes: () => ({ readTail: (wanted) => readTail(wanted) }),
    planned: () => feed.ruling().planned,
    nowMs: () => clock.nowMs(),
  });
  feed.onPlan((one) => {
    pastOffers.note(one);
    nodeLog.note(one);
  });
  feed.attach(loop);
  let level = 'info';
  const control = createControl({
    feed,
    journal: journalView(ring),
    record: (entry) => {
      ring.append(entry);
    },
    history,
    pastOffers,
    nodeLog,
    policy,
    standing: () => ({ version: '1.2.3', startedAtMs: 1, role: 'leading', ready: { ok: true, why: '' } }),
    logLevel: {
      get: () => level,
      set(next) {
        if (next !== 'debug' && next !== 'info') return false;
        level = next;
        return true;
      },
    },
    clock,
    sliced: atOnce,
  });
  pastOffers.note(planned);
  nodeLog.note(planned);
  return {
    control,
    feed,
    ring,
    history,
    clock,
    wishes: () => snapshot.wishes,
    planAgain() {
      planned = { ...planned, snapshot: { ...planned.snapshot, nowMs: clock.nowMs() } };
      for (const listener of listeners) listener(planned);
    },
    tell(text) {
      snapshot = { ...readScenario(text).snapshot, wishes: snapshot.wishes };
      again();
    },
    change(by) {
      snapshot = by(snapshot);
      again();
    },
    onLog(answer) {
      readTail = answer;
    },
    breakDisk() {
      isBroken = true;
    },
  };
}
