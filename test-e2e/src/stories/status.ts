/** What a scheduler says of itself: its API for levels that are looked at again and again, its command line for words. */
import type { Stage } from '../stage.ts';

export interface JobStatus {
  readonly id: string;
  /** served, waiting, impossible or not-demand. */
  readonly verdict: string;
  readonly why: string;
}

export interface NodeStatus {
  readonly name: string;
  readonly phase: string;
  readonly why: string;
  readonly agentId: string;
}

export interface Status {
  /** Milliseconds since the epoch, as text. */
  readonly plannedAtMs: string;
  readonly jobs: readonly JobStatus[];
  readonly nodes: readonly NodeStatus[];
  readonly notices: readonly string[];
  /** fresh, stale or unknown. */
  readonly queueState: string;
}

/** As JSON: what is empty is left out. */
interface StatusJson {
  readonly planned_at_ms?: string;
  readonly jobs?: readonly Partial<Record<'id' | 'verdict' | 'why', string>>[];
  readonly nodes?: readonly Partial<Record<'name' | 'phase' | 'why' | 'agent_id', string>>[];
  readonly notices?: readonly string[];
  readonly queue_reading?: { readonly state?: string };
}

export async function statusOf({ framework }: Pick<Stage, 'framework'>): Promise<Status> {
  const answer = await fetch(`${framework.url}/api/v1/status?full=1`, {
    signal: AbortSignal.timeout(10_000),
  });
  if (!answer.ok) throw new Error(`GET /api/v1/status: ${String(answer.status)} ${await answer.text()}`);
  const told = (await answer.json()) as StatusJson;
  return {
    plannedAtMs: told.planned_at_ms ?? '0',
    jobs: (told.jobs ?? []).map(({ id = '', verdict = '', why = '' }) => ({ id, verdict, why })),
    nodes: (told.nodes ?? []).map(({ name = '', phase = '', why = '', agent_id: agentId = '' }) => ({
      name,
      phase,
      why,
      agentId,
    })),
    notices: told.notices ?? [],
    queueState: told.queue_reading?.state ?? '',
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
