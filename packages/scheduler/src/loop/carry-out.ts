/**
 * Carries decisions out: what they announce is saved first, then each act is begun and goes its way;
 * the loop waits for none of them. How an act ended is remembered and journalled. Failures are values.
 */
import type { Random } from '@mesos-torque/common/backoff.ts';
import type { Clock } from '@mesos-torque/common/clock.ts';
import type { Log } from '@mesos-torque/common/logger.ts';
import { unreachable } from '@mesos-torque/common/units.ts';
import type { Decision, LaunchDecision } from '../core/decisions.ts';
import { isGivenUp } from '../core/reasons-life.ts';
import { guardOf, journalEntryOf, nodeActOf, perform } from './acts.ts';
import type { Memory } from './memory.ts';
import type { Kept, Mind } from './mind.ts';
import { asOutcome } from './outcomes.ts';
import { answerBegun, answerFailed, offersDeclined, offersGone } from './offers-in-hand.ts';
import type { LoopOptions } from './options.ts';
import {
  kickSent,
  killSent,
  launchFailed,
  nodeActEnded,
  reviveSent,
  reviveTaken,
  startMomSent,
  suppressTaken,
} from './orders.ts';
import type { JournalPort, MesosPort, Outcome, TorquePort } from './ports.ts';
import { achieved, announced, forestalled } from './record-intents.ts';
import { launchRefused } from './task-words.ts';
import { createWithdrawal } from './withdraw-launch.ts';

export interface Hands {
  /** Resolves when the decisions are announced and begun; they end later. Never rejects. */
  carryOut(decisions: readonly Decision[]): Promise<void>;
  /**
   * What is decided from here on is decided on facts of this moment: an act that is under way now, and ends
   * before the decisions are carried out, still stands in the way of those about the same thing.
   */
  snapshotTaken(): void;
  /** Acts under way. */
  busy(): number;
  /** Launches whose fate at the master is not settled; asking Mesos about them would prove nothing. */
  readonly isLaunching: (taskId: string) => boolean;
  /** What was sent in the last subscription can have no effect any more. */
  subscriptionChanged(): void;
}

export interface HandsParts {
  readonly torque: TorquePort;
  readonly mesos: MesosPort;
  readonly clock: Clock;
  readonly mind: Mind;
  readonly journal: JournalPort;
  readonly log: Log;
  readonly options: LoopOptions;
  readonly random: Random;
  readonly onEnded: (decision: Decision, outcome: Outcome<null>) => void;
}

