/**
 * Who may do what. On the unix socket the file system decides who may come in, and they may do everything. Elsewhere a
 * token names its owner and role; without one a caller only looks.
 *
 * The file of tokens has a line for each: role, name, token. Nobody but its owner may read it.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { readSecretFile } from '@mesos-torque/common/secret-file.ts';
import { ControlError } from './control-error.ts';

export const roles = ['viewer', 'operator', 'admin'] as const;
export type Role = (typeof roles)[number];

export interface Caller {
  readonly role: Role;
  /** Null where the request itself has to say: on the unix socket. */
  readonly name: string | null;
}

export const onSocket: Caller = { role: 'admin', name: null };
export const anybody: Caller = { role: 'viewer', name: 'anybody' };

export interface Tokens {
  /** Throws UNAUTHENTICATED for a token that is not in the file. */
  callerOf(token: string | null): Caller;
  /** The same where nobody may even look without one. */
  mustKnow(token: string | null): Caller;
}

/** Without a file nobody is known, and changing calls are refused. */
export const noTokens: Tokens = {
  callerOf(token) {
    if (token === null) return anybody;
    throw new ControlError(
      'UNAUTHENTICATED',
      'TOKEN_UNKNOWN',
      'no tokens are configured (control.tokenFile)',
    );
  },
  mustKnow: mustHave,
};

function mustHave(): never {
  throw new ControlError('UNAUTHENTICATED', 'TOKEN_MISSING', 'authorization: give "Bearer TOKEN"');
}

const tokensMax = 1_000;
const tokenCharsMin = 20;

interface Entry extends Caller {
  readonly digest: Buffer;
}

/** Throws what is wrong with the file: its mode, or the line. */
export async function readTokens(file: string): Promise<Tokens> {
  const reading = await readSecretFile(file, 'control.tokenFile');
  if (!reading.ok) throw new Error(reading.why);
  return tokensOf(reading.text, file);
}

export function tokensOf(text: string, file: string): Tokens {
  const lines = text.split('\n').map((line) => line.trim());
  const entries = lines.flatMap((line, index): Entry[] => {
    if (line === '' || line.startsWith('#')) return [];
    return [readLine(line, `control.tokenFile "${file}", line ${String(index + 1)}`)];
  });
  if (entries.length > tokensMax) {
    throw new Error(
      `control.tokenFile "${file}": ${String(entries.length)} tokens, at most ${String(tokensMax)} are possible`,
    );
  }
  return {
    callerOf: (token) => (token === null ? anybody : find(entries, token)),
    mustKnow: (token) => (token === null ? mustHave() : find(entries, token)),
  };
}

function readLine(line: string, place: string): Entry {
  const [role = '', name = '', token = '', ...rest] = line.split(/\s+/);
  const known = roles.find((one) => one === role);
  if (known === undefined) throw new Error(`${place}: "${role}" is no role; there are ${roles.join(', ')}`);
  if (!/^[A-Za-z0-9._@-]{1,64}$/.test(name)) throw new Error(`${place}: "${name}" is no name`);
  // The token itself is not said: this ends in a log.
  if (rest.length > 0) throw new Error(`${place}: more than role, name and token`);
  if (token.length < tokenCharsMin) {
    throw new Error(
      `${place}: the token has ${String(token.length)} characters, at least ${String(tokenCharsMin)} are needed`,
    );
  }
  return { role: known, name, digest: digestOf(token) };
}

/** Every entry is compared, whole, so that the time tells nothing. */
function find(entries: readonly Entry[], token: string): Caller {
  const digest = digestOf(token);
  let found: Caller | null = null;
  for (const entry of entries) {
    if (timingSafeEqual(entry.digest, digest)) found = { role: entry.role, name: entry.name };
  }
  if (found !== null) return found;
  throw new ControlError('UNAUTHENTICATED', 'TOKEN_UNKNOWN', 'the token is not known');
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** The token of `Authorization: Bearer TOKEN`; null without the header. */
export function bearerToken(header: string | undefined): string | null {
  if (header === undefined || header === '') return null;
  const token = /^Bearer +([^\s]+)$/i.exec(header)?.[1];
  if (token !== undefined) return token;
  throw new ControlError('UNAUTHENTICATED', 'TOKEN_UNREADABLE', 'authorization: give "Bearer TOKEN"');
}

/** Throws PERMISSION_DENIED for a role that is less. */
export function mustBe(role: Role, caller: Caller, what: string): void {
  if (roles.indexOf(caller.role) >= roles.indexOf(role)) return;
  throw new ControlError(
    'PERMISSION_DENIED',
    'ROLE_TOO_LOW',
    `${what} takes the role ${role}; ${caller.name ?? 'you'} may act as ${caller.role}`,
  );
}
