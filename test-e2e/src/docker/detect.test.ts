import { expect, test } from 'vitest';
import { programsIn } from './detect.ts';

test('each side is a stand-in, or real with the version it told', () => {
  expect(programsIn('mesos stand-in\ntorque real 6.1.3.h5\n')).toEqual({
    mesos: { kind: 'stand-in' },
    torque: { kind: 'real', version: '6.1.3.h5' },
  });
});

test.each(['mesos real\ntorque stand-in\n', 'mesos stand-in\n', ''])('%j tells too little', (printed) => {
  expect(() => programsIn(printed)).toThrow('detecting programs');
});
