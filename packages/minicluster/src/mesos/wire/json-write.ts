/** A message as the JSON that Mesos prints for it. */
import { type FieldShape, type MessageShape } from './schema.ts';
import { double, type JsonValue } from './json-text.ts';
import { unreachable } from '@mesos-torque/common/units.ts';

/**
 * Fields in the order of their declaration. A field that is not set is left out, except where a
 * default is declared: Mesos prints `"extract":true` and `"shell":true` though nobody set them.
 */
export function messageJson(shape: MessageShape, message: object): JsonValue {
  const members: Record<string, JsonValue> = {};
  for (const field of shape.fields) {
    const json = fieldJson(field, valueOf(message, field));
    if (json !== null) members[field.name] = json;
  }
  return members;
}

/** The value of a field of a generated message; what is not set is undefined. */
export function valueOf(message: object, field: FieldShape): unknown {
  return (message as Readonly<Record<string, unknown>>)[field.key];
}

function fieldJson(field: FieldShape, value: unknown): JsonValue | null {
  switch (field.label) {
    case 'repeated':
      return Array.isArray(value) && value.length > 0 ? value.map((item) => scalarJson(field, item)) : null;
    case 'map':
      return isRecord(value) && Object.keys(value).length > 0
        ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, scalarJson(field, item)]))
        : null;
    case 'required':
    case 'optional':
      if (isSet(value)) return scalarJson(field, value);
      return field.printedDefault === null ? null : scalarJson(field, field.printedDefault);
    default:
      return unreachable(field.label);
  }
}

function scalarJson(field: FieldShape, value: unknown): JsonValue {
  const { kind } = field;
  switch (kind.kind) {
    case 'message':
      if (typeof value === 'object' && value !== null) return messageJson(kind.shape(), value);
      break;
    case 'double':
      if (typeof value === 'number') return double(value);
      break;
    case 'bytes':
      if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
      break;
    case 'long':
    case 'integer':
      if (typeof value === 'number' || typeof value === 'bigint') return value;
      break;
    case 'bool':
      if (typeof value === 'boolean') return value;
      break;
    case 'string':
    case 'enum':
      if (typeof value === 'string') return value;
      break;
    default:
      return unreachable(kind);
  }
  throw new Error(`field ${field.name} holds a ${typeof value} where ${kind.kind} belongs`);
}

/** An enum value that we do not know counts as not set, as in proto2. */
export function isSet(value: unknown): boolean {
  return value !== undefined && value !== null && value !== 'UNRECOGNIZED';
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
