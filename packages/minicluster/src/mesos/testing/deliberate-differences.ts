/** Where the stand-in answers otherwise than the recordings, and why. */

export interface DeliberateDifference {
  readonly recording: string;
  /** As the replay names it. */
  readonly where: string;
  readonly because: string;
}

const noOperatorStream = 'the operator API has no event stream: SUBSCRIBE is refused like an unknown type';
const noReservations = 'RESERVE is not carried out, so later offers have no dynamic reservation in them';

export const deliberateDifferences: readonly DeliberateDifference[] = [
  { recording: '02-refusals', where: 'call 41 (unknown path)', because: noOperatorStream },
  { recording: '02-refusals', where: 'offer of sched at 67082 ms', because: noReservations },
];
