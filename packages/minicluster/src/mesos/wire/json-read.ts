/**
 * JSON into a message by the rules of Mesos: unknown fields and nulls are passed over, an unknown
 * enum name counts as not set, a number may come as a string; everything else that does not fit is
 * refused in Mesos' words.
 */
import { type FieldShape, type MessageShape } from './schema.ts';
import { isSet, valueOf } from './json-write.ts';
import { unreachable } from '@mesos-torque/common/units.ts';

/** What is wrong with a body; the message is the answer's text. */
export class BadBody extends Error {}

/** Text into JSON. Integers beyond 2^53 come as bigint, so that nanoseconds stay exact. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, exactIntegers as Parameters<typeof JSON.parse>[1]) as unknown;
  } catch (error) {
    throw new BadBody(`Failed to parse body into JSON: ${syntaxError(text, String(error))}`);
  }
}

function exactIntegers(_key: string, value: unknown, context: { readonly source?: string }): unknown {
  const { source } = context;
  const inexact = typeof value === 'number' && !Number.isSafeInteger(value);
  return inexact && source !== undefined && /^-?\d+$/.test(source) ? BigInt(source) : value;
}

/** 1.12 says the line and the word that it stumbled over; JSON.parse says the offset. */
function syntaxError(text: string, error: string): string {
  const offset = Number(/position (\d+)/.exec(error)?.[1] ?? text.length);
  const line = text.slice(0, offset).split('\n').length;
  const word = /^[^\s{}[\],:"]*/.exec(text.slice(offset))?.[0] ?? '';
  return `syntax error at line ${line} near: ${word}`;
}

/** The fields that `json` sets, by their names in the generated types. Throws BadBody. */
export function readMessage(shape: MessageShape, json: unknown): Record<string, unknown> {
  const where = `Failed to convert JSON into ${shape.name} protobuf`;
  if (!isObject(json)) throw new BadBody(`${where}: Expecting a JSON object`);
  try {
    const message = readObject(shape, json);
    const missing = missingRequired(shape, message);
    if (missing.length > 0) throw new Misfit(`Missing required fields: ${missing.join(', ')}`);
    return message;
  } catch (error) {
    if (error instanceof Misfit) throw new BadBody(`${where}: ${error.message}`);
    throw error;
  }
}

class Misfit extends Error {}

/** The paths of required fields that are not set, as protobuf names them: `subscribe.framework_info.user`. */
export function missingRequired(shape: MessageShape, message: object, path = ''): string[] {
  return shape.fields.flatMap((field) => {
    const value = valueOf(message, field);
    const here = path + field.name;
    if (!isSet(value)) return field.label === 'required' ? [here] : [];
    if (field.kind.kind !== 'message') return [];
    const inner = field.kind.shape();
    switch (field.label) {
      case 'repeated':
        return (value as object[]).flatMap((item, i) => missingRequired(inner, item, `${here}[${i}].`));
      case 'map':
        return Object.entries(value as Record<string, object>).flatMap(([key, item]) =>
          missingRequired(inner, item, `${here}[${key}].`),
        );
      case 'required':
      case 'optional':
        return missingRequired(inner, value as object, `${here}.`);
      default:
        return unreachable(field.label);
    }
  });
}

function readObject(shape: MessageShape, json: JsonObject): Record<string, unknown> {
  const message: Record<string, unknown> = {};
  for (const field of shape.fields) {
    const value = Object.hasOwn(json, field.name) ? json[field.name] : null;
    if (value === null || value === undefined) continue;
    message[field.key] = readField(field, value);
  }
  return message;
}

function readField(field: FieldShape, json: unknown): unknown {
  switch (field.label) {
    case 'repeated':
      return (Array.isArray(json) ? (json as unknown[]) : [json])
        .map((item) => readValue(field, item))
        .filter((item) => item !== undefined);
    case 'map':
      if (!isObject(json)) throw notExpected(json, field);
      return Object.fromEntries(Object.entries(json).map(([key, item]) => [key, readValue(field, item)]));
    case 'required':
    case 'optional':
      if (Array.isArray(json)) throw notExpected(json, field);
      return readValue(field, json);
    default:
      return unreachable(field.label);
  }
}

function readValue(field: FieldShape, json: unknown): unknown {
  const { kind } = field;
  switch (kind.kind) {
    case 'message':
      if (isObject(json)) return readObject(kind.shape(), json);
      break;
    case 'double':
    case 'integer':
    case 'long':
      if (typeof json === 'number' || typeof json === 'bigint') return numberOf(kind.kind, json);
      if (typeof json === 'string') return numberFromText(field, kind.kind, json);
      break;
    case 'bool':
      if (typeof json === 'boolean') return json;
      break;
    case 'string':
      if (typeof json === 'string') return json;
      break;
    case 'bytes':
      if (typeof json === 'string') return fromBase64(field, json);
      break;
    case 'enum':
      if (typeof json === 'string') return kind.names.has(json) ? json : undefined;
      break;
    default:
      return unreachable(kind);
  }
  throw notExpected(json, field);
}

type NumberKind = 'double' | 'integer' | 'long';

function numberOf(kind: NumberKind, value: number | bigint): number | bigint {
  if (kind !== 'long') return Number(value);
  return typeof value === 'bigint' ? value : BigInt(Math.trunc(value));
}

function numberFromText(field: FieldShape, kind: NumberKind, text: string): number | bigint {
  if (kind === 'long' && /^-?\d+$/.test(text)) return BigInt(text);
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isNaN(value))
    throw new Misfit(`Failed to parse '${text}' as a JSON number for field '${field.name}'`);
  return numberOf(kind, value);
}

function fromBase64(field: FieldShape, text: string): Buffer {
  const stranger = /[^A-Za-z0-9+/=]/.exec(text)?.[0];
  if (stranger !== undefined) {
    throw new Misfit(`Failed to base64 decode bytes field '${field.name}': Invalid character '${stranger}'`);
  }
  return Buffer.from(text, 'base64');
}

type JsonObject = Readonly<Record<string, unknown>>;

function isObject(json: unknown): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

function notExpected(json: unknown, field: FieldShape): Misfit {
  return new Misfit(`Not expecting a JSON ${jsonKind(json)} for field '${field.name}'`);
}

function jsonKind(json: unknown): string {
  if (json === null) return 'null';
  if (Array.isArray(json)) return 'array';
  return typeof json === 'bigint' ? 'number' : typeof json;
}
