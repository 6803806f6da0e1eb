/** pbsnodes: lists nodes (`-a`, `-x`, `-l`), marks them (`-o`, `-c`, `-r`) and notes things about them (`-N`). */
import type { Status } from '../shared/attribute.ts';
import type { Context } from '../shared/context.ts';
import type { Options } from '../shared/options.ts';
import { parseOptions } from '../shared/options.ts';
import { readSettings } from '../shared/settings.ts';
import { element, escapeXml } from '../shared/xml.ts';
import { ask, complainOfConnection } from './ask.ts';

const filters = [
  'active', 'all', 'busy', 'down', 'free', 'job-exclusive', 'job-sharing', 'offline', 'reserve', 'unknown', 'up',
]; // prettier-ignore

export async function pbsnodes(context: Context): Promise<number> {
  const options = parseOptions('A:acdlN:noqrs:vx', context.args);
  if (options.bad !== null) {
    context.err(`pbsnodes: ${options.bad}\n`);
    return 1;
  }
  const marks = options.has('o') || options.has('c') || options.has('r') || options.has('N');
  return marks ? markAll(context, options) : list(context, options);
}

/** Exits with 0 whatever happens to the nodes: only standard error tells. */
async function markAll(context: Context, options: Options): Promise<number> {
  const mark = options.has('o')
    ? 'offline'
    : options.has('c')
      ? 'clear'
      : options.has('r')
        ? 'reset'
        : 'none';
  const given = options.last('N');
  const note = given === 'n' ? '' : given;
  for (const name of options.operands) {
    const reply = await ask(context, { op: 'mark-node', name, mark, note });
    if (reply.kind === 'unreachable') return failToConnect(context, reply);
    if (reply.kind === 'refused') context.err(`Error setting note attribute for ${name} - ${reply.text}\n`);
  }
  return 0;
}

async function list(context: Context, options: Options): Promise<number> {
  const operands = [...options.operands];
  const filter = options.has('l') && filters.includes(operands[0] ?? '') ? operands.shift() : undefined;
  const names = operands.length === 0 ? [null] : operands;
  const nodes: Status[] = [];
  for (const name of names) {
    const reply = await ask<Status[]>(context, { op: 'stat-nodes', name });
    if (reply.kind === 'unreachable') return failToConnect(context, reply);
    if (reply.kind === 'refused') {
      context.err(`pbsnodes: ${reply.text}\n`);
      return 1;
    }
    nodes.push(...reply.value);
  }
  if (nodes.length === 0) {
    context.err('pbsnodes: No nodes found\n');
    return 2;
  }
  if (options.has('l')) context.out(nodes.map((node) => shortLine(node, filter, options.has('n'))).join(''));
  else if (options.has('x')) context.out(`${element('Data', nodes.map(nodeXml).join(''))}\n`);
  else context.out(nodes.map(nodeText).join(''));
  return 0;
}

function failToConnect(context: Context, reply: { code: number; text: string }): number {
  complainOfConnection(context, reply.code, 1);
  const { serverName } = readSettings(context.home);
  context.err(`pbsnodes: cannot connect to server ${serverName}, error=${reply.code} (${reply.text})\n`);
  return 1;
}

function nodeXml(node: Status): string {
  const content = node.attributes.map((a) => element(a.name, escapeXml(a.value))).join('');
  return element('Node', element('name', escapeXml(node.name)) + content);
}

function nodeText(node: Status): string {
  return `${node.name}\n${node.attributes.map((a) => `     ${a.name} = ${a.value}\n`).join('')}\n`;
}

function shortLine(node: Status, filter: string | undefined, withNote: boolean): string {
  const value = (name: string): string => node.attributes.find((a) => a.name === name)?.value ?? '';
  const state = value('state');
  if (!isListed(state.split(','), filter)) return '';
  const note = withNote ? value('note') : '';
  const line = `${node.name.padEnd(20)} ${note === '' ? state : `${state.padEnd(26)} ${note}`}`;
  return `${line}\n`;
}

function isListed(words: readonly string[], filter: string | undefined): boolean {
  const gone = words.includes('down') || words.includes('offline');
  switch (filter) {
    case undefined:
      return gone;
    case 'all':
      return true;
    case 'up':
      return !gone;
    case 'active':
      return words.includes('job-exclusive') || words.includes('busy');
    default:
      return words.includes(filter);
  }
}
