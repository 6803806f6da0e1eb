/**
 * What must not be forgotten about `scheduling` of pbs_server, in ZooKeeper: a leader that died while it had
 * scheduling switched off is followed by one that knows it was us, and switches it on again.
 */
import { guardText, readGuard, type GuardRecordPort } from '../torque/server/guard-record.ts';
import type { ZooSession } from '../zookeeper/session.ts';

/** Rejects when ZooKeeper does not answer: not to know is not the same as nothing said. */
export function sharedGuard(session: ZooSession, path: string): GuardRecordPort {
  const znode = `${path}/server-guard`;
  return {
    async load() {
      const read = await session.read(znode);
      if (read.ok) return readGuard(read.value.data.toString('utf8'));
      if (read.problem.kind === 'not-found') return null;
      throw new Error(read.problem.detail);
    },
    async save(record) {
      const data = Buffer.from(guardText(record));
      const written = await session.write(znode, data, anyVersion);
      if (written.ok) return;
      const made =
        written.problem.kind === 'not-found' ? await session.create(znode, data, 'persistent') : written;
      if (!made.ok) throw new Error(made.problem.detail);
    },
  };
}

/** A session that was given up writes nothing, and while it lasts nobody else does. */
const anyVersion = -1;
