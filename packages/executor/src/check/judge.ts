/**
 * Whether a mom could run on a machine of which these things were seen. What pbs_mom 6.1.3 wants is told in
 * each judgement; every one of them ends it, or its jobs, when it is not so.
 */
import { isSameHost } from '../name-doubt.ts';
import type {
  HomeFacts,
  MachineFacts,
  NameFacts,
  PortFacts,
  ProgramFacts,
  RightsFacts,
  Seen,
  ServerFacts,
} from './facts.ts';

/** `doubtful`: it may do, or could not be found out. */
export type Verdict = 'ok' | 'doubtful' | 'bad';

export interface Finding {
  readonly name: string;
  readonly verdict: Verdict;
  readonly text: string;
}

export function judge(facts: MachineFacts): readonly Finding[] {
  return [
    rootFinding(facts.uid),
    ...rightsFindings(facts.rights),
    ...facts.ports.map(portFinding),
    ...homeFindings(facts.home),
    ...facts.programs.map(programFinding),
    ownNameFinding(facts.ownName, facts.server),
    ...(facts.server === null ? [notAsked('server', '--pbs-server HOST')] : serverFindings(facts.server)),
    facts.schedulerAheadMs === null
      ? notAsked('clock', '--scheduler URL')
      : clockFinding(facts.schedulerAheadMs),
  ];
}

export function isFit(findings: readonly Finding[]): boolean {
  return findings.every(({ verdict }) => verdict !== 'bad');
}

function finding(name: string, verdict: Verdict, text: string): Finding {
  return { name, verdict, text };
}

function notAsked(name: string, option: string): Finding {
  return finding(name, 'doubtful', `not looked at: give ${option}`);
}

/** "This program is not to be run by a normal user", exit code 1. */
function rootFinding(uid: number | null): Finding {
  return uid === 0
    ? finding('root', 'ok', 'we are root')
    : finding('root', 'bad', `we are user ${uid ?? 'unknown'}: pbs_mom runs as root alone`);
}

const mib = 1024 * 1024;
/** pbs_mom locks all of its memory, 140 MiB without a job, and ends with exit code 1 when it may not. */
const lockedMibMin = 256;
/** It raises its own limit to this. */
const openFilesMin = 20_000;

function rightsFindings(rights: Seen<RightsFacts>): readonly Finding[] {
  if (!rights.ok) return [finding('limits', 'doubtful', rights.error)];
  const { lockedBytesMax, openFilesMax, mayLock, mayRaiseLimits } = rights.value;
  const enough = mayLock || lockedBytesMax >= lockedMibMin * mib;
  const locked = Number.isFinite(lockedBytesMax) ? `${Math.round(lockedBytesMax / 1024)} KiB` : 'unlimited';
  const files = mayRaiseLimits || openFilesMax >= openFilesMin;
  return [
    enough
      ? finding('memlock', 'ok', mayLock ? 'any amount may be locked (CAP_IPC_LOCK)' : locked)
      : finding(
          'memlock',
          'bad',
          `${locked} may be locked, and CAP_IPC_LOCK is missing: pbs_mom locks its memory and ends where it may not; allow ${lockedMibMin} MiB`,
        ),
    files
      ? finding('nofile', 'ok', mayRaiseLimits ? 'the limit may be raised' : `${openFilesMax} files`)
      : finding(
          'nofile',
          'doubtful',
          `${openFilesMax} open files at most, and CAP_SYS_RESOURCE is missing: pbs_mom asks for ${openFilesMin}`,
        ),
  ];
}

/** Exit code 3 after 3 s. */
function portFinding({ port, problem }: PortFacts): Finding {
  return problem === null
    ? finding('port', 'ok', `${port} is free`)
    : finding('port', 'bad', `${port}: ${problem}; does another pbs_mom run here?`);
}

/** The executable, the logs of a day, the output of jobs until it is delivered. */
const freeMibMin = 256;

function homeFindings(home: HomeFacts): readonly Finding[] {
  const { folder, problem, pathFault, closedFolders, mountOptions, freeMib } = home;
  if (problem !== null) return [finding('home', 'bad', `nothing can be made in ${folder}: ${problem}`)];
  const [closed] = closedFolders;
  return [
    pathFault === null
      ? finding('home', 'ok', `can be made in ${folder}`)
      : finding('home', 'bad', `in ${folder}: ${pathFault}: pbs_mom ends without a word, exit code 3`),
    closed === undefined
      ? finding('way', 'ok', 'users of jobs can pass to the home')
      : finding(
          'way',
          'bad',
          `users of jobs cannot pass through ${closed.folder} (mode ${closed.mode.toString(8)}): their jobs fail and are queued again for ever`,
        ),
    noexecFinding(folder, mountOptions),
    spaceFinding(folder, freeMib),
  ];
}

