/** TORQUE's scheduler, the site's choice: whether it is there to start jobs. */
import { constants } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { networkInterfaces, userInfo } from 'node:os';
import path from 'node:path';
import { systemClock } from '@mesos-torque/common/clock.ts';
import { unreachable } from '@mesos-torque/common/units.ts';
import type { Config, ServerConfig } from '../config.ts';
import { systemNameLookup } from '../torque/name-lookup.ts';
import { chooseScheduler } from '../torque/server/choose-scheduler.ts';
import type { ClientRun } from '../torque/server/client-run.ts';
import type { Asked } from '../torque/server/daemon.ts';
import { checkMauiConfig, type MauiAdvice } from '../torque/server/schedulers/maui-config.ts';
import { askServerHome } from '../torque/server/server-home.ts';
import { startRecordIn } from '../torque/server/start-record.ts';
import { ok, unknown, warning, type Check, type Verdict } from './check.ts';
import { codeOf } from './probes.ts';
import { notStarted } from './server.ts';
import { startsDaemons } from './torque-checks.ts';

type SchedulerKind = ServerConfig['scheduler'];

export function judgeScheduler(
  kind: SchedulerKind,
  asked: Asked,
  maui: readonly MauiAdvice[],
  isManaged: boolean,
): Verdict {
  switch (asked.kind) {
    case 'running': {
      const advice = maui.find((one) => !one.ok);
      if (advice === undefined) return ok(`${kind} runs`);
      return warning(
        `${kind} runs, but ${advice.parameter} in its configuration is ${advice.found}`,
        advice.remedy === null
          ? 'look at maui.cfg'
          : `write "${advice.remedy}" into maui.cfg and restart maui`,
      );
    }
    case 'not-running':
      return notStarted(
        kind,
        `${kind} does not run, so no job is started: ${asked.why}`,
        startOf(kind),
        isManaged,
      );
    case 'unknown':
      return unknown(asked.why);
    default:
      return unreachable(asked);
  }
}

function startOf(kind: SchedulerKind): string {
  switch (kind) {
    case 'pbs_sched':
    case 'maui':
    case 'moab':
      return `as root on the host of pbs_server: ${kind}; if another scheduler is used there, set torque.scheduler`;
    case 'command':
      return 'start it as the site does, or run mesos-torque with torque.mode=manage';
    case 'none':
      return 'set torque.scheduler';
    default:
      return unreachable(kind);
  }
}

export function schedulerCheck(config: Config, clients: ClientRun, needs: readonly string[]): Check {
  return { name: 'TORQUE scheduler', needs, probe: () => look(config, clients) };
}

async function look(config: Config, clients: ClientRun): Promise<Verdict> {
  const { scheduler: kind } = config.server;
  if (kind === 'none') return ok('none: jobs are started by hand or by something that we know nothing of');
  if (!(await isHere(config.torque.server)))
    return unknown(
      `it runs on ${config.torque.server}, and this is another host`,
      'run mesos-torque doctor there',
    );
  const asked = await askDaemon(config, clients);
  return judgeScheduler(
    kind,
    asked,
    kind === 'maui' ? await adviceForMaui() : [],
    startsDaemons(config.server),
  );
}

async function askDaemon({ server, stateDir, torque }: Config, clients: ClientRun): Promise<Asked> {
  const home =
    server.home === null
      ? await askServerHome(clients.run, server.sbinDir)
      : ({ ok: true, value: server.home } as const);
  if (!home.ok) return { kind: 'unknown', why: `${home.problem.detail}; name torque.sbinDir or torque.home` };
  const lock = path.join(home.value, 'sched_priv', 'sched.lock');
  const closed = await access(lock, constants.R_OK).then(
    () => null,
    (error: unknown) => codeOf(error),
  );
  if (closed === 'EACCES' && server.scheduler === 'pbs_sched')
    return { kind: 'unknown', why: `${lock} may not be read by this user; root may` };
  const { daemon } = chooseScheduler(
    {
      kind: server.scheduler,
      command: server.schedulerCommand,
      binDir: server.schedulerBinDir,
      releasesMax: 0,
    },
    {
      ...clients,
      timeoutMs: torque.commandTimeoutMs,
      clock: systemClock,
      started: startRecordIn(path.join(stateDir, 'daemons')),
      managed: { home: home.value, sbinDir: server.sbinDir, isRoot: false },
    },
  );
  return daemon === null ? { kind: 'unknown', why: 'it is not kept running by us' } : daemon.ask();
}

/** Where Maui's own build puts it; a site that has it elsewhere says so in the environment, as for Maui itself. */
async function adviceForMaui(): Promise<readonly MauiAdvice[]> {
  const home = process.env['MAUIHOMEDIR'] ?? '/usr/local/maui';
  const text = await readFile(path.join(home, 'maui.cfg'), 'utf8').catch(() => null);
  return text === null ? [] : checkMauiConfig(text, userInfo().username);
}

async function isHere(server: string): Promise<boolean> {
  const addresses = (await systemNameLookup(systemClock).addressesOf(server)) ?? [];
  const own = Object.values(networkInterfaces()).flatMap((list) =>
    (list ?? []).map(({ address }) => address),
  );
  return addresses.some((address) => own.includes(address));
}
