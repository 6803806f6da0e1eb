/** What a mother superior asks of the other moms of a job: to join it, and to let it go. */
import type { JobEnd, JobOrder } from '../shared/api.ts';
import type { Reply } from '../shared/wire.ts';
import { request } from '../shared/wire.ts';

const joinMsMax = 10_000;
/** A sister runs its epilogue before it answers. */
const leaveMsMax = 30_000;

/** `hangs`: one does not trust us, and the job stays in PRERUN for ever. */
export type Joined = 'joined' | 'hangs' | 'failed';

export async function joinSisters(order: JobOrder, from: string): Promise<Joined> {
  for (const [index, sister] of order.hosts.entries()) {
    if (index === 0) continue;
    const reply: Reply<number> = await request(
      { host: sister.address, port: sister.managerPort },
      { op: 'join-job', order, nodeIndex: index, from },
      joinMsMax,
    );
    if (reply.kind === 'refused') return 'hangs';
    // What the sister answers is how its prologue.parallel ended.
    if (reply.kind === 'unreachable' || reply.value !== 0) return 'failed';
  }
  return 'joined';
}

/** All at once; resolves when each has answered or cannot be reached. */
export async function releaseSisters(order: JobOrder, end: JobEnd): Promise<void> {
  await Promise.all(
    order.hosts
      .slice(1)
      .map((sister) =>
        request(
          { host: sister.address, port: sister.managerPort },
          { op: 'leave-job', id: order.id, end },
          leaveMsMax,
        ),
      ),
  );
}
