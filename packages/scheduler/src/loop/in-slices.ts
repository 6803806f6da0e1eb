/**
 * Runs sliced work so that nobody is kept waiting for long: after each 5 ms everything else that is
 * ready has its turn. On a clock that stands still meanwhile, such as a simulation's, it runs in one go.
 */
import { sleep, type Clock } from '@mesos-torque/common/clock.ts';
import type { Sliced } from '../core/sliced.ts';

const sliceMsMax = 5;

/** Rejects when the work throws. */
export async function inSlices<T>(work: Sliced<T>, clock: Clock): Promise<T> {
  let begunMs = clock.nowMs();
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    if (clock.nowMs() - begunMs < sliceMsMax) continue;
    await sleep(clock, 0);
    begunMs = clock.nowMs();
  }
}
