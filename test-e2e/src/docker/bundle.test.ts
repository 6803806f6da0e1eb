import { expect, test } from 'vitest';
import { withPlace } from './bundle.ts';

test('a source that asks where it is gets its place on the machine', () => {
  const source = 'const a = new URL("./x", import.meta.url); const b = import.meta.dirname;';
  expect(withPlace(source, '/srv/program/src/a.ts')).toBe(
    'const a = new URL("./x", "file:///srv/program/src/a.ts"); const b = "/srv/program/src";',
  );
});
