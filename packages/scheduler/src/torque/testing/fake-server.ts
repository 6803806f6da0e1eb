/**
 * A pbs_server of 6.1.3 as far as its set-up is concerned: keeps what qmgr sets, prints it again, and knows
 * who may do what. Odd ways of the real one are here too: some attributes cannot be unset.
 */
import type { Argv, CommandResult } from '@mesos-torque/common/run-command.ts';
import { TorqueClient } from '../torque-client.ts';
import { exited } from './scripted-run.ts';

export interface FakeServerOptions {
  /** As `print server` prints it. */
  readonly printed: string;
  readonly rights?: 'manager' | 'operator' | 'none';
  readonly version?: string;
  /** As it names itself. */
  readonly name?: string;
  readonly hierarchyFile?: boolean;
  /** So many commands fail first, as if the server was down. */
  readonly failures?: number;
}

export interface FakeServer {
  readonly client: TorqueClient;
  readonly run: (argv: Argv) => Promise<CommandResult>;
  /** The sentences that would change something, trials of rights left out. */
  readonly sentences: readonly string[];
  printed(): string;
  /** Somebody else's qmgr. */
  change(sentence: string): void;
}

interface Kept {
  readonly server: Map<string, string[]>;
  readonly queues: Map<string, Map<string, string[]>>;
  readonly nodes: Map<string, Map<string, string>>;
}

const cannotBeUnset = ['scheduler_iteration', 'node_check_rate', 'scheduling'];

export function fakeServer(options: FakeServerOptions): FakeServer {
  const kept: Kept = { server: new Map(), queues: new Map(), nodes: new Map() };
  for (const line of options.printed.split('\n')) if (/^(?:create|set) /.test(line)) obey(kept, line);
  const sentences: string[] = [];
  let asked = 0;
  const run = ([program, ...args]: Argv): Promise<CommandResult> => {
    asked += 1;
    if (asked <= (options.failures ?? 0)) return Promise.resolve(down(program));
    if (program.endsWith('pbsnodes')) return Promise.resolve(listNodes(kept));
    return Promise.resolve(manage(kept, options, sentences, args.at(-1) ?? ''));
  };
  return {
    client: new TorqueClient({ run, binDir: null, timeoutMs: 1000 }),
    run,
    sentences,
    printed: () => print(kept),
    change: (sentence) => {
      obey(kept, sentence);
    },
  };
}

function manage(
  kept: Kept,
  options: FakeServerOptions,
  sentences: string[],
  sentence: string,
): CommandResult {
  if (sentence === 'print server') return exited(0, print(kept));
  if (sentence === 'list server')
    return exited(
      0,
      `Server ${options.name ?? 'head.torque.test'}\n\tpbs_version = ${options.version ?? '6.1.3.h5'}\n`,
    );
  const takesManager = !/ state=| scheduling=| scheduler_iteration=/.test(sentence);
  const rights = options.rights ?? 'manager';
  if (rights === 'none' || (rights === 'operator' && takesManager))
    return refused(
      `Unauthorized Request  MSG=error in permissions (${takesManager ? 'PERM_MANAGER' : 'PERM_OPorMGR'})`,
    );
  if (options.hierarchyFile === true && /^(?:create|delete) node/.test(sentence))
    return refused(
      'Nodes may not be dynamically created or deleted if there is a mom_hierarchy file. MSG=Can not delete node.',
    );
  if (sentence.includes('.invalid')) return refused('Unknown node ');
  sentences.push(sentence);
  obey(kept, sentence);
  return exited(0);
}

function obey(kept: Kept, sentence: string): void {
  const words = /^(?<verb>create|set|unset|delete) (?<object>server|queue|node) ?(?<rest>.*)$/.exec(
    sentence,
  )?.groups;
  if (words === undefined) throw new Error(`the fake server does not know: ${sentence}`);
  const { verb = '', object = '', rest = '' } = words;
  if (object === 'server') {
    change(kept.server, verb, rest);
    return;
  }
  const [name = '', ...settings] = rest.split(' ');
  if (object === 'queue') {
    if (verb === 'delete') kept.queues.delete(name);
    else {
      const queue = kept.queues.get(name) ?? new Map<string, string[]>();
      kept.queues.set(name, queue);
      if (settings.length > 0) for (const one of settings.join(' ').split(',')) change(queue, 'set', one);
    }
    return;
  }
  if (verb === 'delete') kept.nodes.delete(name);
  else {
    const node = kept.nodes.get(name) ?? new Map<string, string>();
    kept.nodes.set(name, node);
    for (const one of settings.join(' ').split(',')) {
      const [key = '', value = ''] = one.split('=');
      node.set(key, value.replaceAll('"', ''));
    }
  }
}

function change(settings: Map<string, string[]>, verb: string, text: string): void {
  if (verb === 'unset') {
    if (!cannotBeUnset.includes(text)) settings.delete(text);
    return;
  }
  const {
    name = '',
    how,
    value = '',
  } = /^(?<name>\S+?) ?(?<how>\+=|-=|=) ?(?<value>.*)$/.exec(text)?.groups ?? {};
  const words: Readonly<Record<string, string>> = { true: 'True', false: 'False', execution: 'Execution' };
  const normal = words[value] ?? value;
  const before = settings.get(name) ?? [];
  if (how === '-=')
    settings.set(
      name,
      before.filter((one) => one !== normal),
    );
  else settings.set(name, how === '+=' ? [...before, normal] : [normal]);
  if (settings.get(name)?.length === 0) settings.delete(name);
}

function print({ server, queues }: Kept): string {
  const lines = (head: string, settings: Map<string, string[]>): string[] =>
    [...settings].flatMap(([name, values]) =>
      values.map((value, i) => `set ${head} ${name} ${i === 0 ? '=' : '+='} ${value}`),
    );
  const queueLines = [...queues].flatMap(([name, settings]) => [
    `create queue ${name}`,
    ...lines(`queue ${name}`, settings),
  ]);
  return `${['#', ...queueLines, ...lines('server', server)].join('\n')}\n`;
}

function listNodes({ nodes }: Kept): CommandResult {
  if (nodes.size === 0) return exited(2, '', 'pbsnodes: No nodes found\n');
  const shown = [...nodes].map(([name, settings]) => {
    const elements = [...settings].map(([key, value]) => `<${key}>${value}</${key}>`);
    return `<Node><name>${name}</name><state>down</state>${settings.has('np') ? '' : '<np>1</np>'}${elements.join('')}</Node>`;
  });
  return exited(0, `<Data>${shown.join('')}</Data>\n`);
}

function refused(words: string): CommandResult {
  return exited(2, '', `qmgr obj= svr=default: ${words}\n`);
}

function down(program: string): CommandResult {
  const words = 'cannot connect to server head.torque.test, error=111 (Connection refused)';
  return exited(program.endsWith('qmgr') ? 3 : 1, '', `${program}: ${words}\n`);
}
