/** Where pbs_server keeps its files: fixed when it was built, and said by `pbs_server --about` (6.1.3: "Serverhome:"). */
import type { RunCommand } from '@mesos-torque/common/run-command.ts';
import type { Outcome } from '../../loop/ports.ts';
import { failed } from '../torque-commands.ts';
import { programIn } from './torque-daemons.ts';
import { wordsIn } from './words.ts';

const options = { timeoutMs: 10_000, outputBytesMax: 65_536 };

export async function askServerHome(run: RunCommand, sbinDir: string | null): Promise<Outcome<string>> {
  const result = await run([programIn(sbinDir, 'pbs_server'), '--about'], options);
  const said = result.kind === 'exit' ? result.stdout.toString('utf8') : '';
  const home = /^Serverhome:\s+(?<home>\/\S{1,400}?)\/?$/im.exec(said)?.groups?.['home'];
  if (home !== undefined) return { ok: true, value: home };
  return failed('not-found', `pbs_server --about does not tell its home: ${wordsIn(result)}`);
}
