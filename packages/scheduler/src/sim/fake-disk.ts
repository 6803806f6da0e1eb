/** The disk with the durable state: writes take a moment, fail, or fail although they were made. */
import type { DurableState, StatePort } from '../loop/ports.ts';
import type { World } from './world.ts';

export interface FakeDisk {
  /** What a scheduler that starts now would read. */
  readonly state: () => DurableState | null;
  readonly port: (isAlive: () => boolean) => StatePort;
}

export function createFakeDisk(world: World, trouble: number): FakeDisk {
  const { clock, dice } = world;
  let written: DurableState | null = null;

  function save(state: DurableState, isAlive: () => boolean): Promise<void> {
    const goesWrong = world.faulty && dice.chance(trouble);
    const isWritten = !goesWrong || dice.chance(0.5);
    return new Promise((resolve, reject) => {
      clock.after(dice.between(1, 4), () => {
        if (isWritten && isAlive()) written = state;
        clock.after(dice.between(0, 2), () => {
          if (goesWrong) reject(new Error('no space left on device'));
          else resolve();
        });
      });
    });
  }

  return {
    state: () => written,
    port: (isAlive) => ({
      load: () => Promise.resolve(written),
      save: (state) => save(state, isAlive),
    }),
  };
}
