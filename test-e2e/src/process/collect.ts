/** Everything that tells what happened, into one folder. */
import { cp, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { explain } from '@mesos-torque/minicluster/command.ts';
import type { Argv } from '@mesos-torque/common/run-command.ts';
import type { Site } from '../site.ts';

export interface Places {
  readonly dir: string;
  readonly logDir: string;
  readonly storyDir: string;
}

const commands: readonly Argv[] = [['qstat', '-f', '-t'], ['pbsnodes'], ['qmgr', '-c', 'print server']];

export async function collect(site: Site, places: Places, folder: string): Promise<void> {
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
    const state = await fetch(`${url}/state`).then((answer) => answer.text(), String);
    await keep(`state-${String(index + 1)}.json`, state);
  }
  const processes = await Promise.all(site.machines.map((machine) => machine.processes()));
  const lines = site.machines.flatMap(({ name }, index) =>
    (processes[index] ?? []).map(({ pid, command }) => `${name} ${String(pid)} ${command}`),
  );
  await keep('processes.txt', `${lines.join('\n')}\n`);
  // Sockets are no files; what is gone meanwhile is not missed.
  const isFile = (file: string): boolean => !file.endsWith('.sock');
  await cp(places.logDir, path.join(folder, 'log'), { recursive: true, filter: isFile });
  await cp(places.storyDir, path.join(folder, 'story'), { recursive: true, filter: isFile }).catch(
    () => undefined,
  );
  const spool = path.join(places.dir, 'torque', 'home');
  await cp(spool, path.join(folder, 'torque-home'), { recursive: true }).catch(() => undefined);
}
