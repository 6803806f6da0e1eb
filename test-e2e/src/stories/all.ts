/** All stories, in the order in which they are played. */
import type { Story } from '../story.ts';
import { fromZero } from './01-from-zero.ts';
import { array } from './03-array.ts';
import { noGrowth } from './05-no-growth.ts';
import { safeAllocation } from './06-safe-allocation.ts';
import { momAndExecutorKilled } from './13-mom-and-executor-killed.ts';
import { serverAndTrqauthd } from './14-server-and-trqauthd.ts';
import { unresolvableName } from './15-unresolvable-name.ts';
import { twoFrameworks } from './16-two-frameworks.ts';
import { attachAsManager } from './17-attach-as-manager.ts';
import { ownScheduler } from './18-own-scheduler.ts';

export const stories: readonly Story[] = [
  fromZero,
  array,
  noGrowth,
  safeAllocation,
  momAndExecutorKilled,
  serverAndTrqauthd,
  unresolvableName,
  twoFrameworks,
  attachAsManager,
  ownScheduler,
];
