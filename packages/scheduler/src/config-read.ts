/**
 * Reads options from a YAML file, the environment and flags; flags win over the environment, and that
 * over the file. All that is wrong is said at once, each with the key, the value and the remedy.
 */
import { inspect } from 'node:util';
import { isMap, LineCounter, parseDocument, type Document } from 'yaml';
import { messageOf, quote } from '@mesos-torque/common/text.ts';
import { environmentName, optionKeys, options, type OptionKey, type Values } from './config-options.ts';
import type { Option } from './config-option.ts';

export interface ConfigSources {
  readonly file: { readonly name: string; readonly text: string } | null;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `key=value`, as given to `--set`. */
  readonly settings: readonly string[];
}

export type Origin = 'default' | 'file' | 'environment' | 'flag';

export interface OptionsRead {
  /** Without the options that must be given and were not, and without those in error. */
  readonly values: Partial<Values>;
  readonly origins: ReadonlyMap<OptionKey, Origin>;
  /** Options that must be given and were not; none are named while the file itself cannot be read. */
  readonly missing: readonly OptionKey[];
  /** One sentence each. */
  readonly errors: readonly string[];
}

/** One value as it was given somewhere. */
interface Given {
  readonly key: string;
  readonly value: unknown;
  /** For errors: `site.yaml:3: policy.idleTime`. */
  readonly where: string;
  readonly origin: Origin;
}

const fileCharsMax = 1024 * 1024;
const environmentPrefix = 'MESOS_TORQUE_';
const errorsMax = 100;

export function readOptions(sources: ConfigSources): OptionsRead {
  const errors: string[] = [];
  const inFile = givenInFile(sources.file, errors);
  const fileIsBroken = errors.length > 0;
  const given = [
    ...inFile,
    ...givenInEnvironment(sources.environment, errors),
    ...givenAsFlags(sources.settings, errors),
  ];
  const values: Record<string, unknown> = {};
  const origins = new Map<OptionKey, Origin>();
  // A later value wins, and an earlier one must be sound all the same: it will be in force again one day.
  for (const one of given) {
    const key = optionKeys.find((known) => known === one.key);
    if (key === undefined) errors.push(unknownKey(one));
    else {
      readValue(options[key], one, values, errors);
      origins.set(key, one.origin);
    }
  }
  const missing: OptionKey[] = [];
  for (const key of optionKeys.filter((known) => !origins.has(known))) {
    const byDefault = defaultOf(key);
    if (byDefault !== null) readValue(options[key], byDefault, values, errors);
    else if (!fileIsBroken) missing.push(key);
  }
  return { values, origins, missing, errors: shortened(errors) };
}

/** What must be given and was not. */
export function missingError(key: OptionKey): string {
  const { kind, what } = options[key];
  return `${key} is missing. ${what} Give it (${kind.type}) in the file, as ${environmentName(key)}, or with --set ${key}=VALUE`;
}

function defaultOf(key: OptionKey): Given | null {
  const value = options[key].default;
  return value === null ? null : { key, value, where: `default of ${key}`, origin: 'default' };
}

function readValue(
  { kind }: Pick<Option<unknown>, 'kind'>,
  { key, value, where }: Given,
  values: Record<string, unknown>,
  errors: string[],
): void {
  const read = kind.read(value);
  if (read.ok) values[key] = read.value;
  else errors.push(`${where}: ${shown(value, key)} is not possible: ${read.remedy}`);
}

/**
 * Values of YAML may be lists or sections, even ones that contain themselves. Somebody may have written a
 * secret where the name of its file belongs, or into an address: an error ends in a log, and does not tell it.
 */
function shown(value: unknown, key: string): string {
  if (/secret|password|passwd|token|credential|privatekey/i.test(key.replaceAll('_', ''))) {
    return 'what is given (withheld)';
  }
  if (typeof value === 'string') return quote(withoutUserInfo(value));
  return quote(withoutUserInfo(inspect(value, { depth: 2, breakLength: Infinity }))).slice(1, -1);
}

