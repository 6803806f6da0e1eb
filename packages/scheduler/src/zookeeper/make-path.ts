/** Makes a znode and those above it, as `mkdir -p` does for folders. */
import type { Outcome } from '../loop/ports.ts';
import type { ZooSession } from './session.ts';

export async function makePath(session: ZooSession, path: string): Promise<Outcome<null>> {
  const names = path.split('/').slice(1);
  for (const depth of names.keys()) {
    const above = `/${names.slice(0, depth + 1).join('/')}`;
    const made = await session.create(above, Buffer.alloc(0), 'persistent');
    if (!made.ok && made.problem.kind !== 'conflict') return made;
  }
  return { ok: true, value: null };
}
