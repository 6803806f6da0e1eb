/** trqauthd and pbs_server: whether they answer, and what this user may do there. */
import { unreachable } from '@mesos-torque/common/units.ts';
import type { Outcome } from '../loop/ports.ts';
import type { WhoWeAre } from '../setup/who-we-are.ts';
import type { Rights } from '../torque/rights.ts';
import { versionIn } from '../torque/server-attributes.ts';
import type { Printed } from '../torque/torque-commands.ts';
import { ok, unknown, warning, wrong, type Verdict } from './check.ts';
import type { Connected } from './probes.ts';

/**
 * Without trqauthd no client of TORQUE reaches the server: 15137 where its socket is not there, 111 where a killed
 * one left it, as if the server was down. So the socket is tried too. `isManaged`: our scheduler starts it.
 */
export function judgeTrqauthd(listed: Outcome<Printed>, socket: Connected, isManaged: boolean): Verdict {
  if (listed.ok) return ok('it answers on this host');
  const { detail } = listed.problem;
  if (detail.includes('15008'))
    return wrong(
      `trqauthd answers, but does not recognise us: ${detail}`,
      'start trqauthd in the same container or namespace in which this runs: it looks up who called it',
    );
  const isDown = detail.includes('15137') || (detail.includes('errno=111') && isRefused(socket));
  if (isDown)
    return notStarted(
      'trqauthd',
      `no trqauthd answers on this host: ${detail}`,
      'as root on this host: trqauthd',
      isManaged,
    );
  return detail.includes('could not be started') ? unknown(detail) : ok('it answers on this host');
}

/** A socket that is not there at all would have been 15137: the 111 is then pbs_server's. */
function isRefused(socket: Connected): boolean {
  return socket.kind === 'failed' && socket.code === 'ECONNREFUSED';
}

export function judgeServer(listed: Outcome<Printed>, server: string, isManaged: boolean): Verdict {
  if (!listed.ok) {
    const { detail } = listed.problem;
    if (/errno=111|Connection refused/.test(detail)) {
      return notStarted(
        'pbs_server',
        `nothing answers as pbs_server on ${server}: ${detail}`,
        `as root on ${server}: pbs_server (never with -t create where a database exists: that wipes it)`,
        isManaged,
      );
    }
    return wrong(
      `pbs_server on ${server} could not be asked: ${detail}`,
      `check that server_name in TORQUE's home here names ${server}, that this host's own name resolves, and that port 15001 is open there`,
    );
  }
  const text = listed.value.stdout.toString('utf8');
  const name = /^Server (?<name>\S+)/.exec(text)?.groups?.['name'] ?? 'a server';
  const version = versionIn(text);
  if (version === null) {
    return warning(
      `${name} answers and does not tell its version`,
      'check that it is pbs_server of TORQUE, 4.2 or later',
    );
  }
  const asked = `${name} answers, TORQUE ${version}`;
  if (name.toLowerCase() === server) return ok(asked);
  return wrong(
    `${asked}; moms are told to report to ${server}`,
    `set torque.server=${name}, or write ${server} into server_name in TORQUE's home here`,
  );
}

/** What is down is not wrong where it is ours to start; what depends on it cannot be tried either way. */
export function notStarted(name: string, found: string, remedy: string, isManaged: boolean): Verdict {
  return isManaged
    ? unknown(`${found}; mesos-torque run starts ${name}`, `to look at the rest, ${remedy}`)
    : wrong(found, remedy);
}

/** `managers` as the server lists them. */
export function judgeRights(
  rights: Outcome<Rights>,
  who: WhoWeAre,
  server: string,
  managers: readonly string[],
): Verdict {
  if (!rights.ok) return unknown(`could not be tried: ${rights.problem.detail}`);
  const us = `${who.user}@${who.host}`;
  const elsewhere = managers.find((manager) => manager.startsWith(`${who.user}@`));
  const hint = elsewhere === undefined ? '' : ` (the server has ${elsewhere}, and sees us as ${us})`;
  const remedy = `as root on ${server}: ${who.grantManager}`;
  switch (rights.value) {
    case 'manager':
    case 'manager-with-hierarchy':
      return ok(
        `${us} is a manager: it may create and delete nodes, set them offline, and start scheduling (tried)`,
      );
    case 'operator':
      return wrong(
        `${us} is an operator: it may set nodes offline and start scheduling, but not create or delete nodes (tried)${hint}`,
        remedy,
      );
    case 'none':
      return wrong(
        `${us} is an ordinary user: it may read and submit, but not create nodes, set them offline or start scheduling (tried)${hint}`,
        remedy,
      );
    default:
      return unreachable(rights.value);
  }
}

/** Only a manager is told of the file: others are refused before it is looked at. */
export function judgeHierarchy(rights: Outcome<Rights>): Verdict {
  if (!rights.ok) return unknown(`could not be tried: ${rights.problem.detail}`);
  switch (rights.value) {
    case 'manager':
      return ok('there is no server_priv/mom_hierarchy: nodes may come and go');
    case 'manager-with-hierarchy':
      return wrong(
        'pbs_server has a server_priv/mom_hierarchy file, and with it refuses to create and delete nodes',
        "on the server's host: move server_priv/mom_hierarchy away and restart pbs_server; it writes the list of hosts by itself",
      );
    case 'operator':
    case 'none':
      return unknown('pbs_server tells only a manager');
    default:
      return unreachable(rights.value);
  }
}