export function createHands(parts: HandsParts): Hands {
  const { clock, mind, options } = parts;
  const bornMs = clock.nowMs();
  const guards = new Set<string>();
  /** Guards of acts that have ended since the snapshot was taken that is being planned on. */
  const endedSince = new Set<string>();
  let isPlanning = false;
  const launching = new Set<string>();
  /** Why launches were given up whose tasks were killed for it; of launches that are not forgotten yet. */
  const givenUp = new Map<string, string>();
  const withdrawal = createWithdrawal(parts);
  let underWay = 0;
  let nodeActs = 0;
  let deletions = 0;
  let saveProblem = '';

  async function carryOut(decisions: readonly Decision[]): Promise<void> {
    const chosen = startable(decisions);
    isPlanning = false;
    endedSince.clear();
    const failures = failedLaunches(chosen, mind.memory(), bornMs, givenUp);
    const heldBefore = tasksToHold(mind.memory());
    const kept = await mind.keep((durable) => announced(durable, chosen, clock.nowMs()));
    reportSave(kept);
    if (kept.ok) for (const failure of failures) mind.update(failure(clock.nowMs()));
    for (const decision of chosen) {
      // Declining announces nothing and hoards nothing; all else waits for a state that can be saved.
      if (kept.ok || decision.kind === 'decline') begin(decision, heldBefore.has(subjectTaskOf(decision)));
    }
  }

  /** What nothing under way stands in the way of. The rest is decided anew in a later pass, on fresher facts. */
  function startable(decisions: readonly Decision[]): readonly Decision[] {
    const taken = new Set([...guards, ...endedSince]);
    // A deletion takes 2 s (6.1.3) and no other act waits for it, so it takes no other act's place.
    let places = options.nodeActsAtOnce - nodeActs;
    let deletionPlaces = options.nodeActsAtOnce - deletions;
    return decisions.filter((decision) => {
      const guard = guardOf(decision);
      if (guard !== null && taken.has(guard)) return false;
      if (decision.kind === 'delete-node') {
        if (--deletionPlaces < 0) return false;
      } else if (nodeActOf(decision) !== null && --places < 0) return false;
      if (guard !== null) taken.add(guard);
      return true;
    });
  }

  function reportSave(kept: Outcome<Kept>): void {
    if (kept.ok && kept.value === 'unchanged') return;
    const problem = kept.ok ? '' : kept.problem.detail;
    if (problem === saveProblem) return;
    saveProblem = problem;
    if (kept.ok) {
      parts.log.info('state saved again');
      return;
    }
    parts.log.error('state not saved, so nothing was begun', { problem });
    parts.journal.append({ atMs: clock.nowMs(), event: 'state not saved', why: problem });
  }

  /** `isNewGoal`: the decision announced its goal, and did not only repeat it. */
  function begin(decision: Decision, isNewGoal: boolean): void {
    const beganMs = clock.nowMs();
    const guard = guardOf(decision);
    const isDeletion = decision.kind === 'delete-node';
    const isNodeAct = !isDeletion && nodeActOf(decision) !== null;
    underWay += 1;
    if (isNodeAct) nodeActs += 1;
    if (isDeletion) deletions += 1;
    if (guard !== null) guards.add(guard);
    rememberBegun(decision, beganMs);
    void asOutcome(perform(decision, parts)).then(async (outcome) => {
      parts.journal.append(journalEntryOf(decision, outcome, beganMs, clock.nowMs()));
      rememberEnded(decision, outcome);
      if (decision.kind === 'launch') await settleLaunch(decision, outcome);
      if (outcome.ok) reportSave(await mind.keep((durable) => achieved(durable, decision)));
      else if (decision.kind === 'offline' && outcome.problem.kind === 'theirs' && isNewGoal)
        reportSave(await mind.keep((durable) => forestalled(durable, decision)));
      underWay -= 1;
      if (isNodeAct) nodeActs -= 1;
      if (isDeletion) deletions -= 1;
      if (guard !== null) {
        guards.delete(guard);
        if (isPlanning) endedSince.add(guard);
      }
      parts.onEnded(decision, outcome);
    });
  }

  function rememberBegun(decision: Decision, nowMs: number): void {
    switch (decision.kind) {
      case 'launch':
        launching.add(decision.intent.taskId);
        mind.update((memory) => answerBegun(memory, decision.offerIds));
        return;
      case 'decline':
        mind.update((memory) => answerBegun(memory, decision.offerIds));
        return;
      case 'start-mom':
        mind.update((memory) => startMomSent(memory, decision.taskId, nowMs));
        return;
      case 'kill-task':
        mind.update((memory) => killSent(memory, decision.taskId, nowMs));
        if (isGivenUp(decision.why.text)) givenUp.set(decision.taskId, decision.why.text);
        return;
      case 'kick-scheduler':
        mind.update((memory) => kickSent(memory, nowMs));
        return;
      case 'revive':
        mind.update((memory) => reviveSent(memory, nowMs));
        return;
      case 'forget':
        givenUp.delete(decision.taskId);
        return;
      case 'create-node':
      case 'offline':
      case 'online':
      case 'delete-node':
      case 'suppress':
        return;
      default:
        unreachable(decision);
    }
  }

  function rememberEnded(decision: Decision, outcome: Outcome<null>): void {
    const act = nodeActOf(decision);
    const problem = outcome.ok ? null : outcome.problem;
    const nowMs = clock.nowMs();
    if (act !== null) mind.update((memory) => nodeActEnded(memory, act.node, act.act, problem, nowMs));
    if (decision.kind === 'suppress' && outcome.ok) mind.update(suppressTaken);
    if (decision.kind === 'revive' && outcome.ok) mind.update(reviveTaken);
    if (decision.kind !== 'decline') return;
    mind.update((memory) =>
      outcome.ok ? offersDeclined(memory, decision, nowMs) : answerFailed(memory, decision.offerIds),
    );
  }

  async function settleLaunch(decision: LaunchDecision, outcome: Outcome<null>): Promise<void> {
    const { intent, offerIds } = decision;
    if (outcome.ok) {
      mind.update((memory) => offersGone(memory, offerIds));
    } else if (outcome.problem.kind === 'refused') {
      const why = `Mesos refused the launch: ${outcome.problem.detail}`;
      mind.update((memory) => launchRefused(answerFailed(memory, offerIds), intent, why, clock.nowMs()));
    } else {
      await withdrawal.withdraw(decision);
    }
    launching.delete(intent.taskId);
  }

  return {
    carryOut,
    snapshotTaken() {
      isPlanning = true;
      endedSince.clear();
    },
    busy: () => underWay,
    isLaunching: (taskId) => launching.has(taskId),
    subscriptionChanged() {
      launching.clear();
      withdrawal.subscriptionChanged();
    },
  };
}

/** The tasks whose nodes are to stay. */
function tasksToHold({ durable }: Memory): ReadonlySet<string> {
  return new Set(durable.intents.filter(({ goal }) => goal.kind === 'hold').map(({ taskId }) => taskId));
}

function subjectTaskOf(decision: Decision): string {
  return 'taskId' in decision ? decision.taskId : '';
}

/**
 * What launches that came to nothing leave behind about their agents; their intents still tell which.
 * One from before this process began is not held against its agent: it may have been fetching the
 * executor from us when we went away.
 */
function failedLaunches(
  decisions: readonly Decision[],
  before: Memory,
  bornMs: number,
  givenUp: ReadonlyMap<string, string>,
): readonly ((nowMs: number) => (memory: Memory) => Memory)[] {
  return decisions.flatMap((decision) => {
    if (decision.kind !== 'forget' || !decision.failed) return [];
    const intent = before.durable.intents.find((each) => each.taskId === decision.taskId);
    if (intent === undefined || intent.launchedAtMs < bornMs) return [];
    const said = before.tasks.get(decision.taskId)?.message ?? '';
    // What we gave up ended by our order, which is all that its task can say of it.
    const message = givenUp.get(decision.taskId) ?? (said === '' ? decision.why.text : said);
    return [(nowMs) => (memory) => launchFailed(memory, intent.agentId, message, nowMs)];
  });
}
