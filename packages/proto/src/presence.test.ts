/** Set and not set differ in Mesos' proto2 messages; the generated code must keep them apart. */
import { expect, test } from 'vitest';
import { CommandInfo, Resource, TaskStatus } from './gen/mesos/v1/mesos.ts';

test('a required field is written even when it holds its zero', () => {
  // Mesos refuses a resource without a type, and the type of every scalar is number 0.
  const resource = Resource.create({ name: 'cpus', type: 'SCALAR', scalar: { value: 0 } });
  expect(Resource.decode(Resource.encode(resource).finish())).toEqual(resource);
  expect(Resource.toJSON(resource)).toEqual({ name: 'cpus', type: 'SCALAR', scalar: { value: 0 } });
});

test('false is said where the default is true', () => {
  const command = CommandInfo.create({ shell: false, uris: [{ value: 'http://x/', extract: false }] });
  const read = CommandInfo.decode(CommandInfo.encode(command).finish());
  expect(read.shell).toBe(false);
  expect(read.uris[0]?.extract).toBe(false);
});

test('what was not said is not there', () => {
  const status = TaskStatus.create({ taskId: { value: 't' }, state: 'TASK_STAGING' });
  const read = TaskStatus.decode(TaskStatus.encode(status).finish());
  expect(read.state).toBe('TASK_STAGING');
  expect([read.reason, read.healthy, read.uuid, read.source]).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});
