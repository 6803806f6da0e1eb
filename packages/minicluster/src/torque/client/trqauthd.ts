/**
 * trqauthd: the real one vouches for users. Here it only has to run, so that its absence can be had;
 * setting `trqauthd: 'not-needed'` does without.
 */
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Context } from '../shared/context.ts';
import { goToBackground, isBackground, reportStart } from '../shared/daemon.ts';
import { livingPid } from '../shared/pid-file.ts';
import { readSettings } from '../shared/settings.ts';
import { trqauthdPidFile } from './ask.ts';

export async function trqauthd(context: Context): Promise<number> {
  const pidFile = trqauthdPidFile(context.home);
  if (context.user !== 'root') {
    context.out('This program must be run as root!!!\n');
    context.err('Must be run as root\n');
    return 156;
  }
  const { serverName, serverPort } = readSettings(context.home);
  const foreground = context.args.includes('-D');
  if (foreground || isBackground(context.env)) return stay(pidFile, !foreground);
  context.out(`hostname: ${serverName}\n`);
  if (livingPid(pidFile) !== null) {
    context.err(
      'trqauthd unix domain file /tmp/trqauthd-unix already bound.\n trqauthd may already be running \n',
    );
    return 252;
  }
  context.out(`hostname: ${serverName}\n`);
  context.err(`Active server name: ${serverName}  pbs_server port is: ${serverPort}\n`);
  context.err('trqauthd daemonized - port /tmp/trqauthd-unix\n');
  return goToBackground([process.argv[1] ?? '', ...context.args], path.join(context.home, 'trqauthd.log'));
}

async function stay(pidFile: string, background: boolean): Promise<number> {
  writeFileSync(pidFile, `${process.pid}\n`);
  if (background) reportStart({ kind: 'running' });
  const timer = setInterval(() => undefined, 3_600_000);
  await new Promise<void>((resolve) => {
    process.on('SIGTERM', resolve);
    process.on('SIGINT', resolve);
  });
  clearInterval(timer);
  rmSync(pidFile, { force: true });
  return 0;
}
