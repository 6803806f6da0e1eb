/**
 * The loop: observe → plan → check → carry out → record, again and again. It joins the parts, says
 * when a pass is due, and sees to it that there is one at a time.
 */
import type { Random } from '@mesos-torque/common/backoff.ts';
import { sleep, type Clock } from '@mesos-torque/common/clock.ts';
import type { Log } from '@mesos-torque/common/logger.ts';
import type { Brake } from '../core/brake.ts';
import type { Decision, Plan } from '../core/decisions.ts';
import type { Snapshot } from '../core/facts.ts';
import type { Policy } from '../core/policy.ts';
import type { Wishes } from '../core/wishes.ts';
import { nodeActOf } from './acts.ts';
import { strays, withStrays } from './adopt.ts';
import { createMaintenanceAnswers } from './answer-maintenance.ts';
import { createHands, type Hands } from './carry-out.ts';
import { confirmationProblem, withConfirmed } from './confirm-brake.ts';
import { freshMemory, nodesUp, toSnapshot } from './memory.ts';
import { inSlices } from './in-slices.ts';
import { createMesosEvents } from './mesos-events.ts';
import { createMind, type Mind } from './mind.ts';
import { createQuotaObserver } from './observe-quota.ts';
import { createObserver, type Observer } from './observe.ts';
import type { LoopOptions } from './options.ts';
import { launchSucceeded } from './orders.ts';
import { isEager, isExpectant } from './pace.ts';
import { corePlanner, type Planner } from './planner.ts';
import type { JournalPort, MesosPort, Outcome, StatePort, TorquePort } from './ports.ts';
import { createTaskReconciler } from './reconcile-tasks.ts';
import { stillPossible } from './still-possible.ts';
import { createWaker } from './waker.ts';
import { createDiskWatch } from './watch-disk.ts';
import { createBrakeWatch } from './watch-brake.ts';
import { createQuarantineWatch } from './watch-quarantine.ts';
import { createPhaseWatch } from './watch-phases.ts';

export interface LoopParts {
  readonly torque: TorquePort;
  readonly mesos: MesosPort;
  readonly clock: Clock;
  readonly state: StatePort;
  readonly journal: JournalPort;
  readonly log: Log;
  readonly policy: Policy;
  readonly options: LoopOptions;
  readonly random: Random;
  /** Left out: the planner and the checker of `core`. The simulation gives broken ones, to be caught. */
  readonly planner?: Planner;
}

export interface Planned {
  readonly snapshot: Snapshot;
  readonly plan: Plan;
}

/** Why the loop ended. `fatal`: it cannot go on until a person has followed the remedy. */
export type LoopEnd =
  { readonly kind: 'stopped' } | { readonly kind: 'fatal'; readonly why: string; readonly remedy: string };

export interface Loop {
  /** Loads the state and begins; rejects when the state cannot be read. */
  start(): Promise<void>;
  /** Ends the loop; acts under way are waited for, up to `stopTimeMsMax`. Tasks and nodes stay. */
  stop(): Promise<void>;
  /** The last plan and what it was made from; null before the first. */
  latest(): Planned | null;
  /** Calls back after each plan; the returned function ends that. */
  onPlan(listener: (planned: Planned) => void): () => void;
  /**
   * Confirms the removals that the brake holds back (`report.brake.id` of the latest plan), and resolves
   * with the names of their nodes once that is saved. Problems: `not-found` when nothing is held back,
   * `conflict` when the answers changed and it is about other nodes now, `refused` when it is not saved.
   */
  confirmBrake(id: string): Promise<Outcome<readonly string[]>>;
  /** An agent that was left alone because launches failed there may be tried again at once. */
  clearAgent(agentId: string): void;
  /** Looks at TORQUE as soon as may be, and plans anew. */
  lookNow(): void;
  /** Changes what operators wish for, durably, and plans anew. A problem when it could not be saved, or nothing runs. */
  wish(change: (wishes: Wishes) => Wishes): Promise<Outcome<Wishes>>;
  readonly ended: Promise<LoopEnd>;
}

