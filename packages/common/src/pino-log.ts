/**
 * The log on pino: one JSON object per line, with the event in `event`. Values under keys that name
 * secrets are replaced, so that a configuration or a header that is logged as a whole gives nothing
 * away.
 */
import { pino } from 'pino';
import type { DestinationStream } from 'pino';
import type { Log, LogFields } from './logger.ts';

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface PinoLogOptions {
  readonly level: LogLevel;
  /** The program's name, in every line. */
  readonly name: string;
  /** Where lines go; left out, to standard error, synchronously: a line is written when the call returns. */
  readonly destination?: DestinationStream;
}

/** A log whose level can be changed while it is in use. */
export interface LeveledLog extends Log {
  level(): string;
  /** False, and nothing is changed, for a word that is no level. */
  setLevel(level: string): boolean;
}

export function pinoLog(options: PinoLogOptions): LeveledLog {
  const destination = options.destination ?? pino.destination({ dest: 2, sync: true });
  const logger = pino(
    {
      level: options.level,
      base: { name: options.name, pid: process.pid },
      messageKey: 'event',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  return {
    debug: (event, fields) => {
      logger.debug(redacted(fields), event);
    },
    info: (event, fields) => {
      logger.info(redacted(fields), event);
    },
    warn: (event, fields) => {
      logger.warn(redacted(fields), event);
    },
    error: (event, fields) => {
      logger.error(redacted(fields), event);
    },
    level: () => logger.level,
    setLevel(level) {
      if (level === 'silent' || !logLevels.some((one) => one === level)) return false;
      logger.level = level;
      return true;
    },
  };
}

const secretKey = /secret|password|passwd|token|credential|authorization|cookie|private.?key/i;
const withheld = '[withheld]';
/** Fields deeper than this are not looked into, and not shown. */
const depthMax = 6;

function redacted(fields: LogFields | undefined): Record<string, unknown> {
  return fields === undefined ? {} : redactedObject(fields, 1);
}

function redactedObject(fields: object, depth: number): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, secretKey.test(key) ? withheld : plain(value, depth)]),
  );
}

function plain(value: unknown, depth: number): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= depthMax) return '[too deep]';
  if (value instanceof Error) return value.message;
  if (value instanceof Uint8Array) return `[${value.length} bytes]`;
  if (Array.isArray(value)) return value.map((item: unknown) => plain(item, depth + 1));
  return redactedObject(value, depth + 1);
}
