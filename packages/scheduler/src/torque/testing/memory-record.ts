/** The record of set-ups in memory. */
import type { SetupRecord } from '../server-apply.ts';
import type { SetupChange } from '../server-setup.ts';

export function memoryRecord(): SetupRecord & { readonly changes: SetupChange[] } {
  const changes: SetupChange[] = [];
  return {
    changes,
    load: () => Promise.resolve([...changes]),
    append: (more) => {
      changes.push(...more);
      return Promise.resolve();
    },
  };
}
