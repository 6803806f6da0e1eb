import { expect, test } from 'vitest';
import { parseQmgr } from './qmgr-grammar.ts';

test('verbs and objects may be abbreviated, names and values listed', () => {
  expect(parseQmgr('c nod a,b np=2,properties="x,y",note="it\'s, well"')).toEqual({
    kind: 'command',
    command: {
      verb: 'create',
      object: 'node',
      names: ['a', 'b'],
      directives: [
        { name: 'np', resource: null, op: '=', value: '2' },
        { name: 'properties', resource: null, op: '=', value: 'x,y' },
        { name: 'note', resource: null, op: '=', value: "it's, well" },
      ],
    },
  });
});

test('a server has no name; resources and operators are told apart', () => {
  expect(parseQmgr('set server resources_available.nodect = 100, managers += a@b')).toMatchObject({
    command: {
      names: [],
      directives: [
        { name: 'resources_available', resource: 'nodect', op: '=', value: '100' },
        { name: 'managers', resource: null, op: '+=', value: 'a@b' },
      ],
    },
  });
  expect(parseQmgr('unset queue batch is_transit, resources_max.nodect')).toMatchObject({
    command: {
      names: ['batch'],
      directives: [
        { name: 'is_transit', op: 'unset' },
        { name: 'resources_max', resource: 'nodect' },
      ],
    },
  });
});

test('empty lines and comments do nothing; what is not understood is said', () => {
  expect(parseQmgr('  ')).toEqual({ kind: 'nothing' });
  expect(parseQmgr('# create node x')).toEqual({ kind: 'nothing' });
  expect(parseQmgr('print nodes')).toEqual({ kind: 'error', text: 'qmgr: Illegal object type: nodes.\n' });
  expect(parseQmgr('set node a np')).toMatchObject({ kind: 'error' });
});
