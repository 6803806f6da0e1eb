/** As whom pbs_server sees us: our user name, and the name that our address resolves back to. */
import { lookup, lookupService } from 'node:dns/promises';
import os from 'node:os';

export interface WhoWeAre {
  readonly user: string;
  readonly host: string;
  /** The command that makes us a manager. */
  readonly grantManager: string;
}

export async function whoWeAre(): Promise<WhoWeAre> {
  const user = os.userInfo().username;
  const host = await resolvedHost();
  return { user, host, grantManager: `qmgr -c "set server managers += ${user}@${host}"` };
}

/** pbs_server compares with the name that the resolver gives for the address that we come from. */
async function resolvedHost(): Promise<string> {
  const name = os.hostname();
  try {
    const { address } = await lookup(name);
    const { hostname } = await lookupService(address, 0);
    return hostname;
  } catch {
    return name;
  }
}
