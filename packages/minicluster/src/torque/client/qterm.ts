import type { Context } from '../shared/context.ts';
import { parseOptions } from '../shared/options.ts';
import { ask, complainOfConnection } from './ask.ts';

/** `qterm [-t quick]`: ends pbs_server; jobs keep running. */
export async function qterm(context: Context): Promise<number> {
  const options = parseOptions('t:', context.args);
  if (options.bad !== null || (options.last('t') ?? 'quick') !== 'quick') {
    context.err('Usage: qterm [-t quick] [server ...]\n');
    return 1;
  }
  const reply = await ask(context, { op: 'shutdown' });
  switch (reply.kind) {
    case 'ok':
      return 0;
    case 'refused':
      context.err(`qterm: ${reply.text}\n`);
      return 2;
    case 'unreachable':
      complainOfConnection(context, reply.code, 1);
      context.err(`qterm: could not connect to server '' (${reply.code}) ${reply.text}\n`);
      return 2;
  }
}
