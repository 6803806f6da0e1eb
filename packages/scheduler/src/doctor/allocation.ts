/** The safe allocation: a limit that was set on purpose. */
import { amount, grouped } from '@mesos-torque/common/units.ts';
import type { OptionKey } from '../config-options.ts';
import type { Policy } from '../core/policy.ts';
import { ok, warning, type Verdict } from './check.ts';

export function judgeAllocation({ safeAllocation }: Policy, given: readonly OptionKey[]): Verdict {
  const { cpuMilli, memMib, nodes } = safeAllocation;
  const parts = [
    cpuMilli === null ? 'any number of cpus' : amount('cpuMilli', cpuMilli),
    memMib === null ? 'any memory' : amount('memMib', memMib),
    ...(nodes === null ? [] : [`${grouped(nodes)} nodes`]),
  ];
  const found = parts.join(', ');
  if (cpuMilli === null && memMib === null && nodes === null)
    return warning(
      `${found}: a full queue takes the whole Mesos cluster`,
      'set policy.safeAllocation.cpus and .mem',
    );
  if (!given.some((key) => key.startsWith('policy.safeAllocation.')))
    return warning(
      `${found}: the defaults, which nobody chose for this site`,
      'set policy.safeAllocation.cpus and .mem to what TORQUE may take at the most',
    );
  return ok(found);
}
