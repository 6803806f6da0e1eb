/** The master's answer to GET_QUOTA (operator API, v1, JSON): the limits that bind one role. */
import { z } from 'zod';
import type { QuotaLimits } from '../core/role-limits.ts';
import type { Reading } from './operator-reads.ts';
import { readJson } from './read-json.ts';

const amount = z.object({ value: z.number().min(0) });
const config = z.object({ role: z.string(), limits: z.record(z.string(), amount).optional() });
/** Without any quota Mesos 1.12 answers with an empty status. */
const answer = z.object({
  type: z.literal('GET_QUOTA'),
  get_quota: z.object({ status: z.object({ configs: z.array(config).optional() }) }),
});

/**
 * The smallest limit of the role and of the roles above it (`a` binds `a/b`): what the siblings use of
 * theirs is not counted. Null: without limit.
 */
export function readQuota(text: string, role: string): Reading<QuotaLimits> {
  const read = readJson(text, answer);
  if (!read.ok) return read;
  const limits = (read.value.get_quota.status.configs ?? [])
    .filter((one) => role === one.role || role.startsWith(`${one.role}/`))
    .map((one) => one.limits ?? {});
  const least = (name: string, times = 1): number | null => {
    const values = limits.flatMap((one) => one[name]?.value ?? []);
    return values.length === 0 ? null : Math.floor(Math.min(...values) * times + 1e-6);
  };
  return {
    ok: true,
    value: {
      cpuMilli: least('cpus', 1000),
      memMib: least('mem'),
      diskMib: least('disk'),
      gpus: least('gpus'),
    },
  };
}
