/**
 * The program pbs_server: `[-D|-F] [-t create [-f]] [-a true|false]`. Goes into the background unless
 * told not to; ends on SIGTERM or qterm; jobs keep running meanwhile and are found again.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { messageOf } from '@mesos-torque/common/text.ts';
import type { ServerRequest } from '../shared/api.ts';
import type { Context } from '../shared/context.ts';
import { goToBackground, isBackground, reportStart } from '../shared/daemon.ts';
import { parseOptions } from '../shared/options.ts';
import { serverAddress } from '../shared/server-address.ts';
import type { Settings } from '../shared/settings.ts';
import { readSettings } from '../shared/settings.ts';
import type { Address, Listener } from '../shared/wire.ts';
import { serve } from '../shared/wire.ts';
import { dispatch } from './dispatch.ts';
import { HostListSender } from './host-list.ts';
import { beginHousekeeping } from './housekeeping.ts';
import { CycleCaller } from './scheduling.ts';
import { createDatabase, databasePath, loadDatabase, Server } from './server.ts';
import { setServer } from './manage-settings.ts';

const question = `
You have selected to start pbs_server in create mode.
If the server database exists it will be overwritten.
do you wish to continue y/(n)?`;

export async function pbsServer(context: Context): Promise<number> {
  if (context.args.includes('--about')) {
    context.out(`Package:     torque 6.1.3.h5\nServerhome:  ${context.home}\nVersion:     6.1.3.h5\n`);
    return 0;
  }
  const options = parseOptions('DFfvt:a:d:l:L:p:A:M:R:S:e', context.args);
  if (options.bad !== null) {
    context.err(`pbs_server: ${options.bad}\n`);
    return 1;
  }
  const settings = readSettings(context.home);
  const create = options.last('t') === 'create';
  if (isBackground(context.env)) return run(context, settings, create, options.last('a'), true);
  if (await isPortTaken(serverAddress(context.home, settings))) {
    context.err('pbs_server port already bound: Address already in use\n');
    return 3;
  }
  if (create && !options.has('f') && !(await confirmed(context, settings))) return 0;
  if (!create && loadDatabase(context.home) === null) {
    context.err('pbs_server: failed to get server attributes\n');
    return 1;
  }
  if (options.has('D') || options.has('F')) return run(context, settings, create, options.last('a'), false);
  const logs = path.join(context.home, 'server_logs');
  mkdirSync(logs, { recursive: true });
  return goToBackground([process.argv[1] ?? '', ...context.args], path.join(logs, 'server.log'));
}

/** End of input means no, and then the exit code is 0 with nothing started. */
async function confirmed(context: Context, settings: Settings): Promise<boolean> {
  context.out(question);
  const answer = await context.readStdin(1000);
  if (/^y/i.test(answer.trim())) return true;
  context.out(`PBS server ${settings.serverName} initialization aborted\n`);
  return false;
}

async function isPortTaken(address: Address): Promise<boolean> {
  try {
    const listener = await serve(address, () => Promise.resolve(null));
    await listener.close();
    return false;
  } catch {
    return true;
  }
}

async function run(
  context: Context,
  settings: Settings,
  create: boolean,
  scheduling: string | null,
  background: boolean,
): Promise<number> {
  try {
    const { server, ended } = await start(context.home, settings, create);
    if (scheduling !== null) setServer(server, 'root', [directive(scheduling)]);
    if (background) reportStart({ kind: 'running' });
    else context.out(`pbs_server is up (version - 6.1.3.h5, port - ${settings.serverPort})\n`);
    await ended;
    return 0;
  } catch (error) {
    if (!background) throw error;
    reportStart({ kind: 'failed', exitCode: 3, stderr: `pbs_server: ${messageOf(error)}\n` });
    return 3;
  }
}

function directive(scheduling: string) {
  return { name: 'scheduling', resource: null, op: '=', value: scheduling } as const;
}

async function start(
  home: string,
  settings: Settings,
  create: boolean,
): Promise<{ server: Server; ended: Promise<void> }> {
  const db = create ? createDatabase(home, settings.serverName) : loadDatabase(home);
  if (db === null) throw new Error(`no database at ${databasePath(home)}`);
  const server = new Server(home, settings, db);
  const hostLists = new HostListSender(server);
  const cycles = new CycleCaller(server);
  let shutDown: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => {
    shutDown = resolve;
  });
  const listener = await serve(serverAddress(home, settings), async (body, connection) => {
    const request = body as ServerRequest;
    const answer = await dispatch({ server, hostLists, cycles, shutDown }, request, connection);
    // What somebody was told is true after kill -9, too.
    await server.saved();
    return answer;
  });
  server.save();
  const lock = path.join(home, 'server_priv', 'server.lock');
  writeFileSync(lock, `${process.pid}\n`);
  hostLists.begin();
  cycles.begin();
  const endHousekeeping = beginHousekeeping(server);
  process.on('SIGTERM', shutDown);
  process.on('SIGINT', shutDown);
  const ended = asked.then(async () => {
    endHousekeeping();
    hostLists.end();
    cycles.end();
    // Answers wait for what they tell to be written.
    server.save();
    await closeAfterReplies(listener);
    server.save();
    rmSync(lock, { force: true });
  });
  return { server, ended };
}

/** The reply to qterm's request is still on its way. */
async function closeAfterReplies(listener: Listener): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  await listener.close();
}
