/**
 * What the v1 messages are made of, read from the project's .proto files: the JSON form of a message
 * needs to know which fields are doubles, bytes, enums or required, which generated code does not tell.
 */
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';

export interface MessageShape {
  /** The name without its package: `Call`. */
  readonly name: string;
  /** In the order of their declaration, which is the order in which Mesos prints them. */
  readonly fields: readonly FieldShape[];
}

export interface FieldShape {
  /** As in the .proto file and in JSON: `task_id`. */
  readonly name: string;
  /** As in the generated types: `taskId`. */
  readonly key: string;
  readonly number: number;
  readonly label: 'optional' | 'required' | 'repeated' | 'map';
  readonly kind: FieldKind;
  /** The declared default, unless the field is deprecated: Mesos prints these even when they are not set. */
  readonly printedDefault: string | number | boolean | null;
}

export type FieldKind =
  | { readonly kind: 'double' | 'integer' | 'long' | 'bool' | 'string' | 'bytes' }
  | { readonly kind: 'enum'; readonly names: ReadonlySet<string> }
  | { readonly kind: 'message'; readonly shape: () => MessageShape };

const protosDirectory = fileURLToPath(new URL('../../../../../protos/', import.meta.url));
const entryFiles = ['mesos/v1/scheduler/scheduler.proto', 'mesos/v1/executor/executor.proto'];

let loaded: protobuf.Root | null = null;
const shapes = new Map<string, MessageShape>();

/** The shape of `mesos.v1.scheduler.Call` and the like. Throws when there is no such message. */
export function messageShape(fullName: string): MessageShape {
  return shapeOf(root().lookupType(fullName));
}

function root(): protobuf.Root {
  if (loaded === null) {
    const fresh = new protobuf.Root();
    fresh.resolvePath = (_origin, target) => protosDirectory + target;
    fresh.loadSync(entryFiles, { keepCase: true });
    fresh.resolveAll();
    loaded = fresh;
  }
  return loaded;
}

function shapeOf(type: protobuf.Type): MessageShape {
  const known = shapes.get(type.fullName);
  if (known !== undefined) return known;
  const shape = { name: type.name, fields: type.fieldsArray.map(fieldShape) };
  shapes.set(type.fullName, shape);
  return shape;
}

function fieldShape(field: protobuf.Field): FieldShape {
  return {
    name: field.name,
    key: camelCase(field.name),
    number: field.id,
    label: labelOf(field),
    kind: kindOf(field),
    printedDefault: printedDefault(field),
  };
}

function labelOf(field: protobuf.Field): FieldShape['label'] {
  if (field.map) return 'map';
  if (field.repeated) return 'repeated';
  return field.required ? 'required' : 'optional';
}

function kindOf(field: protobuf.Field): FieldKind {
  const resolved = field.resolvedType;
  if (resolved instanceof protobuf.Enum) {
    return { kind: 'enum', names: new Set(Object.keys(resolved.values)) };
  }
  if (resolved instanceof protobuf.Type) return { kind: 'message', shape: () => shapeOf(resolved) };
  switch (field.type) {
    case 'double':
    case 'bool':
    case 'string':
    case 'bytes':
      return { kind: field.type };
    case 'int32':
    case 'uint32':
      return { kind: 'integer' };
    case 'int64':
    case 'uint64':
      return { kind: 'long' };
    default:
      throw new Error(`field ${field.fullName} has a type that the stand-in does not know: ${field.type}`);
  }
}

function printedDefault(field: protobuf.Field): string | number | boolean | null {
  const declared: unknown = field.options?.['default'];
  if (declared === undefined || field.options?.['deprecated'] === true) return null;
  return typeof declared === 'string' || typeof declared === 'number' || typeof declared === 'boolean'
    ? declared
    : null;
}

function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
}
