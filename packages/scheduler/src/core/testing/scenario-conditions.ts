/**
 * The lines of a scenario that tell of conditions around us:
 *
 *     trouble agent-of-a failures=3 last=10 message="pbs_mom exited 3"
 *     quota cpus=8 mem=4000 gpus=1
 *     maintenance agent-of-a in=600 for=3600
 */
import { usualConditions, type Conditions } from '../conditions.ts';
import type { AgentTrouble } from '../facts.ts';
import { storyMs } from './builders.ts';

interface Line {
  readonly name: string;
  readonly pairs: Readonly<Record<string, string>>;
}

/** Failures a minute apart, all with the same words. */
export function readTrouble({ name, pairs }: Line): AgentTrouble {
  const failures = Number(pairs['failures'] ?? 1);
  const lastMs = storyMs - 1000 * Number(pairs['last'] ?? 10);
  const message = pairs['message'] ?? 'pbs_mom exited 3';
  const evidence = Array.from({ length: failures }, (_, index) => ({
    atMs: lastMs - 60_000 * (failures - 1 - index),
    message,
  }));
  return { agentId: name, failures, lastMs, lastMessage: message, evidence };
}

export function readConditions(quota: Line | undefined, maintenance: readonly Line[]): Conditions {
  const limit = (key: string, times = 1): number | null => {
    const text = quota?.pairs[key];
    return text === undefined ? null : Number(text) * times;
  };
  const windows = maintenance.map(({ name, pairs }) => {
    const fromMs = storyMs + 1000 * Number(pairs['in'] ?? 0);
    const untilMs = pairs['for'] === undefined ? null : fromMs + 1000 * Number(pairs['for']);
    return { agentId: name, fromMs, untilMs };
  });
  return {
    ...usualConditions,
    maintenance: windows,
    quota:
      quota === undefined
        ? null
        : {
            cpuMilli: limit('cpus', 1000),
            memMib: limit('mem'),
            diskMib: limit('disk'),
            gpus: limit('gpus'),
          },
  };
}
