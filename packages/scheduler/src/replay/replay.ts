/**
 * Replays a workload under several policies, and under two baselines: a cluster that always stands in full, and the rule of
 * the framework of 2010. The same jobs, the same agents and the same TORQUE scheduler in each.
 */
import { plannedKeeper } from './keepers/planned.ts';
import { executorMs } from './keepers/carry-out.ts';
import { rule2010Keeper } from './keepers/rule-2010.ts';
import { staticKeeper } from './keepers/static.ts';
import type { SchedulerName } from './model/schedulers.ts';
import type { NamedPolicy } from './policies.ts';
import { simulate, type Keeper, type RunResult } from './simulation.ts';
import type { Timing } from './timing.ts';
import type { Workload } from './workload.ts';

export interface ReplayOptions {
  readonly scheduler: SchedulerName;
  readonly timing: Timing;
  readonly policies: readonly NamedPolicy[];
}

export interface Row extends RunResult {
  readonly policy: string;
}

export const baselines = { static: 'static', rule2010: '2010' } as const;

/** One row after the other, the baselines first. Throws `RuleBroken` when the planner breaks a rule of its own. */
export function* replay(workload: Workload, { scheduler, timing, policies }: ReplayOptions): Generator<Row> {
  const run = (policy: string, keeper: Keeper): Row => ({
    policy,
    ...simulate(workload, scheduler, keeper),
  });
  yield run(baselines.static, staticKeeper());
  yield run(baselines.rule2010, rule2010Keeper({ bootMs: timing.bootMs, pollMs: timing.pollMs }));
  for (const { name, policy } of policies) yield run(name, plannedKeeper({ policy, timing }));
}

/** Why a policy gives up every node that takes so long to boot, or null: it has to allow for more. */
export function bootTooLong({ name, policy }: NamedPolicy, { bootMs }: Timing): string | null {
  const neededMs = executorMs(bootMs);
  if (neededMs < policy.launchTimeMsMax) return null;
  return (
    `policy ${name} gives up a node whose executor has not come after policy.launchTimeout ` +
    `(${policy.launchTimeMsMax / 1000} s), and with --boot ${bootMs / 1000}s it comes after ${neededMs / 1000} s: ` +
    'raise the one or lower the other'
  );
}