export function createLoop(parts: LoopParts): Loop {
  const end = Promise.withResolvers<LoopEnd>();
  const listeners = new Set<(planned: Planned) => void>();
  let latest: Planned | null = null;
  let running: Running | null = null;
  let over = false;

  function finish(why: LoopEnd): void {
    if (over) return;
    over = true;
    running?.halt();
    end.resolve(why);
  }

  return {
    async start() {
      const durable = await parts.state.load();
      running = run(parts, createMind(freshMemory(durable), parts.state), {
        planned(planned) {
          latest = planned;
          for (const listener of listeners) listener(planned);
        },
        fatal(why, remedy) {
          // Whether that is an error, or another scheduler leads now, is known to whoever waits for `ended`.
          parts.log.info('loop ended', { why, remedy });
          parts.journal.append({ atMs: parts.clock.nowMs(), event: 'loop ended', why, data: { remedy } });
          finish({ kind: 'fatal', why, remedy });
        },
      });
    },
    async stop() {
      finish({ kind: 'stopped' });
      await running?.rest();
      await parts.mesos.close();
    },
    latest: () => latest,
    onPlan(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async confirmBrake(id) {
      const brake = latest?.plan.report.brake ?? null;
      const problem = confirmationProblem(id, brake);
      if (problem !== null || brake === null || running === null || over) {
        const notRunning = { kind: 'refused', detail: `confirming ${id}: the loop does not run` } as const;
        return { ok: false, problem: problem ?? notRunning };
      }
      return running.confirm(brake);
    },
    clearAgent(agentId) {
      if (!over) running?.clearAgent(agentId);
    },
    lookNow() {
      if (!over) running?.lookNow();
    },
    async wish(change) {
      if (running === null || over) {
        return { ok: false, problem: { kind: 'unreachable', detail: 'the loop does not run' } };
      }
      return running.wish(change);
    },
    ended: end.promise,
  };
}

interface Reports {
  readonly planned: (planned: Planned) => void;
  readonly fatal: (why: string, remedy: string) => void;
}

interface Running {
  wish(change: (wishes: Wishes) => Wishes): Promise<Outcome<Wishes>>;
  clearAgent(agentId: string): void;
  lookNow(): void;
  /** Nothing is begun after it. */
  halt(): void;
  /** Saves that what the brake holds back is to go. */
  confirm(brake: Brake): Promise<Outcome<readonly string[]>>;
  /** Resolves when nothing is under way, or after `stopTimeMsMax`. */
  rest(): Promise<void>;
}

/** One life of the loop, from a loaded state to its halt. */
function run(parts: LoopParts, mind: Mind, reports: Reports): Running {
  const { clock, options, log, journal } = parts;
  const planner = parts.planner ?? corePlanner;
  const phases = createPhaseWatch(journal);
  const brake = createBrakeWatch(journal, log);
  const quarantine = createQuarantineWatch(journal, log);
  const quota = createQuotaObserver({
    ...{ mesos: parts.mesos, mind, clock, log, journal },
    onChanged: () => {
      waker.wakeIn(options.debounceMs);
    },
  });
  const disk = createDiskWatch({ mind, journal, clock, log });
  const answerMaintenance = createMaintenanceAnswers({ mesos: parts.mesos, mind, journal });
  let expectant = true;
  let eager = false;
  let halted = false;
  /** The framework id that Mesos gave us, as long as it could not be saved. */
  let unsavedId: string | null = null;
  let isIdProblemSaid = false;

  // Read through a function: the compiler cannot know that `halt` may be called during a pass.
  const isHalted = (): boolean => halted;

  const waker = createWaker(clock, pass);
  const hands: Hands = createHands({ ...parts, mind, onEnded: actEnded });
  const observer: Observer = createObserver({
    ...parts,
    mind,
    isFast: () => expectant || hands.busy() > 0,
    isEager: () => eager,
    onRead: () => {
      waker.wakeIn(options.debounceMs);
    },
  });
  const tasks = createTaskReconciler({ ...parts, mind, isLaunching: hands.isLaunching });

  async function pass(): Promise<void> {
    if (!(await identityIsSaved())) return;
    quota.lookIfDue();
    if (!(await disk.look())) waker.wakeIn(options.diskRestMs);
    await adoptStrays();
    const snapshot = toSnapshot(mind.memory(), clock.nowMs());
    hands.snapshotTaken();
    const plan = await planned(snapshot);
    if (plan === null || isHalted()) return;
    record(snapshot, plan);
    const decisions = await checked(snapshot, plan);
    // Planning and checking take their time; what was halted, or became void meanwhile, is not begun.
    if (isHalted()) return;
    await hands.carryOut(stillPossible(decisions, mind.memory()));
    if (plan.report.wakeAtMs !== null) waker.wakeAt(plan.report.wakeAtMs);
  }

  /** The framework id is on disk before anything is done under it, or a restart would orphan it all. */
  async function identityIsSaved(): Promise<boolean> {
    const frameworkId = unsavedId;
    if (frameworkId === null) return true;
    const kept = await mind.keep((durable) =>
      durable.frameworkId === frameworkId ? durable : { ...durable, frameworkId },
    );
    if (kept.ok) {
      unsavedId = null;
      isIdProblemSaid = false;
      tasks.subscribed();
      return true;
    }
    if (!isIdProblemSaid)
      log.error('framework id not saved, so nothing is begun', { problem: kept.problem.detail });
    isIdProblemSaid = true;
    waker.wakeIn(options.failureRestMs);
    return false;
  }

  /** If they cannot be saved now, they are found again in the next pass. */
  async function adoptStrays(): Promise<void> {
    const found = strays(mind.memory(), parts.policy, clock.nowMs());
    if (found.length === 0) return;
    const kept = await mind.keep((durable) => withStrays(durable, found));
    if (!kept.ok) return;
    for (const { taskId, nodeName: node, goal } of found) {
      const why = goal.kind === 'hold' ? '' : goal.why;
      log.warn('stray adopted', { taskId, node });
      journal.append({ atMs: clock.nowMs(), event: 'stray adopted', taskId, node, why });
    }
  }

  async function planned(snapshot: Snapshot): Promise<Plan | null> {
    try {
      return await inSlices(planner.plan(snapshot, parts.policy), clock);
    } catch (error) {
      refuse('planning failed', [stackOf(error)]);
      return null;
    }
  }

  /** A plan that breaks a rule is not carried out, except for the offers that it gives back. */
  async function checked(snapshot: Snapshot, plan: Plan): Promise<readonly Decision[]> {
    const violations = await violationsOf(snapshot, plan);
    if (violations.length === 0) return plan.decisions;
    refuse('plan refused', violations);
    return plan.decisions.filter((decision) => decision.kind === 'decline');
  }

  async function violationsOf(snapshot: Snapshot, plan: Plan): Promise<readonly string[]> {
    try {
      return await inSlices(planner.checkPlan(snapshot, parts.policy, plan), clock);
    } catch (error) {
      return [`the checker failed: ${stackOf(error)}`];
    }
  }

  function refuse(event: string, violations: readonly string[]): void {
    log.error(event, { violations });
    journal.append({ atMs: clock.nowMs(), event, why: violations.join('; ') });
    waker.wakeIn(options.failureRestMs);
  }

  function record(snapshot: Snapshot, plan: Plan): void {
    // Until both sides were read once, a phase tells of our ignorance and not of the node.
    if (snapshot.nodes.state !== 'unknown' && snapshot.tasks.state !== 'unknown') {
      phases.look(plan.report.nodes, snapshot.nowMs);
    }
    brake.look(plan.report.brake, snapshot.nowMs);
    quarantine.look(plan.report.quarantined, snapshot.nowMs);
    const up = new Set(plan.report.nodes.filter((node) => node.phase === 'up').map((node) => node.taskId));
    const intentsUp = snapshot.intents.filter(({ taskId }) => up.has(taskId));
    const taskIdsUp = intentsUp.map(({ taskId }) => taskId);
    mind.update((memory) => nodesUp(memory, taskIdsUp, snapshot.nowMs));
    for (const { agentId } of intentsUp) mind.update((memory) => launchSucceeded(memory, agentId));
    const before = { expectant, eager };
    expectant = isExpectant(plan);
    eager = isEager(plan);
    if (before.expectant !== expectant || (eager && !before.eager)) observer.paceChanged();
    answerMaintenance(snapshot);
    reports.planned({ snapshot, plan });
  }

  function actEnded(decision: Decision, outcome: Outcome<null>): void {
    if (nodeActOf(decision) === null) observer.paceChanged();
    else observer.lookSoon();
    waker.wakeIn(outcome.ok ? options.debounceMs : options.failureRestMs);
  }

  const onEvent = createMesosEvents({
    ...parts,
    mind,
    onSubscribed(frameworkId) {
      const known = mind.memory().durable.frameworkId;
      const problem = identityProblem(known, frameworkId);
      if (problem !== null) {
        reports.fatal(problem.why, problem.remedy);
        return;
      }
      hands.subscriptionChanged();
      unsavedId = frameworkId;
    },
    onDisconnected: () => {
      unsavedId = null;
      tasks.disconnected();
    },
    onFatal: reports.fatal,
    wake: () => {
      waker.wakeIn(options.debounceMs);
    },
  });

  parts.mesos.open({ frameworkId: mind.memory().durable.frameworkId }, onEvent);
  observer.start();

  return {
    async wish(change) {
      const kept = await mind.keep((durable) => ({ ...durable, wishes: change(durable.wishes) }));
      if (!kept.ok) return kept;
      waker.wakeIn(0);
      return { ok: true, value: mind.memory().durable.wishes };
    },
    clearAgent(agentId) {
      mind.update((memory) => launchSucceeded(memory, agentId));
      waker.wakeIn(0);
    },
    lookNow() {
      observer.lookSoon();
      waker.wakeIn(0);
    },
    halt() {
      halted = true;
      waker.stop();
      observer.stop();
      tasks.disconnected();
    },
    async confirm(brake) {
      const kept = await mind.keep((durable) => withConfirmed(durable, brake, clock.nowMs()));
      if (!kept.ok) return kept;
      const nodes = brake.stopped.map(({ node }) => node);
      log.warn('removal confirmed', { brake: brake.id, nodes });
      const data = { brake: brake.id, nodes: nodes.length };
      journal.append({ atMs: clock.nowMs(), event: 'removal confirmed', why: brake.why.text, data });
      waker.wakeIn(options.debounceMs);
      return { ok: true, value: nodes };
    },
    async rest() {
      const limitMs = clock.nowMs() + options.stopTimeMsMax;
      while (hands.busy() > 0 && clock.nowMs() < limitMs) await sleep(clock, 20);
    },
  };
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function identityProblem(
  known: string | null,
  given: string,
): { readonly why: string; readonly remedy: string } | null {
  if (known !== null && known !== given) {
    return {
      why: `Mesos subscribed us as framework ${given}, and our tasks belong to ${known}`,
      remedy: 'check that the master is the one that the state file was made with',
    };
  }
  if (given.includes('.')) {
    return {
      why: `framework id ${given} has a dot, which would make the marks of our nodes ambiguous`,
      remedy: 'remove the state file, so that Mesos chooses an id',
    };
  }
  return null;
}
