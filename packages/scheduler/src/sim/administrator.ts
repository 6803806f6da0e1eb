/**
 * An administrator who looks at what the brake holds back, now and then, and confirms it when it stands for
 * some time and the answers are true.
 */
import type { Loop } from '../loop/reconcile-loop.ts';
import type { World } from './world.ts';

const lookEveryMs = 5000;
/** The same removals are held back for so long before they are confirmed. */
const patienceMs = 20_000;

export function startAdministrator(world: World, loop: () => Loop | null, isLie: () => boolean): void {
  let seen = { id: '', sinceMs: 0 };
  const look = (): void => {
    const nowMs = world.clock.nowMs();
    const id = loop()?.latest()?.plan.report.brake?.id ?? '';
    if (id !== seen.id || isLie()) seen = { id, sinceMs: nowMs };
    if (id !== '' && nowMs - seen.sinceMs >= patienceMs) {
      world.trace('admin', `confirms ${id}`);
      void loop()?.confirmBrake(id);
    }
    world.clock.after(lookEveryMs, look);
  };
  world.clock.after(lookEveryMs, look);
}
