/**
 * pbsdsh: runs a program on the nodes of the job that it is called in. Prints what the tasks printed
 * (the real one leaves that to the moms, into the job's output).
 */
import { readFileSync } from 'node:fs';
import type { TaskResult } from '../shared/api.ts';
import type { Context } from '../shared/context.ts';
import { readHosts, resolveHost } from '../shared/hosts.ts';
import { parseOptions } from '../shared/options.ts';
import { request } from '../shared/wire.ts';

const taskMsMax = 20 * 24 * 3_600_000;

export async function pbsdsh(context: Context): Promise<number> {
  const options = parseOptions('c:eh:n:osuv', context.args);
  const id = context.env['PBS_JOBID'];
  if (id === undefined) {
    context.err('pbsdsh: not executing under PBS\n');
    return 1;
  }
  if (options.bad !== null || options.operands.length === 0) {
    context.err('Usage: pbsdsh [-c copies][-o][-s][-u][-v] program [args]...]\n');
    context.err('       pbsdsh [-n nodenumber][-o][-s][-u][-v] program [args]...\n');
    context.err('       pbsdsh [-h hostname][-o][-v] program [args]...\n');
    return 1;
  }
  const slots = readFileSync(context.env['PBS_NODEFILE'] ?? '', 'utf8')
    .split('\n')
    .filter(Boolean);
  let vnodes = slots.map((host, vnode) => ({ host, vnode }));
  const [host, number, copies] = [options.last('h'), options.last('n'), options.last('c')];
  if (options.has('u')) vnodes = vnodes.filter((v) => slots.indexOf(v.host) === v.vnode);
  if (host !== null) vnodes = vnodes.filter((v) => v.host === host).slice(0, 1);
  if (number !== null) vnodes = vnodes.filter((v) => v.vnode === Number(number));
  if (copies !== null) vnodes = vnodes.slice(0, Number(copies));
  if (vnodes.length === 0) {
    context.err(`pbsdsh: ${host ?? number ?? ''}: not in this job\n`);
    return 1;
  }
  const run = (vnode: number): Promise<number> => runTask(context, id, vnode, options.operands);
  if (!options.has('s')) {
    return Math.max(...(await Promise.all(vnodes.map((v) => run(v.vnode)))));
  }
  let worst = 0;
  for (const { vnode } of vnodes) worst = Math.max(worst, await run(vnode));
  return worst;
}

async function runTask(
  context: Context,
  id: string,
  vnode: number,
  argv: readonly string[],
): Promise<number> {
  const mother = resolveHost(readHosts(context.home), context.env['HOSTNAME'] ?? '') ?? '127.0.0.1';
  const reply = await request<TaskResult>(
    { host: mother, port: Number(context.env['PBS_MOMPORT'] ?? 15003) },
    { op: 'spawn-task', id, vnode, argv },
    taskMsMax,
  );
  if (reply.kind !== 'ok') {
    context.err(`pbsdsh: task ${vnode}: ${reply.text}\n`);
    return 1;
  }
  context.out(Buffer.from(reply.value.stdout, 'base64'));
  context.err(Buffer.from(reply.value.stderr, 'base64'));
  return reply.value.exitStatus;
}