function withoutUserInfo(text: string): string {
  return text.replaceAll(/(?<=:\/\/)[^/\s'"]*@/g, '…@');
}

function givenInFile(source: ConfigSources['file'], errors: string[]): readonly Given[] {
  if (source === null) return [];
  const { name, text } = source;
  if (text.length > fileCharsMax) {
    errors.push(`${name}: ${text.length} characters are more than the ${fileCharsMax} that are read`);
    return [];
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false });
  if (document.errors.length > 0) {
    errors.push(
      ...document.errors.map((error) => `${name}:${lines.linePos(error.pos[0]).line}: ${error.message}`),
    );
    return [];
  }
  const content = contentOf(document, name, errors);
  return flattened(content, [], (path) => `${name}:${lineOf(document, lines, path)}: ${path.join('.')}`);
}

function contentOf(document: Document, name: string, errors: string[]): Readonly<Record<string, unknown>> {
  if (document.contents === null) return {};
  if (!isMap(document.contents)) {
    errors.push(`${name}: this is no configuration: write sections such as "policy:" with keys below`);
    return {};
  }
  try {
    return document.toJS() as Record<string, unknown>;
  } catch (error) {
    // More aliases than the YAML library follows.
    errors.push(`${name}: ${messageOf(error)}`);
    return {};
  }
}

/** `{policy: {idleTime: '5m'}}` → `policy.idleTime`. What is known as an option is not looked into. */
function flattened(
  section: Readonly<Record<string, unknown>>,
  path: readonly string[],
  whereOf: (path: readonly string[]) => string,
): readonly Given[] {
  return Object.entries(section).flatMap(([name, value]) => {
    const keyPath = [...path, name];
    const key = keyPath.join('.');
    const isSection = optionKeys.some((known) => known.startsWith(`${key}.`));
    if (isSection && value === null) return [];
    if (isSection && isObject(value)) return flattened(value, keyPath, whereOf);
    return [{ key, value, where: whereOf(keyPath), origin: 'file' as const }];
  });
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function lineOf(document: Document, lines: LineCounter, path: readonly string[]): number {
  const node = document.getIn(path, true) as { range?: readonly number[] | null } | undefined;
  return lines.linePos(node?.range?.[0] ?? 0).line;
}

function givenInEnvironment(environment: ConfigSources['environment'], errors: string[]): readonly Given[] {
  return Object.entries(environment).flatMap(([name, value]) => {
    if (!name.startsWith(environmentPrefix) || value === undefined) return [];
    const key = optionKeys.find((known) => environmentName(known) === name);
    if (key !== undefined) return [{ key, value, where: name, origin: 'environment' as const }];
    const near = nearest(name, optionKeys.map(environmentName));
    errors.push(`${name}: no option has this name (given ${shown(value, name)}); the nearest is ${near}`);
    return [];
  });
}

function givenAsFlags(settings: readonly string[], errors: string[]): readonly Given[] {
  return settings.flatMap((setting) => {
    const equals = setting.indexOf('=');
    if (equals < 1) {
      errors.push(`--set ${quote(setting)}: write --set KEY=VALUE`);
      return [];
    }
    const key = setting.slice(0, equals);
    return [{ key, value: setting.slice(equals + 1), where: `--set ${key}`, origin: 'flag' as const }];
  });
}

function unknownKey({ key, where, value }: Given): string {
  const inside = optionKeys.filter((known) => known.startsWith(`${key}.`));
  if (inside.length > 0) {
    return `${where}: ${shown(value, key)} is not possible: it is a section with the keys ${inside.join(', ')}`;
  }
  // `idleTime` without its section is nearer to `policy.idleTime` than letters tell.
  const near = optionKeys.find((known) => known.endsWith(`.${key}`)) ?? nearest(key, optionKeys);
  return `${where}: no option has this name (given ${shown(value, key)}); the nearest is ${near}`;
}

function nearest(word: string, words: readonly string[]): string {
  const distances = words.map((candidate) => ({ candidate, distance: distanceOf(word, candidate) }));
  return distances.reduce((best, next) => (next.distance < best.distance ? next : best)).candidate;
}

/** How many letters are to be added, left out or changed; words are cut at 100 letters. */
function distanceOf(a: string, b: string): number {
  const from = a.slice(0, 100).toLowerCase();
  const to = b.slice(0, 100).toLowerCase();
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 0; i < from.length; i += 1) {
    const next = [i + 1];
    for (let j = 0; j < to.length; j += 1) {
      const changed = (row[j] ?? 0) + (from[i] === to[j] ? 0 : 1);
      next.push(Math.min(changed, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}

function shortened(errors: readonly string[]): readonly string[] {
  if (errors.length <= errorsMax) return errors;
  return [...errors.slice(0, errorsMax), `and ${errors.length - errorsMax} more`];
}
