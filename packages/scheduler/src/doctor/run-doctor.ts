/** `mesos-torque doctor`: joins the checks with the real world and runs them. Nothing is changed by any of them. */
import { userInfo } from 'node:os';
import { systemClock } from '@mesos-torque/common/clock.ts';
import { runCommand } from '@mesos-torque/common/run-command.ts';
import { usualTrust } from '@mesos-torque/common/tls-trust.ts';
import type { Config } from '../config.ts';
import { readMesosAccess } from '../mesos/access.ts';
import type { OptionKey } from '../config-options.ts';
import { judgeAllocation } from './allocation.ts';
import { artifactCheck } from './artifact.ts';
import { runChecks, type Check, type CheckResult, type Verdict } from './check.ts';
import { askHttp } from './http.ts';
import { mesosChecks, type AccessSeen } from './mesos-checks.ts';
import { clientRun, type ClientRun } from '../torque/server/client-run.ts';
import { systemNameLookup } from '../torque/name-lookup.ts';
import { nameCheck } from './names.ts';
import { judgeNodeVersion } from './node-version.ts';
import { httpPortCheck, serverPortCheck, socketCheck } from './ports.ts';
import { connectTo } from './probes.ts';
import { programFolders, programsCheck } from './programs.ts';
import { schedulerCheck } from './torque-scheduler.ts';
import { directoryCheck } from './state-directory.ts';
import { torqueChecks } from './torque-checks.ts';

/** For one check; a command of TORQUE that hangs takes this long and no longer. */
const checkTimeMsMax = 20_000;
const connectTimeMsMax = 5_000;
const httpTimeMsMax = 10_000;

export async function runDoctor(
  config: Config,
  given: readonly OptionKey[],
): Promise<readonly CheckResult[]> {
  const clients = clientRun(runCommand, process.env, config.server.isNamed ? config.torque.server : null);
  return runChecks(await checksOf(config, given, clients), systemClock, checkTimeMsMax);
}

async function checksOf(
  config: Config,
  given: readonly OptionKey[],
  clients: ClientRun,
): Promise<readonly Check[]> {
  const { torque, http } = config;
  const seen = await accessOf(config);
  const ask = askHttp(seen.kind === 'access' ? seen.access.tls : usualTrust);
  const folders = programFolders(torque.binDir, process.env['PATH'] ?? '');
  const schedulerAnswers = async (): Promise<boolean> =>
    (await connectTo({ path: config.control.socket }, connectTimeMsMax)).kind === 'connected';
  const names = systemNameLookup(systemClock);
  const samePlaceholder = torque.placeholder.node === torque.server;
  return [
    known('Node', judgeNodeVersion(process.version)),
    known('safe allocation', judgeAllocation(config.policy, given)),
    directoryCheck(config.stateDir, userInfo().username),
    programsCheck(clients.run, folders, connectTimeMsMax),
    ...torqueChecks(config, clients.run, ['TORQUE clients']),
    nameCheck('name of pbs_server', names, torque.server, true),
    ...(samePlaceholder ? [] : [nameCheck('name of the placeholder', names, torque.placeholder.node, false)]),
    schedulerCheck(config, clients, ['pbs_server']),
    serverPortCheck(torque.server, connectTimeMsMax, ['pbs_server', 'name of pbs_server']),
    ...mesosChecks({ config, seen, ask, names, timeoutMs: httpTimeMsMax }),
    httpPortCheck(http, schedulerAnswers),
    socketCheck(config.control.socket, connectTimeMsMax),
    artifactCheck(
      {
        ask,
        http,
        executor: config.executor,
        schedulerAnswers,
        timeoutMs: httpTimeMsMax,
      },
      ['http port'],
    ),
  ];
}

/** A check that needs no probing. */
function known(name: string, verdict: Verdict): Check {
  return { name, needs: [], probe: () => Promise.resolve(verdict) };
}

async function accessOf({ mesos }: Config): Promise<AccessSeen> {
  const reading = await readMesosAccess(mesos);
  return reading.ok ? { kind: 'access', access: reading.access } : { kind: 'unreadable', why: reading.why };
}
