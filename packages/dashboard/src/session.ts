/** What the reader may do: a viewer without a token. */
import { useEffect, useState } from 'preact/hooks';
import { roleOf, setToken } from './api.ts';

export type Role = 'viewer' | 'operator' | 'admin';

let role: Role = 'viewer';
const listeners = new Set<() => void>();

/** The role of the token, which is used from now on. Throws where the scheduler does not take it; then nothing changes. */
export async function signIn(token: string): Promise<Role> {
  setToken(token);
  try {
    const said = await roleOf();
    become(said === 'operator' || said === 'admin' ? said : 'viewer');
  } catch (error) {
    signOut();
    throw error;
  }
  return role;
}

export function signOut(): void {
  setToken('');
  become('viewer');
}

function become(now: Role): void {
  role = now;
  for (const listener of listeners) listener();
}

export function useRole(): Role {
  const [known, setKnown] = useState(role);
  useEffect(() => {
    const listener = (): void => {
      setKnown(role);
    };
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, []);
  return known;
}

/** Ends what many nodes hold, or tries an agent again that failed: an admin's. */
export function mayRepair(given: Role): boolean {
  return given === 'admin';
}

export function mayChange(given: Role): boolean {
  return given !== 'viewer';
}
