/** How a recording is played, and what comes of it. */
import { type Translation } from './translation.ts';

export interface ReplaySetting {
  readonly masterUrl: string;
  /** What is done where the recording has a note with this text, or after the call with this number. */
  readonly onNote?: Readonly<Record<string, Act>>;
  readonly onCall?: Readonly<Record<number, Act>>;
  /** Replaces parts of a call's body before it is sent: addresses and programs of the recording machine. */
  readonly rewrite: (body: string) => string;
  /** Whether updates are acknowledged as they come: some recordings leave these calls out. */
  readonly acknowledges: boolean;
  /** Whether an update that came once may come again or not, without that being a difference. */
  readonly resendsAreChance: boolean;
  /** How long a recorded event may take to come here. */
  readonly patienceMs: number;
}

/** Gets the process id of the executor of the last update. */
export type Act = (translation: Translation, lastExecutorPid: number) => Promise<void>;

export interface Difference {
  /** `call 12`, `event of sched 31`. */
  readonly where: string;
  readonly recorded: string;
  readonly ours: string;
}
