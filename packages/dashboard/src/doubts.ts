/** What of a status cannot be relied on, or holds everything back: in the planner's words where it has any. */
import { fullTime } from './format.ts';
import type { Status } from './messages.ts';

export interface Doubt {
  readonly title: string;
  readonly why: string;
  /** Where more of it is; null where that is all. */
  readonly page: 'repair' | null;
}

export function doubtsAbout(status: Status): readonly Doubt[] {
  // Before the first plan there is nothing to doubt; the banner says that it is not ready.
  if (status.plannedAtMs === 0) return [];
  if (status.notices.length > 0) {
    return status.notices.map((why) =>
      why === status.brake?.why
        ? { title: 'The brake holds', why, page: 'repair' }
        : { title: 'Held back', why, page: null },
    );
  }
  const mesos: Doubt = {
    title: 'Not connected to Mesos',
    why: 'nothing new is launched; what runs goes on',
    page: null,
  };
  // Settings are read seldom and limit all the same when they are old.
  const read = status.readings.filter(
    ({ what, reading }) => what !== 'settings' && reading.state !== 'fresh',
  );
  const readings = read.map(({ what, reading }) => ({
    title:
      reading.state === 'stale'
        ? `${titleOf(what)} last read at ${fullTime(reading.atMs)}`
        : `${titleOf(what)} not read`,
    why: `${reading.why}; nothing shrinks until it is read again`,
    page: null,
  }));
  return status.mesosConnected ? readings : [mesos, ...readings];
}

function titleOf(what: string): string {
  return what === 'queue' ? 'Queue' : `List of ${what}`;
}
