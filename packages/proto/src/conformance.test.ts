/**
 * Our Mesos protos against Mesos' own descriptor set: what we declare must be what Mesos declares. The
 * set is not part of this project; where it is missing, the test says so loudly and is skipped.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { fromBinary } from '@bufbuild/protobuf';
import {
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FileDescriptorSetSchema,
} from '@bufbuild/protobuf/wkt';
import type { DescriptorProto, EnumDescriptorProto, FieldDescriptorProto } from '@bufbuild/protobuf/wkt';
import protobuf from 'protobufjs';
import { describe, expect, test } from 'vitest';

const checkout = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../..');
const setFile = process.env['MESOS_V1_BINPB'] ?? path.join(checkout, '../shared/fixtures/mesos/v1.binpb');
const hasSet = existsSync(setFile);
if (!hasSet) {
  process.stderr.write(
    `NOT CHECKED: our Mesos protos against Mesos' own descriptors: there is no ${setFile}; ` +
      'name the descriptor set of the v1 API in MESOS_V1_BINPB\n',
  );
}

/** Full name → what is declared under it, as one line that is compared as a whole. */
type Declarations = ReadonlyMap<string, string>;

describe.skipIf(!hasSet)('protos/mesos/v1', () => {
  const theirs = hasSet ? declaredByMesos(readFileSync(setFile)) : new Map<string, string>();
  const ours = declaredByUs();

  test('declare a good part of the API', () => {
    expect(ours.size).toBeGreaterThan(400);
  });

  test('has every message, field and enum value with the name, number, type and label of Mesos', () => {
    const differing = [...ours].filter(([name, declaration]) => theirs.get(name) !== declaration);
    expect(
      differing.map(([name, declaration]) => ({
        name,
        ours: declaration,
        theirs: theirs.get(name) ?? 'none',
      })),
    ).toEqual([]);
  });

  test('notices a field that is not as Mesos has it', () => {
    expect(theirs.get('mesos.v1.TaskStatus.uuid')).toBe('11 optional bytes');
    expect(theirs.get('mesos.v1.Resource.type')).toBe('2 required mesos.v1.Value.Type');
    expect(theirs.get('mesos.v1.TaskInfo.limits')).toBe('15 map<string, mesos.v1.Value.Scalar>');
    expect(theirs.get('mesos.v1.TaskState.TASK_UNREACHABLE')).toBe('10');
  });
});

function declaredByUs(): Declarations {
  const root = new protobuf.Root();
  const protos = path.join(checkout, 'protos');
  root.resolvePath = (_origin, target) => path.join(protos, target);
  root.loadSync(
    ['mesos/v1/mesos.proto', 'mesos/v1/scheduler/scheduler.proto', 'mesos/v1/executor/executor.proto'],
    { keepCase: true },
  );
  root.resolveAll();
  const declarations = new Map<string, string>();
  addOurs(root, declarations);
  return declarations;
}

function addOurs(object: protobuf.ReflectionObject, into: Map<string, string>): void {
  const name = object.fullName.replace(/^\./, '');
  if (object instanceof protobuf.Enum) {
    into.set(name, 'enum');
    for (const [value, number] of Object.entries(object.values)) into.set(`${name}.${value}`, String(number));
    return;
  }
  if (object instanceof protobuf.Type) {
    into.set(name, 'message');
    for (const field of object.fieldsArray) into.set(`${name}.${field.name}`, ourField(field));
  }
  if (object instanceof protobuf.Namespace) {
    for (const nested of object.nestedArray) addOurs(nested, into);
  }
}

function ourField(field: protobuf.Field): string {
  const type = field.resolvedType?.fullName.replace(/^\./, '') ?? field.type;
  if (field instanceof protobuf.MapField) return `${field.id} map<${field.keyType}, ${type}>`;
  return `${field.id} ${labelOf(field)} ${type}`;
}

function labelOf(field: protobuf.Field): string {
  if (field.repeated) return 'repeated';
  return field.required ? 'required' : 'optional';
}

function declaredByMesos(set: Uint8Array): Declarations {
  const declarations = new Map<string, string>();
  for (const file of fromBinary(FileDescriptorSetSchema, set).file) {
    for (const message of file.messageType) addTheirs(message, file.package, declarations);
    for (const enumeration of file.enumType) addTheirEnum(enumeration, file.package, declarations);
  }
  return declarations;
}

function addTheirs(message: DescriptorProto, scope: string, into: Map<string, string>): void {
  const name = `${scope}.${message.name}`;
  into.set(name, 'message');
  for (const field of message.field) into.set(`${name}.${field.name}`, theirField(field, message));
  for (const nested of message.nestedType) addTheirs(nested, name, into);
  for (const nested of message.enumType) addTheirEnum(nested, name, into);
}

function addTheirEnum(enumeration: EnumDescriptorProto, scope: string, into: Map<string, string>): void {
  const name = `${scope}.${enumeration.name}`;
  into.set(name, 'enum');
  for (const value of enumeration.value) into.set(`${name}.${value.name}`, String(value.number));
}

function theirField(field: FieldDescriptorProto, message: DescriptorProto): string {
  const type = theirType(field);
  const entry = message.nestedType.find(
    (nested) => nested.options?.mapEntry === true && type.endsWith(`.${message.name}.${nested.name}`),
  );
  if (entry !== undefined) {
    const [key, value] = entry.field;
    return `${field.number} map<${theirType(key!)}, ${theirType(value!)}>`;
  }
  return `${field.number} ${FieldDescriptorProto_Label[field.label].toLowerCase()} ${type}`;
}

function theirType(field: FieldDescriptorProto): string {
  return field.typeName === ''
    ? FieldDescriptorProto_Type[field.type].toLowerCase()
    : field.typeName.replace(/^\./, '');
}
