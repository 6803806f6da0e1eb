/** Who leads: of the znodes `json.info_<ten digits>` the lowest, whose data is a MasterInfo as JSON. */
import type { Zoo } from './zoo.ts';

export const memberPrefix = 'json.info_';

export interface LeaderSeen {
  /** The znode's name. */
  readonly member: string;
  readonly hostname: string;
  readonly ip: string;
  readonly port: number;
}

/** Null when no master is registered. */
export async function readLeader(zoo: Zoo, path: string): Promise<LeaderSeen | null> {
  const members = (await zoo.children(path)).filter((name) => /^json\.info_\d{10}$/.test(name));
  const member = [...members].sort()[0];
  if (member === undefined) return null;
  const data = await zoo.read(`${path}/${member}`);
  // It went in between; the next look finds its successor.
  if (data === null) return null;
  const { address } = JSON.parse(data) as { address: { hostname: string; ip: string; port: number } };
  return { member, ...address };
}
