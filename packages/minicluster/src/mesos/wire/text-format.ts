/** A message in protobuf's text format, as some of Mesos' error texts quote it. */
import { unreachable } from '@mesos-torque/common/units.ts';
import { isSet, valueOf } from './json-write.ts';
import { messageShape, type FieldShape, type MessageShape } from './schema.ts';

/** Fields in the order of their numbers, two spaces of indentation for each level, a line feed after each line. */
export function messageText(typeName: string, message: object): string {
  return lines(messageShape(typeName), message)
    .map((line) => `${line}\n`)
    .join('');
}

function lines(shape: MessageShape, message: object): string[] {
  return [...shape.fields]
    .sort((a, b) => a.number - b.number)
    .flatMap((field) => {
      const value = valueOf(message, field);
      if (!isSet(value) || field.label === 'map') return [];
      return (Array.isArray(value) ? (value as unknown[]) : [value]).flatMap((item) =>
        fieldLines(field, item),
      );
    });
}

function fieldLines(field: FieldShape, value: unknown): string[] {
  const { kind } = field;
  switch (kind.kind) {
    case 'message':
      return [`${field.name} {`, ...lines(kind.shape(), value as object).map((line) => `  ${line}`), '}'];
    case 'string':
      return [`${field.name}: ${quoted(Buffer.from(value as string))}`];
    case 'bytes':
      return [`${field.name}: ${quoted(Buffer.from(value as Uint8Array))}`];
    case 'double':
    case 'integer':
    case 'long':
    case 'bool':
    case 'enum':
      return [`${field.name}: ${String(value)}`];
    default:
      return unreachable(kind);
  }
}

function quoted(bytes: Buffer): string {
  const text = Array.from(bytes, (byte) => {
    if (byte === 0x22 || byte === 0x5c) return `\\${String.fromCharCode(byte)}`;
    if (byte === 0x0a) return '\\n';
    return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`;
  });
  return `"${text.join('')}"`;
}
