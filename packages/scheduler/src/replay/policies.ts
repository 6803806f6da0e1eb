/** The policies that are compared: the default, and what configuration files make of it. */
import { readPolicy, type ConfigResult } from '../config.ts';
import { readOptions, type ConfigSources } from '../config-read.ts';
import type { OptionKey } from '../config-options.ts';
import type { Policy } from '../core/policy.ts';
import type { Agent } from './cluster.ts';

export interface NamedPolicy {
  readonly name: string;
  readonly policy: Policy;
}

/** No node of a replay has this name. */
const hostName = 'pbs-server.invalid';

/**
 * A policy for a cluster: limits that are left at their defaults, which are made for small clusters, do not limit
 * the one that is described, and the properties of its agents are read from their attributes.
 */
export function policyFor(
  name: string,
  file: ConfigSources['file'],
  cluster: readonly Agent[],
): ConfigResult<NamedPolicy> {
  const sources: ConfigSources = { file, environment: {}, settings: [] };
  const read = readPolicy(sources, hostName);
  if (!read.ok) return read;
  const { origins } = readOptions(sources);
  const isGiven = (key: OptionKey): boolean => origins.has(key);
  const { value: given } = read;
  const slotsMax = Math.max(...cluster.map(({ slots }) => slots));
  const properties = cluster.flatMap((agent) => agent.properties);
  const { safeAllocation: safe } = given;
  const policy: Policy = {
    ...given,
    npMax: isGiven('policy.npMax') ? given.npMax : Math.max(given.npMax, slotsMax),
    safeAllocation: {
      ...safe,
      cpuMilli: isGiven('policy.safeAllocation.cpus') ? safe.cpuMilli : null,
      memMib: isGiven('policy.safeAllocation.mem') ? safe.memMib : null,
    },
    propertyAttributes: [...new Set([...given.propertyAttributes, ...properties])],
  };
  return { ok: true, value: { name, policy } };
}
