import type { Status } from '../shared/attribute.ts';
import type { Context } from '../shared/context.ts';
import { parseOptions } from '../shared/options.ts';
import { ask, exitCodeOf, failToConnect } from './ask.ts';

/** `qselect [-s states] [-u user] [-q queue] [-N name]`: ids, one per line; arrays by their elements. */
export async function qselect(context: Context): Promise<number> {
  const options = parseOptions('a:A:c:h:l:N:p:q:r:s:u:', context.args);
  if (options.bad !== null) {
    context.err(`qselect: ${options.bad}\n`);
    return 2;
  }
  const reply = await ask<Status[]>(context, { op: 'stat-jobs', id: null, expandArrays: true });
  if (reply.kind === 'unreachable') return failToConnect(context, reply);
  if (reply.kind === 'refused') {
    context.err(`qselect: ${reply.text}\n`);
    return exitCodeOf(reply.code);
  }
  const states = options.last('s');
  const wanted: (readonly [string, string | null])[] = [
    ['queue', options.last('q')],
    ['euser', options.last('u')],
    ['Job_Name', options.last('N')],
  ];
  for (const job of reply.value) {
    const value = (name: string): string => job.attributes.find((a) => a.name === name)?.value ?? '';
    const right = wanted.every(([name, text]) => text === null || value(name) === text);
    const stateFits = states === null ? value('job_state') !== 'C' : states.includes(value('job_state'));
    if (right && stateFits) context.out(`${job.name}\n`);
  }
  return 0;
}
