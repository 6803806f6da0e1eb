/** The loop's options for the simulation: read at a slower pace than in earnest, to keep runs short. */
import { defaultLoopOptions, type LoopOptions } from '../loop/options.ts';

export const simLoopOptions: LoopOptions = {
  ...defaultLoopOptions,
  readFastMs: 1000,
  readSlowMs: 2000,
  readEagerMs: 400,
};
