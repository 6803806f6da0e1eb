/** One kind of message on the wire, in both of its forms. */
import {
  Call as ExecutorCall,
  Event as ExecutorEvent,
} from '@mesos-torque/proto/gen/mesos/v1/executor/executor.ts';
import { type DeepPartial, type MessageFns } from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import {
  Call as SchedulerCall,
  Event as SchedulerEvent,
} from '@mesos-torque/proto/gen/mesos/v1/scheduler/scheduler.ts';
import { unreachable } from '@mesos-torque/common/units.ts';
import { BadBody, missingRequired, parseJson, readMessage } from './json-read.ts';
import { jsonText } from './json-text.ts';
import { messageJson } from './json-write.ts';
import { messageShape, type MessageShape } from './schema.ts';

export type WireFormat = 'json' | 'protobuf';

export const mediaTypes = { json: 'application/json', protobuf: 'application/x-protobuf' } as const;

export interface Codec<T extends object> {
  /** Throws BadBody, in Mesos' words. */
  decode(format: WireFormat, body: Buffer): T;
  encode(format: WireFormat, message: T): Buffer;
}

export const schedulerCalls = codec(SchedulerCall, 'mesos.v1.scheduler.Call');
export const schedulerEvents = codec(SchedulerEvent, 'mesos.v1.scheduler.Event');
export const executorCalls = codec(ExecutorCall, 'mesos.v1.executor.Call');
export const executorEvents = codec(ExecutorEvent, 'mesos.v1.executor.Event');

function codec<T extends object>(functions: MessageFns<T>, typeName: string): Codec<T> {
  const shape = (): MessageShape => messageShape(typeName);
  return {
    decode(format, body) {
      switch (format) {
        case 'json':
          return functions.fromPartial(
            readMessage(shape(), parseJson(body.toString('utf8'))) as DeepPartial<T>,
          );
        case 'protobuf':
          return decodeProtobuf(functions, shape(), body);
        default:
          return unreachable(format);
      }
    },
    encode(format, message) {
      switch (format) {
        case 'json':
          return Buffer.from(jsonText(messageJson(shape(), message)));
        case 'protobuf':
          return Buffer.from(functions.encode(message).finish());
        default:
          return unreachable(format);
      }
    },
  };
}

function decodeProtobuf<T extends object>(functions: MessageFns<T>, shape: MessageShape, body: Buffer): T {
  const refusal = `Failed to parse body into ${shape.name} protobuf`;
  let message: T;
  try {
    message = functions.decode(body);
  } catch {
    throw new BadBody(refusal);
  }
  if (missingRequired(shape, message).length > 0) throw new BadBody(refusal);
  return message;
}
