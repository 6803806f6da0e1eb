/** The rules of the planner, on any mixture of nodes, jobs, tasks and offers. */
import process from 'node:process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkPlan } from './check-plan.ts';
import type { Decision } from './decisions.ts';
import type { Snapshot } from './facts.ts';
import { plan } from './plan.ts';
import { apply } from './testing/apply.ts';
import { policies, snapshots } from './testing/arbitrary.ts';

/** A fixed seed: a red run is red again. `PROPERTY_RUNS=20000 PROPERTY_SEED=7` looks further. */
const runs = {
  numRuns: Number(process.env['PROPERTY_RUNS'] ?? 400),
  seed: Number(process.env['PROPERTY_SEED'] ?? 2010),
};

const holds = (rule: (snapshot: Snapshot, policy: Parameters<typeof plan>[1]) => void): void => {
  fc.assert(fc.property(snapshots, policies, rule), runs);
};

describe('any plan', () => {
  test('breaks no rule that the checker knows', () => {
    holds((snapshot, policy) => {
      expect(checkPlan(snapshot, policy, plan(snapshot, policy))).toEqual([]);
    });
  });

  test('leaves nothing to do for the next one', () => {
    holds((any, anyPolicy) => {
      // A node on its way no longer tells when maintenance of its agent begins.
      const snapshot = { ...any, offers: any.offers.map((one) => ({ ...one, unavailableFromMs: null })) };
      // A limit on acts per pass leaves the rest to the next pass, as it should.
      const policy = { ...anyPolicy, nodeActsMax: 1_000 };
      const first = plan(snapshot, policy);
      // What is forgotten gives back its share of the safe allocation, which others may want.
      fc.pre(!first.decisions.some(({ kind }) => kind === 'forget'));
      const next = plan(apply(snapshot, first), policy).decisions;
      // A job of several nodes that waits may find the floor's new nodes of use, and needs other offers then.
      const isWaiting = first.report.jobs.some(({ why }) => why.code === 'gang-incomplete');
      // Once Mesos has taken a launch, its node is created.
      const launched = new Set(
        first.decisions.map((one) => (one.kind === 'launch' ? one.intent.taskId : '')),
      );
      const rest = next.filter((one) => one.kind !== 'create-node' || !launched.has(one.taskId));
      expect(rest.filter((decision) => !isWaiting || !isForGang(decision))).toEqual([]);
    });
  });

  test('comes to an end when planned again and again', () => {
    holds((snapshot, policy) => {
      let now = snapshot;
      let rounds = 0;
      for (let next = plan(now, policy); next.decisions.length > 0 && rounds < 30; rounds += 1) {
        now = apply(now, next);
        next = plan(now, policy);
      }
      expect(rounds).toBeLessThan(30);
    });
  });

  test('does not depend on the order of the input', () => {
    holds((snapshot, policy) => {
      expect(plan(reversed(snapshot), policy)).toEqual(plan(snapshot, policy));
    });
  });
});

function isForGang({ kind, why }: Decision): boolean {
  return ['decline', 'suppress', 'revive'].includes(kind) || why.code === 'makes-room';
}

function reversed(snapshot: Snapshot): Snapshot {
  const { queue, nodes, tasks } = snapshot;
  return {
    ...snapshot,
    queue: queue.state === 'unknown' ? queue : { ...queue, value: { jobs: queue.value.jobs.toReversed() } },
    nodes: nodes.state === 'unknown' ? nodes : { ...nodes, value: nodes.value.toReversed() },
    tasks: tasks.state === 'unknown' ? tasks : { ...tasks, value: tasks.value.toReversed() },
    offers: snapshot.offers.toReversed(),
    intents: snapshot.intents.toReversed(),
    trouble: snapshot.trouble.toReversed(),
  };
}

describe('by name', () => {
  const plans = (rule: (before: Snapshot, kinds: ReadonlySet<string>) => void): void => {
    holds((snapshot, policy) => {
      rule(snapshot, new Set(plan(snapshot, policy).decisions.map(({ kind }) => kind)));
    });
  };

  test('unknown is not zero: on a reading that is not fresh nothing grows or shrinks', () => {
    plans((snapshot, kinds) => {
      const all = [snapshot.queue, snapshot.nodes, snapshot.tasks];
      if (all.every(({ state }) => state === 'fresh')) return;
      for (const kind of ['launch', 'offline', 'delete-node', 'kill-task', 'forget']) {
        expect(kinds.has(kind)).toBe(false);
      }
    });
  });

  test('without jobs and without a floor nothing is launched', () => {
    holds((snapshot, policy) => {
      const empty: Snapshot = { ...snapshot, queue: { state: 'fresh', atMs: 0, value: { jobs: [] } } };
      const { decisions } = plan(empty, { ...policy, minSlotsHeld: 0 });
      expect(decisions.filter(({ kind }) => kind === 'launch' || kind === 'revive')).toEqual([]);
    });
  });

  test('time alone changes nothing before the moment that the plan names', () => {
    holds((snapshot, policy) => {
      const settled = apply(snapshot, plan(snapshot, { ...policy, nodeActsMax: 1_000 }));
      const { decisions, report } = plan(settled, { ...policy, nodeActsMax: 1_000 });
      if (decisions.length > 0) return;
      const untilMs = (report.wakeAtMs ?? settled.nowMs + 3_600_000) - 1;
      const later = plan({ ...settled, nowMs: untilMs }, { ...policy, nodeActsMax: 1_000 });
      expect(later.decisions).toEqual([]);
    });
  });
});
