import { expect, test } from 'vitest';
import { ofProgram, processesIn } from './processes.ts';

const printed = `      1       0 Ss   root                             /bin/sh /opt/mesos-torque/machine/boot agent
      9       1 S    root                             sleep 3600
     12       1 SNsl root                             /usr/local/bin/node /opt/stand-in/torque/bin/pbs_server -D
     15       1 Sl   root                             pbs_server -D
     40      12 Z    alice                            [sleep] <defunct>
     41      12 S    alice                            sleep 3600
     90       0 Rs   root                             ps -ww -eo pid=,ppid=,stat=,user:32=,args=
`;

test('what ps prints is read line by line, without zombies; the machine’s own is told apart', () => {
  const lines = processesIn(printed);
  expect(lines.map(({ pid, isHousekeeping }) => [pid, isHousekeeping])).toEqual([
    [1, true],
    [9, true],
    [12, false],
    [15, false],
    [41, false],
    [90, true],
  ]);
  expect(lines.find(({ pid }) => pid === 41)).toEqual({
    pid: 41,
    parent: 12,
    user: 'alice',
    command: 'sleep 3600',
    isHousekeeping: false,
  });
});

test('a program is found by its own name and behind its interpreter', () => {
  expect(ofProgram(processesIn(printed), 'pbs_server').map(({ pid }) => pid)).toEqual([12, 15]);
  expect(ofProgram(processesIn(printed), 'server')).toEqual([]);
});

test('a line that is none of ps’ is refused with its text', () => {
  expect(() => processesIn('OCI runtime exec failed\n')).toThrow(
    'not a line of ps: "OCI runtime exec failed"',
  );
});
