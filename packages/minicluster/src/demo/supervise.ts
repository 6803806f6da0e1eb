/** Starts the scheduler again when it dies during the demo, as a service manager would. */
import { setTimeout as delay } from 'node:timers/promises';
import type { FrameworkSide } from '../framework-side.ts';
import type { Narrator } from './narrator.ts';

const restartsMax = 5;
const restMs = 1_000;

export function superviseFramework(framework: FrameworkSide, tell: Narrator): { readonly end: () => void } {
  let over = false;
  const watch = async (): Promise<void> => {
    for (let restart = 1; restart <= restartsMax; restart++) {
      const exit = await framework.daemon()?.ended;
      if (over || exit === undefined) return;
      tell.say(
        `demo    the scheduler ended (${exit.signal ?? `exit code ${String(exit.code)}`}); starting it again`,
      );
      await delay(restMs);
      // TypeScript does not see that `end` may have been called during the rest.
      if (over as boolean) return;
      await framework.start();
    }
    tell.say(`demo    the scheduler ended ${String(restartsMax)} times; it is left as it is`);
  };
  void watch();
  return {
    end() {
      over = true;
    },
  };
}
