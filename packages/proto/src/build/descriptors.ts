/**
 * Makes the module of file descriptors that the reflection service answers from, so that no .proto file and no compiler is
 * needed at run time. `buf build` gives one FileDescriptorSet; each file becomes its own entry, with what it imports and
 * all the names that it declares.
 */
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  type DescriptorProto,
  type EnumDescriptorProto,
  type FileDescriptorProto,
} from '@bufbuild/protobuf/wkt';

/** `set`: a FileDescriptorSet without source info. `packages`: only their files and what those import. Gives TypeScript. */
export function descriptorsModule(set: Uint8Array, packages: readonly string[]): string {
  const files = fromBinary(FileDescriptorSetSchema, set).file;
  const wanted = withImports(
    files.filter(({ package: name }) => packages.includes(name)).map(({ name }) => name),
    files,
  );
  const entries = wanted
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map((file) => {
      const base64 = Buffer.from(toBinary(FileDescriptorProtoSchema, file)).toString('base64');
      return [
        '  {',
        `    name: ${JSON.stringify(file.name)},`,
        `    imports: ${JSON.stringify(file.dependency)},`,
        `    services: ${JSON.stringify(file.service.map(({ name }) => qualified(file.package, name)))},`,
        `    symbols: ${JSON.stringify(symbolsOf(file))},`,
        `    base64: ${JSON.stringify(base64)},`,
        '  },',
      ].join('\n');
    });
  return `// Made by scripts/generate.mjs from protos/. DO NOT EDIT.
/* eslint-disable */

export interface FileDescriptor {
  /** As other files import it. */
  readonly name: string;
  readonly imports: readonly string[];
  /** Whole names. */
  readonly services: readonly string[];
  /** Whole names of all that it declares: messages, fields, enums, their values, services, methods. */
  readonly symbols: readonly string[];
  /** google.protobuf.FileDescriptorProto, encoded. */
  readonly base64: string;
}

export const fileDescriptors: readonly FileDescriptor[] = [
${entries.join('\n')}
];
`;
}

function withImports(
  names: readonly string[],
  files: readonly FileDescriptorProto[],
): readonly FileDescriptorProto[] {
  const wanted = new Map<string, FileDescriptorProto>();
  const queue = [...names];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    const file = files.find((one) => one.name === name);
    if (file === undefined) throw new Error(`descriptors: there is no file ${name} in the set`);
    if (wanted.has(name)) continue;
    wanted.set(name, file);
    queue.push(...file.dependency);
  }
  return [...wanted.values()];
}

function symbolsOf(file: FileDescriptorProto): readonly string[] {
  const services = file.service.flatMap((service) => {
    const name = qualified(file.package, service.name);
    return [name, ...service.method.map((method) => `${name}.${method.name}`)];
  });
  return [
    ...services,
    ...file.messageType.flatMap((message) => symbolsOfMessage(message, file.package)),
    ...file.enumType.flatMap((one) => symbolsOfEnum(one, file.package)),
  ];
}

function symbolsOfMessage(message: DescriptorProto, scope: string): readonly string[] {
  const name = qualified(scope, message.name);
  return [
    name,
    ...message.field.map((field) => `${name}.${field.name}`),
    ...message.oneofDecl.map((one) => `${name}.${one.name}`),
    ...message.nestedType.flatMap((nested) => symbolsOfMessage(nested, name)),
    ...message.enumType.flatMap((one) => symbolsOfEnum(one, name)),
  ];
}

/** Values of an enum are siblings of the enum, as in C. */
function symbolsOfEnum(one: EnumDescriptorProto, scope: string): readonly string[] {
  return [qualified(scope, one.name), ...one.value.map((value) => qualified(scope, value.name))];
}

function qualified(scope: string, name: string): string {
  return scope === '' ? name : `${scope}.${name}`;
}
