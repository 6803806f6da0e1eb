/**
 * The planner: what is to be done, given what is known, and why everything else is not done. Pure: the
 * same snapshot and policy give the same plan, and planning again on its outcome gives nothing.
 *
 *     survey → demand → raise → place → grow → take back → leave → shrink → settle offers
 */
import { brakeMayChangeAtMs } from './brake.ts';
import { collectedFor } from './collected.ts';
import type { Decision, KickDecision, Plan } from './decisions.ts';
import { readDemand } from './demand.ts';
import type { Snapshot } from './facts.ts';
import { grow } from './grow.ts';
import { launches } from './launch.ts';
import { leave } from './leave.ts';
import { inForce } from './in-force.ts';
import { Pass } from './pass.ts';
import { place, type Placement } from './place.ts';
import type { Policy } from './policy.ts';
import { raise } from './raise.ts';
import { nodeWaitsForCycle } from './reasons-demand.ts';
import { reportOf } from './report.ts';
import { settleOffers } from './settle-offers.ts';
import { shrink } from './shrink.ts';
import { whole, type Sliced } from './sliced.ts';
import type { Steps } from './steps.ts';
import { endStrays } from './strays.ts';
import { surveySliced, type Survey } from './survey.ts';
import { neededBy, takeBack } from './take-back.ts';

export function plan(snapshot: Snapshot, policy: Policy): Plan {
  return whole(planSliced(snapshot, policy));
}

/** The same in small steps: a plan for 100,000 jobs takes a good part of a second. */
export function* planSliced(given: Snapshot, configured: Policy): Sliced<Plan> {
  const { snapshot, policy, changesAtMs } = inForce(given, configured);
  const pass = new Pass(snapshot.nowMs, policy.nodeActsMax);
  for (const atMs of changesAtMs) pass.wakeAt(atMs);
  const view = yield* surveySliced(snapshot, policy);
  for (const atMs of brakeMayChangeAtMs(view)) pass.wakeAt(atMs);
  const demand = yield* readDemand(view);
  const raised = yield* raise(view, pass);
  yield;
  const placement = yield* place(view, demand, pass);
  const growth = yield* grow(view, placement, raised.givenUp, pass);
  const launched = launches(view, growth);
  const needed = yield* neededBy(placement, growth);
  const takenBack = yield* takeBack(view, needed, growth.floor, pass);
  yield;
  const leaving = yield* leave(view, new Set(takenBack.keys()), pass);
  yield;
  const kept = { needed: new Set(needed.keys()), collected: collectedFor(growth, view, pass) };
  const shrunk = yield* shrink(view, kept, growth.room, pass);
  yield;
  const accepted = new Map(launched.map((launch) => [launch.intent.agentId, launch.why]));
  const settled = yield* settleOffers(view, growth, accepted, pass);
  const strays = endStrays(view, pass);
  const steps: Steps = new Map([...raised.steps, ...takenBack, ...leaving, ...shrunk, ...strays]);
  const decisions: Decision[] = [
    ...[...steps.values()].flatMap(({ decision }) => decision ?? []),
    ...launched,
    ...settled.declines,
    ...(settled.signal === null ? [] : [settled.signal]),
    ...kick(view, placement, pass),
  ];
  const report = yield* reportOf({ view, demand, placement, growth, launched, steps, settled, pass });
  return { decisions, report };
}

/** A node that turned free does not wake pbs_sched (6.1.3 looks every 600 s by default). */
function kick(view: Survey, placement: Placement, pass: Pass): KickDecision[] {
  if (!view.trust.allRead) return [];
  for (const { jobId, taken } of placement.placed) {
    const ours = taken.find((one) => one.taskId !== null);
    if (ours === undefined) continue;
    const isDue = pass.due(view.snapshot.recent.kickMs, view.policy.repeatMs);
    return isDue ? [{ kind: 'kick-scheduler', why: nodeWaitsForCycle(ours.node, jobId) }] : [];
  }
  return [];
}
