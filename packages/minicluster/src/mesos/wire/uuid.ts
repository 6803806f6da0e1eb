/** Uuids as bytes, the way status updates carry them. */
import { randomUUID } from 'node:crypto';

export function randomUuidBytes(): Buffer {
  return Buffer.from(randomUUID().replaceAll('-', ''), 'hex');
}

/**
 * Whether Mesos takes these bytes for a uuid: 16 of them, and of version 1 to 5. 1.12 does not look at
 * the variant; it answers others with `Not a valid UUID`, so two of three sets of random bytes do not pass.
 */
export function isUuid(bytes: Uint8Array): boolean {
  const version = (bytes[6] ?? 0) >> 4;
  return bytes.length === 16 && version >= 1 && version <= 5;
}

/** Bytes as a key of maps and a word in logs. */
export function uuidText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
