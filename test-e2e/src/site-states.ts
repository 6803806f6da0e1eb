/** What the site's programs say of themselves at a moment, as files for people who look for the cause of a failure. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Argv } from '@mesos-torque/common/run-command.ts';
import { explain } from '@mesos-torque/minicluster/command.ts';
import { messageOf } from '@mesos-torque/common/text.ts';
import type { Site } from './site.ts';

const commands: readonly Argv[] = [['qstat', '-f', '-t'], ['pbsnodes'], ['qmgr', '-c', 'print server']];

/** `qstat-f-t.txt`, `pbsnodes.txt`, `state-1.json`, `processes.txt` … in `folder`. */
export async function writeStates(site: Site, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const keep = (name: string, text: string): Promise<void> => writeFile(path.join(folder, name), text);
  for (const argv of commands) {
    const result = await site.head.run(argv);
    const text = result.kind === 'exit' ? result.stdout.toString('utf8') : '';
    await keep(
      `${argv.join('-').replaceAll(/[^A-Za-z0-9-]/g, '')}.txt`,
      text === '' ? explain(result) : text,
    );
  }
  for (const [index, { url }] of site.masters.entries()) {
    const state = await fetch(`${url}/state`).then((answer) => answer.text(), messageOf);
    await keep(`state-${String(index + 1)}.json`, state);
  }
  const lines: string[] = [];
  for (const machine of site.machines)
    for (const { pid, user, command } of await machine.processes())
      lines.push(`${machine.name} ${String(pid)} ${user} ${command}`);
  await keep('processes.txt', `${lines.join('\n')}\n`);
}
