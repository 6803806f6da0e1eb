/** The options for people and for programs: values, where they come from, and what is said about them. */
import { environmentName, optionKeys, options, type OptionKey } from '../config-options.ts';
import type { Option } from '../config-option.ts';
import type { OptionsRead, Origin } from '../config-read.ts';
import { clean } from './terminal.ts';

export interface ShownOption {
  readonly key: OptionKey;
  /** Null where it must be given and is not. */
  readonly value: string | null;
  readonly origin: Origin;
  readonly type: string;
  readonly unit: string;
  readonly default: string | null;
  readonly what: string;
  readonly reason: string;
  readonly tooSmall: string | null;
  readonly tooLarge: string | null;
  readonly environment: string;
}

export function renderConfig(read: OptionsRead): string {
  return optionKeys.map((key) => paragraph(shownOption(key, read))).join('\n');
}

/** All options in the order of their declaration. */
export function shownOptions(read: OptionsRead): readonly ShownOption[] {
  return optionKeys.map((key) => shownOption(key, read));
}

function shownOption(key: OptionKey, { values, origins }: OptionsRead): ShownOption {
  // The kind and the value of one key belong together, which the compiler cannot see of a union.
  const { kind, default: byDefault, what, reason, effect } = options[key] as Option<unknown>;
  const value = values[key];
  return {
    key,
    value: value === undefined ? null : kind.show(value),
    origin: origins.get(key) ?? 'default',
    type: kind.type,
    unit: kind.unit,
    default: byDefault,
    what,
    reason,
    tooSmall: effect?.tooSmall ?? null,
    tooLarge: effect?.tooLarge ?? null,
    environment: environmentName(key),
  };
}

function paragraph(option: ShownOption): string {
  const { key, value, origin, type, unit, what, reason, tooSmall, tooLarge, environment } = option;
  const given = origin === 'default' ? 'default' : `from ${origin}`;
  const kind = unit === '' ? type : `${type}, in ${unit}`;
  const byDefault = option.default === null ? 'No default' : `Default ${option.default}`;
  const lines = [
    value === null ? `${key}: (must be given)` : `${key}: ${clean(value)}   (${given})`,
    `    ${what}`,
    `    Type: ${kind}. Environment: ${environment}`,
    `    ${byDefault}: ${reason}.`,
    ...(tooSmall === null ? [] : [`    Too small: ${tooSmall}.`]),
    ...(tooLarge === null ? [] : [`    Too large: ${tooLarge}.`]),
  ];
  return lines.map((line) => `${line}\n`).join('');
}
