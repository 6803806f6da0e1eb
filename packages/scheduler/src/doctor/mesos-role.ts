/** The role: whether the master takes frameworks with it, and how much its quota lets it have. */
import { amount } from '@mesos-torque/common/units.ts';
import { z } from 'zod';
import type { Policy } from '../core/policy.ts';
import { ok, unknown, warning, wrong, type Verdict } from './check.ts';
import type { HttpSeen } from './http.ts';
import { readJson } from './mesos-master.ts';

const flagsShape = z.object({ flags: z.record(z.string(), z.string()) });

const frameworksShape = z.object({
  get_frameworks: z.object({
    frameworks: z
      .array(
        z.object({
          active: z.boolean().optional(),
          framework_info: z.object({
            name: z.string().optional(),
            roles: z.array(z.string()).optional(),
            role: z.string().optional(),
          }),
        }),
      )
      .optional(),
  }),
});

/**
 * `flags` is the master's /flags, `frameworks` its GET_FRAMEWORKS. An ACL on roles shows only when a
 * framework registers; a framework that has done so proves it.
 */
export function judgeRole(role: string, user: string, flags: HttpSeen, frameworks: HttpSeen): Verdict {
  const read = readJson(flags, flagsShape);
  const allowed = read.ok ? read.value.flags['roles'] : undefined;
  if (allowed !== undefined && !allowed.split(',').includes(role)) {
    return wrong(
      `the master takes the roles ${allowed} alone (its flag --roles), not ${role}`,
      `add ${role} to --roles of the masters, or set mesos.role to one of them`,
    );
  }
  if (user === 'root' && read.ok && read.value.flags['root_submissions'] === 'false') {
    return wrong(
      'the master refuses frameworks of root (its flag --root_submissions=false), and a pbs_mom starts as root alone',
      'start the masters with --root_submissions=true',
    );
  }
  if (isRegistered(role, frameworks)) return ok(`${role}: a framework is registered with it`);
  if (!read.ok) return unknown(`the master's flags could not be read: ${read.why}`);
  if (read.value.flags['acls'] !== undefined)
    return unknown(`${role}: the master has ACLs, which tell only when the scheduler registers`);
  return ok(`${role}: the master has no list of roles and no ACLs`);
}

function isRegistered(role: string, frameworks: HttpSeen): boolean {
  const read = readJson(frameworks, frameworksShape);
  if (!read.ok) return false;
  return (read.value.get_frameworks.frameworks ?? []).some(
    ({ active, framework_info: { roles, role: single } }) =>
      active === true && (single === role || (roles ?? []).includes(role)),
  );
}

const scalar = z.object({ value: z.number() });
const quotaShape = z.object({
  get_quota: z.object({
    status: z
      .object({
        configs: z
          .array(
            z.object({
              role: z.string(),
              limits: z.record(z.string(), scalar).optional(),
              guarantees: z.record(z.string(), scalar).optional(),
            }),
          )
          .optional(),
      })
      .optional(),
  }),
});

/** GET_QUOTA; without any quota 1.12 answers `{"status":{}}`. Mesos' MB are MiB. */
export function judgeQuota(role: string, policy: Policy, quota: HttpSeen): Verdict {
  const read = readJson(quota, quotaShape);
  if (!read.ok) return unknown(`the master did not tell: ${read.why}`);
  const own = (read.value.get_quota.status?.configs ?? []).find((config) => config.role === role);
  const cpuMilli = own?.limits?.['cpus'] === undefined ? null : Math.round(own.limits['cpus'].value * 1000);
  const memMib = own?.limits?.['mem']?.value ?? null;
  const { safeAllocation } = policy;
  const short = [
    ...shortfall('cpuMilli', cpuMilli, safeAllocation.cpuMilli),
    ...shortfall('memMib', memMib, safeAllocation.memMib),
  ];
  if (short.length > 0) {
    return warning(
      `the quota of ${role} ends before the safe allocation: ${short.join('; ')}`,
      'lower policy.safeAllocation, so that qsub and the scheduler tell users what is possible, or raise the quota',
    );
  }
  if (cpuMilli === null && memMib === null) return ok(`${role} has no limit`);
  const limits = [
    ...(cpuMilli === null ? [] : [amount('cpuMilli', cpuMilli)]),
    ...(memMib === null ? [] : [amount('memMib', memMib)]),
  ];
  return ok(`${role} may have ${limits.join(' and ')}, and the safe allocation is within`);
}

function shortfall(
  kind: 'cpuMilli' | 'memMib',
  limit: number | null,
  wanted: number | null,
): readonly string[] {
  if (limit === null || (wanted !== null && wanted <= limit)) return [];
  const asked = wanted === null ? 'without limit' : amount(kind, wanted);
  return [`${amount(kind, limit)} of ${asked}`];
}

const agentsShape = z.object({
  get_agents: z.object({
    agents: z.array(z.object({ agent_info: z.object({ hostname: z.string() }) })).optional(),
  }),
});

/** Host names of the registered agents, from GET_AGENTS. Throws where the master does not tell. */
export function agentHostsIn(agents: HttpSeen): readonly string[] {
  const read = readJson(agents, agentsShape);
  if (!read.ok) throw new Error(`the master did not tell its agents: ${read.why}`);
  return (read.value.get_agents.agents ?? []).map(({ agent_info }) => agent_info.hostname);
}

export function judgeAgents(hosts: readonly string[]): Verdict {
  return hosts.length === 0
    ? warning(
        'no agent is registered: no node can be made',
        'start mesos-agent on the machines that shall be nodes',
      )
    : ok(`${hosts.length} registered`);
}
