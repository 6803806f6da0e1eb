/** All stories, in the order in which they are played. */
import type { Story } from '../story.ts';
import { fromZero } from './01-from-zero.ts';
import { mpi } from './02-mpi.ts';
import { array } from './03-array.ts';
import { wishesOfJobs } from './04-wishes-of-jobs.ts';
import { noGrowth } from './05-no-growth.ts';
import { safeAllocation } from './06-safe-allocation.ts';
import { drain } from './07-drain.ts';
import { offlineByOthers } from './08-offline-by-others.ts';
import { schedulerKilled } from './09-scheduler-killed.ts';
import { leaderKilled } from './10-leader-killed.ts';
import { masterFailover } from './11-master-failover.ts';
import { agentLost } from './12-agent-lost.ts';
import { agentCutOff } from './12-agent-cut-off.ts';
import { momAndExecutorKilled } from './13-mom-and-executor-killed.ts';
import { serverAndTrqauthd } from './14-server-and-trqauthd.ts';
import { unresolvableName } from './15-unresolvable-name.ts';
import { twoFrameworks } from './16-two-frameworks.ts';
import { attachAsManager } from './17-attach-as-manager.ts';
import { ownScheduler } from './18-own-scheduler.ts';
import { maintenance } from './19-maintenance.ts';
import { upgrade } from './20-upgrade.ts';

export const stories: readonly Story[] = [
  fromZero,
  mpi,
  array,
  wishesOfJobs,
  noGrowth,
  safeAllocation,
  drain,
  offlineByOthers,
  schedulerKilled,
  leaderKilled,
  masterFailover,
  agentLost,
  agentCutOff,
  momAndExecutorKilled,
  serverAndTrqauthd,
  unresolvableName,
  twoFrameworks,
  attachAsManager,
  ownScheduler,
  maintenance,
  upgrade,
];
