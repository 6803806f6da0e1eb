import { expect, test } from 'vitest';
import { accountOf, ids } from './account.ts';

const passwd = 'root:x:0:0:root:/root:/bin/sh\nalice:x:2001:2002::/home/alice:/bin/bash\n';

test('an account has the numbers and the home of its line', () => {
  expect(accountOf('alice', passwd)).toEqual({ name: 'alice', uid: 2001, gid: 2002, home: '/home/alice' });
});

test('who is not there, or is there as the beginning of another name, is unknown', () => {
  expect(accountOf('bob', passwd)).toBeNull();
  expect(accountOf('ali', passwd)).toBeNull();
});

test('without an account a child stays whose we are', () => {
  expect(ids(null)).toEqual({});
  expect(ids(accountOf('alice', passwd))).toEqual({ uid: 2001, gid: 2002 });
});
