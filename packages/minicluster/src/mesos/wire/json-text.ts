/** JSON as Mesos prints it: a double always shows that it is one (`15.0`), a 64-bit number keeps its digits. */

export type JsonValue =
  string | number | bigint | boolean | Double | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** A number that is printed with a fraction even when it has none. */
export class Double {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

export function double(value: number): Double {
  return new Double(value);
}

export function jsonText(value: JsonValue): string {
  if (value instanceof Double) return doubleText(value.value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object') return JSON.stringify(value);
  if (isList(value)) return `[${value.map(jsonText).join(',')}]`;
  const members = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}:${jsonText(member)}`);
  return `{${members.join(',')}}`;
}

export function doubleText(value: number): string {
  const text = String(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

function isList(value: object): value is readonly JsonValue[] {
  return Array.isArray(value);
}
