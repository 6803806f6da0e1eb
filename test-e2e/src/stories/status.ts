/** What a scheduler says of itself: its API for levels that are looked at again and again, its command line for words. */
import type { Stage } from '../stage.ts';

export interface JobStatus {
  readonly id: string;
  /** served, waiting, impossible or not-demand. */
  readonly verdict: string;
  readonly why: string;
  readonly whyCode: string;
}

export interface NodeStatus {
  readonly name: string;
  readonly phase: string;
  readonly why: string;
  readonly agentId: string;
  readonly taskId: string;
}

export interface Status {
  /** Milliseconds since the epoch, as text. */
  readonly plannedAtMs: string;
  readonly jobs: readonly JobStatus[];
  readonly nodes: readonly NodeStatus[];
  readonly notices: readonly string[];
}

export async function statusOf({ framework }: Pick<Stage, 'framework'>): Promise<Status> {
  const answer = await fetch(`${framework.url}/api/v1/status`, { signal: AbortSignal.timeout(10_000) });
  if (!answer.ok) throw new Error(`GET /api/v1/status: ${String(answer.status)} ${await answer.text()}`);
  const told = (await answer.json()) as Partial<Status>;
  return {
    plannedAtMs: told.plannedAtMs ?? '0',
    jobs: (told.jobs ?? []).map((job) => ({ ...{ verdict: '', why: '', whyCode: '' }, ...job })),
    nodes: (told.nodes ?? []).map((node) => ({ ...{ phase: '', why: '', agentId: '', taskId: '' }, ...node })),
    notices: told.notices ?? [],
  };
}

/** Undefined while the scheduler has not planned with it. */
export async function jobStatus(stage: Stage, id: string): Promise<JobStatus | undefined> {
  return (await statusOf(stage)).jobs.find((job) => job.id === id);
}

/** The whole explanation, as people read it. */
export function explained(stage: Stage, kind: 'job' | 'node' | 'agent', name: string): Promise<string> {
  return stage.cli('explain', kind, name);
}

/** Waits for so many further plans. */
export async function whenPlanned(stage: Stage, plans: number): Promise<void> {
  let last = (await statusOf(stage)).plannedAtMs;
  for (let count = 1; count <= plans; count += 1) {
    last = await stage.level(`plan ${String(count)} of ${String(plans)} was made since`, 30, async () => {
      const { plannedAtMs } = await statusOf(stage);
      return plannedAtMs === last ? null : plannedAtMs;
    });
  }
}
