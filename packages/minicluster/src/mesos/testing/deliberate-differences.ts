/** Where the stand-in answers otherwise than the recordings, and why. */

export interface DeliberateDifference {
  readonly recording: string;
  /** As the replay names it. */
  readonly where: string;
  readonly because: string;
}

const recording = '02-refusals';
const noReservations = 'RESERVE is not carried out: offers after it have no dynamic reservation in them';

export const deliberateDifferences: readonly DeliberateDifference[] = [
  {
    recording,
    where: 'call 41 (unknown path)',
    because: 'the operator API has no event stream: SUBSCRIBE is refused like a type that does not exist',
  },
  {
    recording,
    where: 'event of sched at 57336 ms',
    because: 'the text quotes the environment of the executor, which was cut from the recorded calls',
  },
  { recording, where: 'offer of sched on agent1.mesos.test at 67082 ms', because: noReservations },
  { recording, where: 'offer of sched on agent1.mesos.test at 68084 ms', because: noReservations },
  { recording, where: 'offer of sched on agent1.mesos.test at 70092 ms', because: noReservations },
  { recording, where: 'offer of sched on agent1.mesos.test at 80107 ms', because: noReservations },
  { recording, where: 'offer of changed on agent1.mesos.test at 82114 ms', because: noReservations },
  {
    recording,
    where: 'call 143 (what the master kept of the changed FrameworkInfo)',
    because: 'GET_FRAMEWORKS lists frameworks in the order of their coming, and with fewer fields',
  },
];
