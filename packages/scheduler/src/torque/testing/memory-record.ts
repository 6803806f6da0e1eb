/** The record of set-ups in memory, of one server for all. */
import type { SetupRecord, SetupRecords } from '../server-apply.ts';
import type { SetupChange } from '../server-setup.ts';

export interface MemoryRecord extends SetupRecord, SetupRecords {
  readonly changes: SetupChange[];
  keepOnly(left: readonly SetupChange[]): Promise<void>;
  of(): MemoryRecord;
}

export function memoryRecord(changed: Partial<SetupRecord> = {}): MemoryRecord {
  const changes: SetupChange[] = [];
  const record: MemoryRecord = {
    changes,
    load: () => Promise.resolve([...changes]),
    append: (more) => {
      changes.push(...more);
      return Promise.resolve();
    },
    keepOnly: (left) => {
      changes.splice(0, Infinity, ...left);
      return Promise.resolve();
    },
    of: () => record,
    ...changed,
  };
  return record;
}
