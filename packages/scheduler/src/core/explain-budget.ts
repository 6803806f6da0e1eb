/** What of the safe allocation is left, kind by kind, with what a node for a job would take of it. */
import {
  amount,
  grouped,
  resourceKinds,
  unreachable,
  type ResourceKind,
} from '@mesos-torque/common/units.ts';
import { plain, type Line } from './explain-words.ts';
import type { Scene } from './explain.ts';
import type { Snapshot } from './facts.ts';
import { nodeFor } from './fit.ts';
import { heldBy, holding } from './grow-state.ts';
import { memoryOf, type Want } from './pool.ts';
import { counted, quoted } from './reasons.ts';
import type { LimitsWish } from './wishes.ts';

export function budgetLines(wants: readonly Want[], scene: Scene): readonly Line[] {
  const [want] = wants;
  if (want === undefined) return [];
  const all = [...nodesLine(scene), ...kindLines(want, scene)];
  return all.length === 0 ? [plain('the safe allocation is not limited')] : all;
}

function nodesLine({ survey, snapshot }: Scene): readonly Line[] {
  const allowed = survey.policy.safeAllocation.nodes;
  if (allowed === null) return [];
  const left = Math.max(0, allowed - holding(survey).length);
  const limit = nodesLimitWish(snapshot);
  const by = limit === null ? '' : `, a limit of ${limit.who} (${quoted(limit.why)})`;
  return [plain(`${counted(left, 'node')} left of ${grouped(allowed)}${by}`)];
}

/** The operator's limit of nodes, where there is one. */
export function nodesLimitWish({ wishes: { limits } }: Snapshot): LimitsWish | null {
  if (limits === null) return null;
  return limits.nodesMax === null ? null : limits;
}

function kindLines(want: Want, { survey }: Scene): readonly Line[] {
  const { safeAllocation: safe, limitedBy } = survey.policy;
  const held = heldBy(survey);
  const memMib = memoryOf(want, want.slotsMin);
  const { resources } = nodeFor({ slots: want.slotsMin, memMib, gpus: want.gpus }, survey.policy);
  return resourceKinds.flatMap((kind) => {
    const allowed = safe[kind];
    if (allowed === null) return [];
    const left = Math.max(0, allowed - held[kind]);
    const roleLimit = limitedBy[kind];
    const by = roleLimit === undefined ? kindWord(kind) : `${kindWord(kind)}, by the ${roleLimit.name}`;
    const short = resources[kind] > left ? `, short by ${amount(kind, resources[kind] - left)}` : '';
    return [
      plain(
        `${amount(kind, left)} left of ${amount(kind, allowed)} (${by}); ` +
          `one node for it takes ${amount(kind, resources[kind])}${short}`,
      ),
    ];
  });
}

function kindWord(kind: ResourceKind): string {
  switch (kind) {
    case 'cpuMilli':
      return 'processors';
    case 'memMib':
      return 'memory';
    case 'diskMib':
      return 'disk';
    case 'gpus':
      return 'gpus';
    default:
      return unreachable(kind);
  }
}
