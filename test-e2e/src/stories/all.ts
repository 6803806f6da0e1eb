/** All stories, in the order in which they are played. */
import type { Story } from '../story.ts';
import { fromZero } from './01-from-zero.ts';
import { array } from './03-array.ts';
import { noGrowth } from './05-no-growth.ts';
import { safeAllocation } from './06-safe-allocation.ts';

export const stories: readonly Story[] = [fromZero, array, noGrowth, safeAllocation];
