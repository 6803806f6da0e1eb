/**
 * The fair share of one role, from the master's answers to GET_ROLES and GET_AGENTS (operator API, v1, JSON):
 * what it may count on when every role wants all there is. Mesos divides by weights among the roles that have
 * frameworks, level by level where roles stand below one another.
 */
import { z } from 'zod';
import { nothing, type ResourceKind, type ResourceVector } from '@mesos-torque/common/units.ts';
import { counted } from '../core/reasons.ts';
import type { FairShare } from '../core/role-limits.ts';
import type { Reading } from './operator-reads.ts';
import { readJson } from './read-json.ts';

const rolesAnswer = z.object({
  type: z.literal('GET_ROLES'),
  get_roles: z.object({
    roles: z
      .array(
        z.object({
          name: z.string(),
          weight: z.number().positive().optional(),
          frameworks: z.array(z.unknown()).optional(),
        }),
      )
      .optional(),
  }),
});

const resource = z.object({
  name: z.string(),
  scalar: z.object({ value: z.number().min(0) }).optional(),
  revocable: z.unknown().optional(),
  reservations: z.array(z.object({ role: z.string() })).optional(),
});
const agentsAnswer = z.object({
  type: z.literal('GET_AGENTS'),
  get_agents: z.object({
    agents: z
      .array(
        z.object({
          active: z.boolean().optional(),
          deactivated: z.boolean().optional(),
          total_resources: z.array(resource).optional(),
        }),
      )
      .optional(),
  }),
});

export function readFairShare(rolesText: string, agentsText: string, role: string): Reading<FairShare> {
  const roles = readJson(rolesText, rolesAnswer);
  if (!roles.ok) return roles;
  const agents = readJson(agentsText, agentsAnswer);
  if (!agents.ok) return agents;
  const total = (agents.value.get_agents.agents ?? [])
    .filter(({ active, deactivated }) => active !== false && deactivated !== true)
    .flatMap(({ total_resources: resources }) => resources ?? [])
    .filter((one) => mayUse(one, role))
    .reduce(plus, nothing);
  return { ok: true, value: shareOf(total, roles.value.get_roles.roles ?? [], role) };
}

/** What is reserved for others, and what may be taken away again, is nobody's to divide. */
function mayUse({ revocable, reservations }: z.infer<typeof resource>, role: string): boolean {
  const reserved = reservations?.at(-1)?.role;
  return revocable === undefined && (reserved === undefined || isBelow(role, reserved));
}

const kinds: Readonly<Record<string, { readonly kind: ResourceKind; readonly times: number }>> = {
  cpus: { kind: 'cpuMilli', times: 1000 },
  mem: { kind: 'memMib', times: 1 },
  disk: { kind: 'diskMib', times: 1 },
  gpus: { kind: 'gpus', times: 1 },
};

function plus(sum: ResourceVector, { name, scalar }: z.infer<typeof resource>): ResourceVector {
  const known = kinds[name];
  if (known === undefined || scalar === undefined) return sum;
  return { ...sum, [known.kind]: sum[known.kind] + scalar.value * known.times };
}

interface KnownRole {
  readonly name: string;
  readonly weight?: number | undefined;
  readonly frameworks?: readonly unknown[] | undefined;
}

/** One level: our weight, and those of all that divide it. */
interface Level {
  readonly own: number;
  readonly all: readonly number[];
}

function shareOf(total: ResourceVector, roles: readonly KnownRole[], role: string): FairShare {
  const levels = levelsOf(roles, role);
  const share = levels.reduce((product, { own, all }) => (product * own) / sumOf(all), 1);
  const part = (kind: ResourceKind): number => Math.floor(total[kind] * share + 1e-6);
  const words = levels.map(
    ({ own, all }) => `weight ${number(own)} of ${number(sumOf(all))} among ${counted(all.length, 'role')}`,
  );
  return {
    limits: {
      cpuMilli: part('cpuMilli'),
      memMib: part('memMib'),
      diskMib: part('diskMib'),
      gpus: part('gpus'),
    },
    words: `${number(share * 100)} % of the cluster: ${words.join(', then ')}`,
  };
}

/** From the top down. Where roles stand below ours, its own frameworks are one more that divides with them. */
function levelsOf(roles: readonly KnownRole[], role: string): readonly Level[] {
  const weights = new Map(roles.map(({ name, weight }) => [name, weight ?? 1]));
  const wanting = new Set(
    roles.filter(({ frameworks }) => (frameworks ?? []).length > 0).map(({ name }) => name),
  );
  wanting.add(role);
  const parts = role.split('/');
  const levels = parts.map((_part, depth): Level => {
    const above = parts.slice(0, depth).join('/');
    const own = parts.slice(0, depth + 1).join('/');
    const weightOf = (name: string): number => weights.get(name) ?? 1;
    return { own: weightOf(own), all: childrenOf(above, wanting).map(weightOf) };
  });
  const below = childrenOf(role, wanting).filter((name) => name !== role);
  if (below.length === 0) return levels;
  return [...levels, { own: 1, all: [1, ...below.map((name) => weights.get(name) ?? 1)] }];
}

/** The roles directly below `above` with one that wants resources in or below them; `above` itself where it does. */
function childrenOf(above: string, wanting: ReadonlySet<string>): readonly string[] {
  const found = new Set<string>();
  for (const name of wanting) {
    if (above === '') found.add(name.split('/')[0] ?? name);
    else if (name === above) found.add(above);
    else if (isBelow(name, above)) {
      found.add(
        name
          .split('/')
          .slice(0, above.split('/').length + 1)
          .join('/'),
      );
    }
  }
  return [...found];
}

function isBelow(role: string, other: string): boolean {
  return role === other || role.startsWith(`${other}/`);
}

function sumOf(amounts: readonly number[]): number {
  return amounts.reduce((sum, amount) => sum + amount, 0);
}

function number(value: number): string {
  return String(Math.round(value * 100) / 100);
}
