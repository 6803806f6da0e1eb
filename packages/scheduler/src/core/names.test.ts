import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nodeNameOf, ownerOf, requestIdOf, serialOf, taskIdOf } from './names.ts';

describe('a task id', () => {
  test('names its node and its number', () => {
    expect(taskIdOf('n7.example.org', 42)).toBe('mom.n7.example.org.42');
    expect(nodeNameOf('mom.n7.example.org.42')).toBe('n7.example.org');
    expect(serialOf('mom.n7.example.org.42')).toBe(42);
  });

  test('can be told from its node even where the node name ends like a number', () => {
    expect(nodeNameOf(taskIdOf('10.0.0.7', 3))).toBe('10.0.0.7');
    expect(nodeNameOf(taskIdOf('n.1', 2))).toBe('n.1');
  });

  test.each([
    ['of another framework', 'spark.n7.1'],
    ['without a number', 'mom.n7'],
    ['without a node', 'mom..1'],
    ['with a number below zero', 'mom.n7.-1'],
    ['with a number that is too long to count with', 'mom.n7.1234567890123456'],
    ['with capital letters', 'mom.N7.1'],
    ['with a space', 'mom.n 7.1'],
    ['with a second line', 'mom.n7.1\nmom.n8.2'],
    ['that ends a line', 'mom.n7.1\n'],
    ['that would be an option', 'mom.-n7.1'],
    ['that ends with a dash', 'mom.n7-.1'],
    ['with a shell in it', 'mom.$(reboot).1'],
    ['with a path in it', 'mom.../../etc.1'],
    ['with letters that look alike', 'mom.n\u0437.1'],
    ['with a node name longer than DNS allows', `mom.${'n'.repeat(255)}.1`],
    ['that is empty', ''],
  ])('%s is none of ours', (_what, id) => {
    expect(nodeNameOf(id)).toBeNull();
    expect(serialOf(id)).toBeNull();
  });

  test('comes back as it went', () => {
    const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?$/);
    const host = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'));
    fc.assert(
      fc.property(host, fc.nat(), (name, serial) => {
        const id = taskIdOf(name, serial);
        expect([nodeNameOf(id), serialOf(id)]).toEqual([name, serial]);
      }),
    );
  });
});

describe('the mark in requestid', () => {
  const owner = { frameworkId: '5f-0001', taskId: 'mom.n7.example.org.42' };

  test('names framework and task', () => {
    const mark = requestIdOf('mesos-torque', owner);
    expect(mark).toBe('mesos-torque.5f-0001.mom.n7.example.org.42');
    expect(ownerOf('mesos-torque', mark)).toEqual(owner);
  });

  test('may itself have dots, if the configured mark has', () => {
    expect(ownerOf('org.site', requestIdOf('org.site', owner))).toEqual(owner);
  });

  test.each([
    ['absent', null],
    ['empty', ''],
    ['of somebody else', 'moab.17'],
    ['that only begins alike', 'mesos-torque-2.5f-0001.mom.n7.42'],
    ['without a task', 'mesos-torque.5f-0001'],
    ['without a framework', 'mesos-torque..mom.n7.42'],
    ['with a task that is none of ours', 'mesos-torque.5f-0001.spark.n7.42'],
    ['with capital letters', 'MESOS-TORQUE.5f-0001.mom.n7.42'],
    ['with something after the task', 'mesos-torque.5f-0001.mom.n7.42 '],
  ])('%s makes the node not ours', (_what, requestId) => {
    expect(ownerOf('mesos-torque', requestId)).toBeNull();
  });

  test('of another framework is told as such, not taken for ours', () => {
    expect(ownerOf('mesos-torque', 'mesos-torque.other-9.mom.n7.42')).toEqual({
      frameworkId: 'other-9',
      taskId: 'mom.n7.42',
    });
  });
});
