import { expect, it } from 'vitest';
import { silentLog } from '@mesos-torque/common/logger.ts';
import type { Quarantine } from '../core/quarantine.ts';
import { createJournalRing } from './journal.ts';
import { createQuarantineWatch } from './watch-quarantine.ts';

const one: Quarantine = {
  agentId: 'a1',
  failures: 5,
  state: 'resting',
  untilMs: 5_000,
  evidence: [{ atMs: 0, message: 'no disk' }],
};

it('journals each change once, with the evidence', () => {
  const journal = createJournalRing(10);
  const watch = createQuarantineWatch(journal, silentLog);
  watch.look([one], 1);
  watch.look([one], 2);
  watch.look([{ ...one, state: 'probation' }], 3);
  watch.look([], 4);

  expect(journal.entries().map(({ event, atMs, why }) => [atMs, event, why])).toEqual([
    [1, 'agent quarantined', '1970-01-01T00:00:00.000Z no disk'],
    [3, 'agent on probation', '1970-01-01T00:00:00.000Z no disk'],
    [4, 'agent left quarantine', undefined],
  ]);
});
