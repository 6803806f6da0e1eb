import { expect, test } from 'vitest';
import { understand } from './scheduler-words.ts';

test.each([
  ['Not Running: Not enough of the right type of nodes are available', 'nodes'],
  ['Not Running: All timesharing nodes are too loaded to run job', 'nodes'],
  [
    'Not Running - PBS Error: Unknown node  MSG=job allocation request exceeds available cluster nodes',
    'nodes',
  ],
  ['Not Running - PBS Error: Resource temporarily unavailable MSG=job allocation request exceeds', 'nodes'],
  ['Not Running - PBS Error: Execution server rejected request', 'nodes'],
  // 6.1.3 says so of every -l procs= without nodes, however many nodes there are.
  ['Not Running - PBS Error: Unknown node-attribute ', 'other'],
  ['Not Running: Not enough nodes available', 'limit'],
  ['Not Running: Not enough memory available', 'limit'],
  ['Not Running: Not enough cpus available', 'limit'],
  ['Not Running: Queue job limit has been reached.', 'limit'],
  ['Not Running: Server job limit has been reached.', 'limit'],
  ['Not Running: User has reached server running job limit.', 'limit'],
  ['Not Running: User has reached queue running job limit.', 'limit'],
  ['Not Running: Group has reached server running limit.', 'limit'],
  ['Not Running: Group has reached queue running limit.', 'limit'],
  ['Not Running: Queue not started.', 'limit'],
  ['Not Running: Queue not an execution queue.', 'limit'],
  ['Not Running: Strict fifo order', 'order'],
  ['Not Running: Draining system to allow starving job to run', 'order'],
  ['Not Running: Dedicated time conflict', 'other'],
  ['Not Running: Job would cross dedicated time boundry', 'other'],
  ['Not Running: Max token usage reached', 'other'],
  ['Not Running: Queue is configured to be ignored', 'other'],
  ['Not Running: An internal scheduling error has occured', 'other'],
  ['Not Running: words of a later version', 'other'],
  ['job is deferred.  Reason:  NoResources  (exceeds available partition procs)', 'nodes'],
  ['job is deferred.  Reason:  RMFailure  (cannot start job - RM failure, rc: 15064)', 'nodes'],
  ['job is deferred.  Reason:  BankFailure  (no allocation)', 'other'],
  ['Job started on Sun Nov 22 at 06:24', 'silent'],
  ['', 'silent'],
  [null, 'silent'],
])('%s', (words, meaning) => {
  expect(understand(words)).toBe(meaning);
});
