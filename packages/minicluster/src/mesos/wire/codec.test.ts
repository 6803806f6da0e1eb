import { Call, Event } from '@mesos-torque/proto/gen/mesos/v1/scheduler/scheduler.ts';
import { describe, expect, test } from 'vitest';
import { schedulerCalls, schedulerEvents } from './codec.ts';
import { BadBody } from './json-read.ts';

const reading = (text: string): Call => schedulerCalls.decode('json', Buffer.from(text));

describe('calls in JSON', () => {
  test.each([
    ['{nonsense}', 'Failed to parse body into JSON: syntax error at line 1 near: nonsense'],
    ['[]', 'Failed to convert JSON into Call protobuf: Expecting a JSON object'],
    ['{"type":1}', "Failed to convert JSON into Call protobuf: Not expecting a JSON number for field 'type'"],
    [
      '{"accept":7}',
      "Failed to convert JSON into Call protobuf: Not expecting a JSON number for field 'accept'",
    ],
    [
      '{"accept":{"offer_ids":[{"value":"O1"},{}]}}',
      'Failed to convert JSON into Call protobuf: Missing required fields: accept.offer_ids[1].value',
    ],
  ])('%s is refused', (text, message) => {
    expect(() => reading(text)).toThrow(new BadBody(message));
  });

  test('unknown fields, nulls and unknown enum names count as not set', () => {
    expect(reading('{"type":"NEWER","revive":null,"more":{"a":1}}')).toEqual(Call.create());
  });

  test('nanoseconds beyond 2^53 keep their digits, both ways', () => {
    const text =
      '{"type":"KILL","kill":{"task_id":{"value":"t"},"kill_policy":{"grace_period":{"nanoseconds":1795331159228493001}}}}';

    expect(schedulerCalls.encode('json', reading(text)).toString()).toBe(text);
  });
});

test('a message goes through protobuf unchanged, and one without a required field is refused', () => {
  const call = Call.fromPartial({ type: 'KILL', kill: { taskId: { value: 't1' } } });
  const bytes = schedulerCalls.encode('protobuf', call);

  expect(schedulerCalls.decode('protobuf', bytes)).toEqual(call);
  const incomplete = schedulerCalls.encode('protobuf', Call.fromPartial({ type: 'KILL', kill: {} }));
  expect(() => schedulerCalls.decode('protobuf', incomplete)).toThrow(
    'Failed to parse body into Call protobuf',
  );
});

test('events print doubles with a fraction and declared defaults', () => {
  const event = Event.fromPartial({
    type: 'SUBSCRIBED',
    subscribed: { frameworkId: { value: 'f' }, heartbeatIntervalSeconds: 15 },
  });

  expect(schedulerEvents.encode('json', event).toString()).toBe(
    '{"type":"SUBSCRIBED","subscribed":{"framework_id":{"value":"f"},"heartbeat_interval_seconds":15.0}}',
  );
});
