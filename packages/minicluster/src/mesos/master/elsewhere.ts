/**
 * What a master answers that does not lead, decided before the body is looked at. As recorded of 1.12: 307 to the
 * leader, with its host name, no scheme, the path below /master and the query kept; 503 while there is none.
 */
import { unreachable } from '@mesos-torque/common/units.ts';
import { joinPath, reportPath } from '../link.ts';
import { refused, type Reply } from '../wire/http.ts';
import { type Standing } from '../zookeeper/candidacy.ts';

/** Answered by every master for itself. */
const ownPaths: ReadonlySet<string> = new Set(['/health', '/version', '/flags', '/metrics/snapshot']);

/** Null when this master answers. `path` without `/master`. */
export function elsewhere(standing: Standing, path: string, query: string): Reply | null {
  // `/redirect/state` is 404 anywhere, though it looks like an endpoint.
  if (ownPaths.has(path) || path.startsWith('/redirect/')) return null;
  switch (standing.kind) {
    case 'leads':
      return null;
    case 'no-leader':
      return noLeader;
    case 'follows': {
      // Agents of the stand-in follow ZooKeeper, and not redirects.
      if (path === joinPath || path === reportPath) return noLeader;
      const { hostname, port } = standing.leader;
      const to = path === '/redirect' ? '' : `/master${path}${query}`;
      return { kind: 'redirect', location: `//${hostname}:${port}${to}` };
    }
    default:
      return unreachable(standing);
  }
}

const noLeader = refused(503, 'No leader elected');
