/** Ids as Mesos wraps them: a message with one required string. */

/** Ids are file names on the agents, which are no longer than 255; Mesos repeats longer ones when it refuses them. */
const lengthMax = 1024;

/**
 * The id's text; null when it is missing, empty, too long, or has control characters or bytes that
 * were not UTF-8 (which decode as U+FFFD). Mesos 1.12 takes task ids with spaces and brackets.
 */
export function readId(id: { readonly value?: string | undefined } | undefined): string | null {
  const value = id?.value;
  if (value === undefined || value === '' || value.length > lengthMax) return null;
  return /[\p{Cc}\ufffd]/u.test(value) ? null : value;
}

/** A host name: an id without spaces. */
export function readHost(value: string | undefined): string | null {
  const host = readId({ value });
  return host === null || host.length > 255 || /\s/.test(host) ? null : host;
}
