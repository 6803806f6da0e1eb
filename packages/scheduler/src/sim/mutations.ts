/**
 * Deliberate faults of the scheduler's own, to prove that the simulation notices them. None of this
 * is reachable from the scheduler.
 */
import type { Decision, Plan } from '../core/decisions.ts';
import type { NodeHistory, Reading, Snapshot } from '../core/facts.ts';
import { plan } from '../core/plan.ts';
import type { Policy } from '../core/policy.ts';
import { corePlanner, type Planner } from '../loop/planner.ts';
import type { MesosPort } from '../loop/ports.ts';

export interface Mutation {
  readonly planner: Planner;
  readonly mesos: (port: MesosPort) => MesosPort;
}

export const noMutation: Mutation = { planner: corePlanner, mesos: (port) => port };

/** Without the checker: it would catch what the simulation is to catch by its effects. */
function withPlan(faulty: (snapshot: Snapshot, policy: Policy) => Plan): Mutation {
  const planner: Planner = {
    *plan(snapshot, policy) {
      yield;
      return faulty(snapshot, policy);
    },
    *checkPlan() {
      yield;
      return [];
    },
  };
  return { ...noMutation, planner };
}

/** Deletes an idle node where it should first be set offline and looked at again. */
const noSecondLook = withPlan((snapshot, policy) => {
  const made = plan(snapshot, policy);
  const decisions = made.decisions.map((decision): Decision =>
    decision.kind === 'offline' ? { ...decision, kind: 'delete-node' } : decision,
  );
  return { ...made, decisions };
});

/** Takes a reading that failed for one that showed nothing. */
const unknownAsZero = withPlan((snapshot, policy) => plan(withoutUnknown(snapshot), policy));

function withoutUnknown(snapshot: Snapshot): Snapshot {
  const { nowMs } = snapshot;
  return {
    ...snapshot,
    queue: known(snapshot.queue, { jobs: [] }, nowMs),
    nodes: known(snapshot.nodes, [], nowMs),
    tasks: known(snapshot.tasks, [], nowMs),
  };
}

function known<T>(reading: Reading<T>, zero: T, nowMs: number): Reading<T> {
  return reading.state === 'fresh' ? reading : { state: 'fresh', atMs: nowMs, value: zero };
}

/** Forgets the safe allocation. */
const noSafeAllocation = withPlan((snapshot, policy): Plan => {
  const safeAllocation = { cpuMilli: null, memMib: null, diskMib: null, gpus: null, nodes: null };
  return plan(snapshot, { ...policy, safeAllocation });
});

/** Sees no quota, whatever the master says. */
const ignoresQuota = withPlan((snapshot, policy) =>
  plan({ ...snapshot, conditions: { ...snapshot.conditions, quota: null } }, policy),
);

/** Never gives a node back. */
const neverShrinks = withPlan((snapshot, policy) => plan(snapshot, { ...policy, idleMs: Infinity }));

/** Ends a mom when one answer of pbs_server lacks its node. */
const killsOnOneLook = withPlan((snapshot, policy) =>
  plan(withHistory(snapshot, { absentSinceMs: -Infinity }), policy),
);

function withHistory(snapshot: Snapshot, change: Partial<NodeHistory>): Snapshot {
  const history = Object.entries(snapshot.history).map(([id, past]) => [id, { ...past, ...change }] as const);
  return { ...snapshot, history: Object.fromEntries(history) };
}

/** Believes pbs_server and Mesos whatever they would take away. */
const noBrake = withPlan((snapshot, policy) => plan(snapshot, { ...policy, brakeNodesMin: Infinity }));

/** Acknowledges updates as they come, before anything has taken them in. */
const acknowledgesFirst: Mutation = {
  ...noMutation,
  mesos: (port) => ({
    ...port,
    open(subscription, onEvent) {
      port.open(subscription, (event) => {
        if (event.kind === 'status' && event.status.ackToken !== null) {
          void port.acknowledge(event.status.ackToken);
        }
        return onEvent(event);
      });
    },
  }),
};

/** Promises to be off every machine, whatever runs there. */
const promisesAnything: Mutation = {
  ...noMutation,
  mesos: (port) => ({
    ...port,
    answerInverse: (id, _isAccepted, refuseS) => port.answerInverse(id, true, refuseS),
  }),
};

export const mutations: Readonly<Record<string, Mutation>> = {
  'no-second-look': noSecondLook,
  'unknown-as-zero': unknownAsZero,
  'no-safe-allocation': noSafeAllocation,
  'ignores-quota': ignoresQuota,
  'promises-anything': promisesAnything,
  'never-shrinks': neverShrinks,
  'acknowledges-first': acknowledgesFirst,
  'kills-on-one-look': killsOnOneLook,
  'no-brake': noBrake,
};
