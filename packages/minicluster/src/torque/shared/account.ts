/** Accounts of the machine, as /etc/passwd has them, for programs that act as somebody else. */
import { readFileSync } from 'node:fs';

export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

/** Null where the machine does not know the name. */
export function accountOf(name: string, passwd = readFileSync('/etc/passwd', 'utf8')): Account | null {
  for (const line of passwd.split('\n')) {
    const [login, , uid, gid, , home] = line.split(':');
    if (login !== name || uid === undefined || gid === undefined) continue;
    return { name, uid: Number(uid), gid: Number(gid), home: home ?? '/' };
  }
  return null;
}

/** As `spawn` takes them: an account's, or none, and then the child is whose we are. */
export function ids(account: Account | null): { uid?: number; gid?: number } {
  return account === null ? {} : { uid: account.uid, gid: account.gid };
}
