/** The ports that others come to. */
import { ok, unknown, warning, wrong, type Check, type Verdict } from './check.ts';
import { connectTo, listenOn, type Connected } from './probes.ts';

const torquePort = 15_001;

/** Moms report to this port of the server; commands of this host may go another way. */
export function judgeServerPort(server: string, reached: Connected): Verdict {
  if (reached.kind === 'connected') return ok(`${server}:${torquePort} takes connections from here`);
  return warning(
    `${server}:${torquePort}, where moms report, takes no connection from here: ${reached.code}`,
    `let agents reach port ${torquePort} of ${server}; if pbs_server was started with another port (-p), tell the moms too`,
  );
}

export function serverPortCheck(server: string, timeoutMs: number, needs: readonly string[]): Check {
  return {
    name: 'pbs_server port',
    needs,
    probe: async () =>
      judgeServerPort(server, await connectTo({ host: server, port: torquePort }, timeoutMs)),
  };
}

export interface HttpPortSeen {
  readonly host: string;
  readonly port: number;
  /** Null: we could listen there. */
  readonly obstacle: string | null;
  /** Whether a scheduler of ours answers there already. */
  readonly ours: boolean;
}

export function judgeHttpPort({ host, port, obstacle, ours }: HttpPortSeen): Verdict {
  if (port === 0)
    return warning(
      'any free port is taken (http.port=0)',
      'set http.port, so that a firewall can let agents through',
    );
  if (ours) return ok(`${host}:${port}: our scheduler answers there`);
  if (obstacle === null) return ok(`${host}:${port} is free for us`);
  if (obstacle === 'EADDRINUSE')
    return wrong(
      `${host}:${port} is taken by another program`,
      `find it with "ss -ltnp sport = :${port}", or set http.port`,
    );
  if (obstacle === 'EADDRNOTAVAIL')
    return wrong(`${host} is no address of this host`, 'set http.host to one, or to 0.0.0.0');
  return wrong(`${host}:${port} cannot be listened on: ${obstacle}`, 'set http.host and http.port');
}

export function httpPortCheck(
  http: { readonly host: string; readonly port: number },
  isOurs: () => Promise<boolean>,
): Check {
  return {
    name: 'http port',
    needs: [],
    probe: async () => {
      const obstacle = http.port === 0 ? null : await listenOn(http.host, http.port);
      const ours = obstacle === 'EADDRINUSE' && (await isOurs());
      return judgeHttpPort({ ...http, obstacle, ours });
    },
  };
}

/** A socket file that nobody listens on is what a killed scheduler leaves; the next one takes it over. */
export function judgeSocket(socket: string, reached: Connected): Verdict {
  if (reached.kind === 'connected') return ok(`${socket}: a scheduler answers`);
  switch (reached.code) {
    case 'ENOENT':
      return ok(`${socket}: no scheduler runs`);
    case 'ECONNREFUSED':
      return ok(`${socket}: no scheduler runs; one that was killed left the file`);
    case 'EACCES':
      return unknown(`${socket} may not be opened by this user`);
    default:
      return wrong(`${socket}: ${reached.code}`, 'set control.socket to a path of up to 103 characters');
  }
}

export function socketCheck(socket: string, timeoutMs: number): Check {
  return {
    name: 'control socket',
    needs: [],
    probe: async () => judgeSocket(socket, await connectTo({ path: socket }, timeoutMs)),
  };
}
