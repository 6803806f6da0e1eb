/** How the commands reach pbs_server, and how each says that it cannot. */
import path from 'node:path';
import type { ServerRequest } from '../shared/api.ts';
import type { Context } from '../shared/context.ts';
import { livingPid } from '../shared/pid-file.ts';
import { serverAddress } from '../shared/server-address.ts';
import { readSettings } from '../shared/settings.ts';
import type { Reply } from '../shared/wire.ts';
import { request } from '../shared/wire.ts';

/** Deleting a busy node takes minutes; nothing else takes long. */
const answerMsMax = 600_000;
const noTrqauthd = 15137;

export type Asked = ServerRequest extends infer R
  ? R extends { user: string }
    ? Omit<R, 'user'>
    : never
  : never;

/** Never rejects for want of a server; without trqauthd nobody gets as far as asking. */
export async function ask<T>(context: Context, body: Asked): Promise<Reply<T>> {
  const settings = readSettings(context.home);
  if (settings.trqauthd === 'needed' && livingPid(trqauthdPidFile(context.home)) === null) {
    return { kind: 'unreachable', code: noTrqauthd, text: 'could not connect to trqauthd' };
  }
  return request<T>(serverAddress(context.home, settings), { ...body, user: context.user }, answerMsMax);
}

export function trqauthdPidFile(home: string): string {
  return path.join(home, 'trqauthd.pid');
}

/** What the client library says by itself, `attempts` times, before the command says that it cannot connect. */
export function complainOfConnection(context: Context, code: number, attempts: number): void {
  const settings = readSettings(context.home);
  const address = serverAddress(context.home, settings);
  const text =
    code === noTrqauthd
      ? `socket_connect_unix failed: ${noTrqauthd}\n`
      : `\nUnable to communicate with ${settings.serverName}(${address.host})\nCannot connect to specified server host '${settings.serverName}'.\n`;
  context.err(text.repeat(attempts));
}

/** The server's name as qstat, qsub and qdel print it when they cannot connect. */
export function serverInComplaint(context: Context, code: number): string {
  return code === noTrqauthd ? '(null)' : readSettings(context.home).serverName;
}

/** "qdel: cannot connect to server head.torque.test (errno=111) Connection refused", and the exit code. */
export function failToConnect(context: Context, reply: { code: number; text: string }): number {
  complainOfConnection(context, reply.code, 1);
  const server = serverInComplaint(context, reply.code);
  context.err(`${context.program}: cannot connect to server ${server} (errno=${reply.code}) ${reply.text}\n`);
  return exitCodeOf(reply.code);
}

/** A process can only say the last eight bits of an error's number. */
export function exitCodeOf(code: number): number {
  return code & 255;
}
