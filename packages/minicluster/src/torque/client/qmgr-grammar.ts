/** qmgr's commands: `create node a,b np=2,properties="x,y"`. Verbs and objects may be abbreviated. */
import type { Directive } from '../shared/attribute.ts';
import type { ManagedObject } from '../shared/api.ts';

export type Verb =
  'active' | 'create' | 'delete' | 'exit' | 'help' | 'list' | 'print' | 'quit' | 'set' | 'unset';

export interface QmgrCommand {
  readonly verb: Verb;
  readonly object: ManagedObject;
  /** Empty when none was named. */
  readonly names: readonly string[];
  readonly directives: readonly Directive[];
}

export type Parsed =
  | { readonly kind: 'command'; readonly command: QmgrCommand }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'quit' }
  | { readonly kind: 'error'; readonly text: string };

const verbs: readonly Verb[] = [
  'active', 'create', 'delete', 'exit', 'help', 'list', 'print', 'quit', 'set', 'unset',
]; // prettier-ignore
const objects: readonly ManagedObject[] = ['server', 'queue', 'node'];

export function parseQmgr(line: string): Parsed {
  const text = line.trim();
  if (text === '' || text.startsWith('#')) return { kind: 'nothing' };
  const [word = '', rest] = cut(text);
  const verb = verbs.find((v) => v.startsWith(word.toLowerCase()));
  if (verb === undefined) {
    return {
      kind: 'error',
      text: `qmgr: Illegal operation: ${word}\nTry 'help' if you are having trouble.\n`,
    };
  }
  if (verb === 'quit' || verb === 'exit') return { kind: 'quit' };
  if (verb === 'help') return { kind: 'nothing' };
  const [objectWord = '', afterObject] = cut(rest);
  const object = objects.find((o) => o.startsWith(objectWord.toLowerCase()) && objectWord !== '');
  if (object === undefined) {
    return { kind: 'error', text: `qmgr: Illegal object type: ${objectWord}.\n` };
  }
  const { names, attributes } = takeNames(object, verb, afterObject);
  const directives = parseDirectives(attributes, verb === 'unset');
  if (directives === null) return { kind: 'error', text: `qmgr: Syntax error\n${text}\n^\n` };
  return { kind: 'command', command: { verb, object, names, directives } };
}

function cut(text: string): [string | undefined, string] {
  const match = /^(\S+)\s*([\s\S]*)$/.exec(text);
  return [match?.[1], match?.[2] ?? ''];
}

/** `set server X=1` names nobody; other objects are named by the first word. */
function takeNames(object: ManagedObject, verb: Verb, text: string): { names: string[]; attributes: string } {
  const [first = '', rest] = cut(text);
  const isName = object !== 'server' || (first !== '' && (verb === 'list' || verb === 'print'));
  if (!isName || first === '' || /[=]/.test(first)) return { names: [], attributes: text };
  return { names: first.split(',').filter(Boolean), attributes: rest };
}

/** Null where there is no operator or no value. */
function parseDirectives(text: string, unset: boolean): Directive[] | null {
  const directives: Directive[] = [];
  let rest = text.trim();
  while (rest !== '') {
    const match = unset
      ? /^([\w.]+)()()\s*(?:,\s*|$)/.exec(rest)
      : /^([\w.]+)\s*(\+=|-=|=)\s*((?:"[^"]*"|'[^']*'|[^,"'])*)(?:,\s*|$)/.exec(rest);
    if (match === null) return null;
    const [whole, path = '', op = '', value = ''] = match;
    const [name = '', resource] = path.split(/\.(.*)/);
    directives.push({
      name,
      resource: resource ?? null,
      op: unset ? 'unset' : (op as Directive['op']),
      value: value.trim().replace(/^(["'])(.*)\1$/s, '$2'),
    });
    rest = rest.slice(whole.length);
  }
  return directives;
}
