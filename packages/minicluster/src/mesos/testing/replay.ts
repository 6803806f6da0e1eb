/**
 * Plays a recorded scheduler against the stand-in. Before each call, everything must have come that
 * had come before it in the recording; what differs is collected, not thrown.
 */
import { Player } from './player.ts';
import { type RecordedStep } from './recording.ts';
import { type Difference, type ReplaySetting } from './replay-setting.ts';

export async function replay(steps: readonly RecordedStep[], setting: ReplaySetting): Promise<Difference[]> {
  const player = new Player(setting);
  try {
    for (const step of steps) await player.play(step);
    return player.differences();
  } finally {
    player.close();
  }
}