function noexecFinding(folder: string, options: Seen<readonly string[]>): Finding {
  if (!options.ok) return finding('noexec', 'doubtful', options.error);
  return options.value.includes('noexec')
    ? finding(
        'noexec',
        'bad',
        `${folder} is mounted noexec: neither the executor that Mesos fetches nor prologues can run there`,
      )
    : finding('noexec', 'ok', `programs in ${folder} can run`);
}

function spaceFinding(folder: string, free: Seen<number>): Finding {
  if (!free.ok) return finding('space', 'doubtful', free.error);
  const said = `${Math.floor(free.value)} MiB are free in ${folder}`;
  return free.value >= freeMibMin
    ? finding('space', 'ok', said)
    : finding('space', 'bad', `${said}: executor, logs and output of jobs need ${freeMibMin}`);
}

function programFinding({ name, file, version }: ProgramFacts): Finding {
  if (!file.ok) return finding(name, 'bad', file.error);
  if (version === null) return finding(name, 'ok', file.value);
  return version.ok
    ? finding(name, 'ok', `${file.value}, version ${version.value}`)
    : finding(name, 'bad', `${file.value} does not run: ${version.error}`);
}

/** A mom whose own name does not resolve is dead at once; one that resolves to loopback is down for ever. */
function ownNameFinding(own: NameFacts, server: ServerFacts | null): Finding {
  if (!own.addresses.ok) {
    return finding('name', 'bad', `our name ${own.name} does not resolve: ${own.addresses.error}`);
  }
  const outside = own.addresses.value.filter((address) => !isLoopback(address));
  const [first] = outside;
  if (first === undefined) {
    const said = `our name ${own.name} resolves to ${own.addresses.value.join(', ')} alone`;
    const isServersHost = server?.addresses.ok === true && server.addresses.value.every(isLoopback);
    return isServersHost
      ? finding('name', 'doubtful', `${said}: enough for a mom on the server's own machine`)
      : finding('name', 'bad', `${said}, which to a server on another machine is its own address`);
  }
  return backFinding('name', `our name ${own.name}`, own, first);
}

function serverFindings(server: ServerFacts): readonly Finding[] {
  if (!server.addresses.ok) {
    return [finding('server', 'bad', `${server.name} does not resolve: ${server.addresses.error}`)];
  }
  const [first] = server.addresses.value;
  if (first === undefined) return [finding('server', 'bad', `${server.name} has no address`)];
  return [
    backFinding('server', server.name, server, first),
    server.connectProblem === null
      ? finding('connection', 'ok', `pbs_server answers at ${server.name}:${server.port}`)
      : finding('connection', 'bad', `${server.name}:${server.port}: ${server.connectProblem}`),
  ];
}

/** Name → address → name: TORQUE trusts by address, and names those that it knows by their names. */
function backFinding(name: string, what: string, facts: NameFacts, address: string): Finding {
  const back = facts.namesOf.get(address) ?? { ok: false, error: 'was not looked up' };
  if (!back.ok) return finding(name, 'doubtful', `${what} is ${address}, which has no name: ${back.error}`);
  const same = back.value.some((other) => isSameHost(other, facts.name));
  return same
    ? finding(name, 'ok', `${what} is ${address}, and that is ${facts.name}`)
    : finding(
        name,
        'bad',
        `${what} is ${address}, but that is ${back.value.join(', ')}: the server would know the mom by another name`,
      );
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.');
}

/** HTTP's Date counts whole seconds. */
const aheadMsMax = 5000;
const farAheadMsMax = 60_000;

function clockFinding(ahead: Seen<number>): Finding {
  if (!ahead.ok) return finding('clock', 'doubtful', `the scheduler's clock is not known: ${ahead.error}`);
  const apartMs = Math.abs(ahead.value);
  const said = `our clock is ${(apartMs / 1000).toFixed(1)} s ${ahead.value > 0 ? 'behind' : 'ahead of'} the scheduler's`;
  if (apartMs <= aheadMsMax) return finding('clock', 'ok', said);
  return apartMs <= farAheadMsMax
    ? finding('clock', 'doubtful', said)
    : finding('clock', 'bad', `${said}: credentials and walltimes go wrong`);
}
