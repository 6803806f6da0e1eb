/** Limits and capabilities, from the text of /proc/self/limits and /proc/self/status. */
import type { RightsFacts, Seen } from './facts.ts';

const capIpcLock = 14n;
const capSysResource = 24n;

export function readRights(limits: string, status: string): Seen<RightsFacts> {
  const locked = hardLimit(limits, 'Max locked memory');
  const files = hardLimit(limits, 'Max open files');
  const effective = /^CapEff:\s*(?<set>[0-9a-f]{1,16})$/m.exec(status)?.groups?.['set'];
  if (locked === null || files === null) return { ok: false, error: 'the limits could not be read' };
  if (effective === undefined) return { ok: false, error: 'the capabilities could not be read' };
  const set = BigInt(`0x${effective}`);
  const has = (capability: bigint): boolean => ((set >> capability) & 1n) === 1n;
  return {
    ok: true,
    value: {
      lockedBytesMax: locked,
      openFilesMax: files,
      mayLock: has(capIpcLock),
      mayRaiseLimits: has(capSysResource),
    },
  };
}

/** Columns: name, soft limit, hard limit, unit. */
function hardLimit(limits: string, name: string): number | null {
  const line = limits.split('\n').find((candidate) => candidate.startsWith(name));
  const [, hard] = line?.slice(name.length).trim().split(/\s+/) ?? [];
  if (hard === 'unlimited') return Infinity;
  return hard !== undefined && /^[0-9]+$/.test(hard) ? Number(hard) : null;
}
