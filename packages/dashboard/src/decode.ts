/**
 * Fields of the API's JSON. Defaults are left out of it and 64-bit numbers come as text, so a missing field is the
 * default; a field of another type is an error, and its message quotes it.
 */

export type Json = Readonly<Record<string, unknown>>;

export function object(value: unknown, where: string): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  throw new Error(`${where}: expected an object, got ${quoted(value)}`);
}

export function text(from: Json, field: string): string {
  const value = from[field];
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  throw new Error(`${field}: expected text, got ${quoted(value)}`);
}

export function flag(from: Json, field: string): boolean {
  const value = from[field];
  if (value === undefined || value === null) return false;
  if (typeof value === 'boolean') return value;
  throw new Error(`${field}: expected true or false, got ${quoted(value)}`);
}

export function number(from: Json, field: string): number {
  return numberOrNull(from, field) ?? 0;
}

/** Null where the field is not there: "not limited", not 0. */
export function numberOrNull(from: Json, field: string): number | null {
  return numberIn(from[field], field);
}

export function list<T>(from: Json, field: string, one: (value: Json) => T): readonly T[] {
  return values(from, field).map((value, index) => one(object(value, `${field}[${index}]`)));
}

export function texts(from: Json, field: string): readonly string[] {
  return values(from, field).map((value) => {
    if (typeof value === 'string') return value;
    throw new Error(`${field}: expected text, got ${quoted(value)}`);
  });
}

/** Null in the list stays null: not known. */
export function numbers(from: Json, field: string): readonly (number | null)[] {
  return values(from, field).map((value) => numberIn(value, field));
}

export function optional<T>(from: Json, field: string, one: (value: Json) => T): T | null {
  const value = from[field];
  return value === undefined || value === null ? null : one(object(value, field));
}

export function textMap(from: Json, field: string): Readonly<Record<string, string>> {
  const value = from[field];
  if (value === undefined || value === null) return {};
  return Object.fromEntries(Object.entries(object(value, field)).map(([key, each]) => [key, String(each)]));
}

export function countMap(from: Json, field: string): Readonly<Record<string, number>> {
  const pairs = Object.entries(textMap(from, field));
  return Object.fromEntries(pairs.map(([key, value]) => [key, numberIn(value, field) ?? 0]));
}

function values(from: Json, field: string): readonly unknown[] {
  const value = from[field];
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  throw new Error(`${field}: expected a list, got ${quoted(value)}`);
}

function numberIn(value: unknown, field: string): number | null {
  if (value === undefined || value === null || value === 'NaN') return null;
  const parsed = typeof value === 'string' && value !== '' ? Number(value) : value;
  if (typeof parsed === 'number' && Number.isFinite(parsed)) return parsed;
  throw new Error(`${field}: expected a number, got ${quoted(value)}`);
}

function quoted(value: unknown): string {
  return JSON.stringify(value).slice(0, 60);
}
