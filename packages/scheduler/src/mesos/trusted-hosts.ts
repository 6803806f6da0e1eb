/** The hosts that a mom trusts, as the executor packs them: 4 bytes of address and 2 of port each. */

const entryBytes = 6;

/** As `address:port`; null where the bytes are no whole number of entries. */
export function unpackTrusted(bytes: Uint8Array): readonly string[] | null {
  if (bytes.length % entryBytes !== 0) return null;
  return Array.from({ length: bytes.length / entryBytes }, (_, index) => {
    const [a = 0, b = 0, c = 0, d = 0, high = 0, low = 0] = bytes.subarray(index * entryBytes);
    return `${String(a)}.${String(b)}.${String(c)}.${String(d)}:${String(high * 256 + low)}`;
  });
}
