/**
 * TORQUE with its scheduler: jobs come with the scheduler's reasons, and a cycle is asked for when it is safe, not
 * too often, and after what keeps jobs back was taken away.
 */
import type { Clock } from '@mesos-torque/common/clock.ts';
import type { Log } from '@mesos-torque/common/logger.ts';
import type { QueueFacts, TorqueNode } from '../../core/facts.ts';
import type { Outcome, TorquePort } from '../../loop/ports.ts';
import { failed } from '../torque-commands.ts';
import { watchSilence, type SilenceWatch } from './scheduler-silence.ts';
import type { TorqueScheduler } from './schedulers/torque-scheduler.ts';

export interface SchedulingParts {
  readonly torque: TorquePort;
  readonly scheduler: TorqueScheduler;
  /** Why no cycle may be asked for; null when one may. */
  readonly whyNoCycle: () => string | null;
  readonly clock: Clock;
  readonly log: Log;
}

/** Two cycles are asked for at least this long apart; one asked for in between comes at its end. */
const kicksApartMs = 1_000;

export function withScheduler(parts: SchedulingParts): TorquePort {
  const { torque, scheduler } = parts;
  let queue: QueueFacts | null = null;
  let nodes: readonly TorqueNode[] | null = null;
  const silence = watchSilence();
  let isSilent = false;
  const kicks = rateLimited(parts.clock, () => kick(parts, silence, queue, nodes));
  return {
    async readQueue() {
      const read = await torque.readQueue();
      if (!read.ok) return read;
      const found = silence.queueRead(read.value, parts.clock.nowMs());
      if (found !== null && !isSilent) parts.log.warn('scheduler seems dead', { ...found });
      if (found === null && isSilent) parts.log.info('scheduler works again');
      isSilent = found !== null;
      const jobs = scheduler.explain(read.value.jobs);
      queue = { ...read.value, jobs, ...(found === null ? {} : { schedulerSilence: found }) };
      return { ok: true, value: queue };
    },
    async readNodes() {
      const read = await torque.readNodes();
      if (read.ok) nodes = read.value;
      return read;
    },
    readSettings: (...args) => torque.readSettings(...args),
    createNode: (node) => torque.createNode(node),
    setOffline: (...args) => torque.setOffline(...args),
    clearOffline: (...args) => torque.clearOffline(...args),
    deleteNode: (...args) => torque.deleteNode(...args),
    kickScheduler: kicks,
  };
}

async function kick(
  { torque, scheduler, whyNoCycle, clock, log }: SchedulingParts,
  silence: SilenceWatch,
  queue: QueueFacts | null,
  nodes: readonly TorqueNode[] | null,
): Promise<Outcome<null>> {
  const why = whyNoCycle();
  if (why !== null) return failed('conflict', `asking for a scheduling cycle: ${why}`);
  if (queue !== null && nodes !== null) {
    for (const { jobId, what, problem } of await scheduler.prepareCycle(queue, nodes)) {
      if (problem === null) log.info('job let go', { jobId, what });
      else log.warn('job not let go', { jobId, what, why: problem });
    }
  }
  // It took a while; the server may be another by now.
  const whyMeanwhile = whyNoCycle();
  if (whyMeanwhile !== null) return failed('conflict', `asking for a scheduling cycle: ${whyMeanwhile}`);
  const asked = await torque.kickScheduler();
  // Where people start jobs themselves there is nobody to be dead.
  if (asked.ok && scheduler.kind !== 'none') silence.cycleAsked(clock.nowMs());
  return asked;
}

/** Calls that come too early are answered by one later call, whose outcome all of them get. */
function rateLimited(clock: Clock, act: () => Promise<Outcome<null>>): () => Promise<Outcome<null>> {
  let notBeforeMs = -Infinity;
  let waiting: Promise<Outcome<null>> | null = null;
  return () => {
    waiting ??= new Promise<Outcome<null>>((resolve) => {
      clock.after(Math.max(0, notBeforeMs - clock.nowMs()), () => {
        waiting = null;
        notBeforeMs = clock.nowMs() + kicksApartMs;
        act().then(resolve, (error: unknown) => {
          resolve(failed('garbled', `asking for a scheduling cycle: ${String(error)}`));
        });
      });
    });
    return waiting;
  };
}
