/** An account of this machine by its name, wherever the names are kept (files, LDAP): `id` knows. */
import type { RunCommand } from '@mesos-torque/common/run-command.ts';
import { quote } from '@mesos-torque/common/text.ts';
import type { Outcome } from '../../loop/ports.ts';
import { failed } from '../torque-commands.ts';

export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

const idTimeMsMax = 10_000;
const outputBytesMax = 4096;

export async function findAccount(run: RunCommand, name: string): Promise<Outcome<Account>> {
  if (!/^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/.test(name))
    return failed('refused', `${quote(name)} is no user name`);
  const uid = await numberFrom(run, name, '-u');
  if (!uid.ok) return uid;
  const gid = await numberFrom(run, name, '-g');
  if (!gid.ok) return gid;
  return { ok: true, value: { name, uid: uid.value, gid: gid.value } };
}

async function numberFrom(run: RunCommand, name: string, flag: '-u' | '-g'): Promise<Outcome<number>> {
  const result = await run(['id', flag, name], { timeoutMs: idTimeMsMax, outputBytesMax });
  if (result.kind !== 'exit') return failed('unreachable', `id ${flag} ${name}: ${result.kind}`);
  const printed = result.stdout.toString('utf8').trim();
  if (result.code === 0 && /^[0-9]{1,10}$/.test(printed)) return { ok: true, value: Number(printed) };
  const said = result.stderr.toString('utf8').trim();
  return failed('not-found', `id ${flag} ${name} exited ${result.code}: ${said === '' ? printed : said}`);
}
