/** What a FrameworkInfo may say, and what of it may change. */
import { type FrameworkInfo } from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import { durationSecondsMax } from '../wire/durations.ts';
import { hasCapability, rolesOf } from './master.ts';
import { firstProblem, roleProblem } from './roles.ts';

/** What 1.12 finds wrong with a FrameworkInfo, in its words; null when nothing. A negative failover_timeout is fine. */
export function frameworkProblem(info: FrameworkInfo, suppressedRoles: readonly string[]): string | null {
  return rolesProblem(info) ?? failoverProblem(info) ?? suppressedProblem(info, suppressedRoles);
}

function rolesProblem(info: FrameworkInfo): string | null {
  if (!hasCapability(info, 'MULTI_ROLE')) {
    if (info.roles.length > 0)
      return "'FrameworkInfo.roles' must not be set when the framework is not MULTI_ROLE capable";
    const problem = firstProblem(rolesOf(info), roleProblem);
    return problem === null ? null : `'FrameworkInfo.role' is not a valid role: ${problem}`;
  }
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- its presence is what is refused
  if (info.role !== undefined)
    return "'FrameworkInfo.role' must not be set when the framework is MULTI_ROLE capable";
  const duplicates = info.roles.filter((role, i) => info.roles.indexOf(role) !== i);
  if (duplicates.length > 0)
    return `'FrameworkInfo.roles' contains duplicate items: { ${[...new Set(duplicates)].join(', ')} }`;
  const problem = firstProblem(info.roles, roleProblem);
  return problem === null ? null : `'FrameworkInfo.roles' contains invalid role: ${problem}`;
}

function failoverProblem(info: FrameworkInfo): string | null {
  const seconds = info.failoverTimeout ?? 0;
  const fits = Math.abs(seconds) <= durationSecondsMax;
  return fits ? null : `The framework failover_timeout (${seconds}) is invalid`;
}

function suppressedProblem(info: FrameworkInfo, suppressedRoles: readonly string[]): string | null {
  const strangers = suppressedRoles.filter((role) => !rolesOf(info).includes(role));
  return strangers.length === 0
    ? null
    : `Suppressed roles { ${strangers.join(', ')} } are not contained in the set of roles`;
}

/** What UPDATE_FRAMEWORK may not change. */
export function updateProblem(before: FrameworkInfo, after: FrameworkInfo): string | null {
  const changes = [
    ['principal', before.principal ?? '', after.principal ?? ''],
    ['user', before.user ?? '', after.user ?? ''],
    ['checkpoint', String(before.checkpoint ?? false), String(after.checkpoint ?? false)],
  ] as const;
  const changed = changes.find(([, from, to]) => from !== to);
  if (changed === undefined) return null;
  const [field, from, to] = changed;
  return `Updating 'FrameworkInfo.${field}' is unsupported; attempted to update from '${from}' to '${to}'`;
}

/** What is kept when a framework subscribes again: changes of user and checkpoint are passed over in silence. */
export function merged(before: FrameworkInfo, after: FrameworkInfo): FrameworkInfo {
  return { ...after, user: before.user, checkpoint: before.checkpoint };
}
