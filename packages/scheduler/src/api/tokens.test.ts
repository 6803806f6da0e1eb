import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { anybody, bearerToken, mustBe, noTokens, readTokens, tokensOf } from './tokens.ts';

const secret = 'a-token-of-more-than-20-characters';
const file = `# who may do what\nadmin root ${secret}\n\noperator olga 0123456789abcdefghij\n`;

test('a token names its owner and role; without one a caller looks', () => {
  const tokens = tokensOf(file, 'tokens');

  expect(tokens.callerOf(secret)).toEqual({ role: 'admin', name: 'root' });
  expect(tokens.callerOf('0123456789abcdefghij')).toEqual({ role: 'operator', name: 'olga' });
  expect(tokens.callerOf(null)).toEqual(anybody);
  expect(() => tokens.callerOf('guessed')).toThrow('the token is not known');
  expect(() => tokens.mustKnow(null)).toThrow('give "Bearer TOKEN"');
  expect(() => noTokens.callerOf(secret)).toThrow('no tokens are configured');
});

test.each([
  ['king arthur 0123456789abcdefghij', 'line 1: "king" is no role'],
  ['admin root short', 'line 1: the token has 5 characters'],
  ['admin a/b 0123456789abcdefghij', '"a/b" is no name'],
  [`admin root ${secret} more`, 'more than role, name and token'],
])('a line that cannot be is named, and its token is not: %s', (line, why) => {
  const error = (() => {
    try {
      return tokensOf(line, 'tokens');
    } catch (thrown) {
      return thrown;
    }
  })() as Error;
  expect(error.message).toContain(why);
  expect(error.message).not.toContain(secret);
});

test('a file that others may read is refused', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'tokens-'));
  const name = path.join(directory, 'tokens');
  await writeFile(name, file, { mode: 0o600 });

  expect((await readTokens(name)).callerOf(secret).role).toBe('admin');
  await chmod(name, 0o640);
  await expect(readTokens(name)).rejects.toThrow('has mode 0640, so others than its owner');
  await expect(readTokens(`${name}-not-there`)).rejects.toThrow('does not exist');
  await rm(directory, { recursive: true });
});

test('a header is "Bearer TOKEN", and a role is enough for what takes less', () => {
  expect(bearerToken(undefined)).toBeNull();
  expect(bearerToken('Bearer abc')).toBe('abc');
  expect(() => bearerToken('Basic abc')).toThrow('give "Bearer TOKEN"');
  expect(() => {
    mustBe('operator', { role: 'admin', name: 'root' }, 'draining');
  }).not.toThrow();
  expect(() => {
    mustBe('operator', anybody, 'draining');
  }).toThrow('draining takes the role operator; anybody may act as viewer');
});
