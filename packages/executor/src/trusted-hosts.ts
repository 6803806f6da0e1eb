/**
 * The hosts that a mom trusts, packed for a status update: each update stays with the agent and the
 * master, so it has to be small. `trusted-hosts` of the scheduler unpacks them.
 */

/** 6 kB. Beyond that nothing is told, and the scheduler takes the mom at its word. */
export const trustedHostsMax = 1000;

const entryPattern = /^(?<a>\d{1,3})\.(?<b>\d{1,3})\.(?<c>\d{1,3})\.(?<d>\d{1,3}):(?<port>\d{1,5})$/;

export interface PackedHosts {
  readonly trustedHosts: Buffer;
  readonly trustedTold: boolean;
}

/** Port 0 stands for any port of a server or of the mom itself (6.1.3), which says nothing about moms. */
export function packTrusted(trusted: readonly string[] | null): PackedHosts {
  const entries = (trusted ?? []).flatMap((entry) => packOne(entry) ?? []);
  const isWhole = trusted !== null && entries.length <= trustedHostsMax;
  const sorted = isWhole ? entries.sort((one, other) => Buffer.compare(one, other)) : [];
  return { trustedHosts: Buffer.concat(sorted), trustedTold: isWhole };
}

function packOne(entry: string): Buffer | null {
  const groups = entryPattern.exec(entry)?.groups;
  if (groups === undefined) return null;
  const port = Number(groups['port']);
  const bytes = ['a', 'b', 'c', 'd'].map((part) => Number(groups[part]));
  if (port === 0 || port > 65_535 || bytes.some((byte) => byte > 255)) return null;
  return Buffer.from([...bytes, port >> 8, port & 255]);
}
