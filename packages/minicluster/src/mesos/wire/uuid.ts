/** Uuids as bytes, the way status updates carry them. */
import { randomUUID } from 'node:crypto';

export function randomUuidBytes(): Buffer {
  return Buffer.from(randomUUID().replaceAll('-', ''), 'hex');
}

/**
 * Whether Mesos takes these bytes for a uuid: 16 of them, of RFC 4122's variant and version 1 to 5.
 * 1.12 answers others with `Not a valid UUID`, so most sets of 16 random bytes do not pass.
 */
export function isUuid(bytes: Uint8Array): boolean {
  if (bytes.length !== 16) return false;
  const version = (bytes[6] ?? 0) >> 4;
  const variant = (bytes[8] ?? 0) >> 6;
  return version >= 1 && version <= 5 && variant === 0b10;
}

/** Bytes as a key of maps and a word in logs. */
export function uuidText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
