import { expect, test } from 'vitest';
import { madeOnce } from './made-once.ts';

test('what is told to many is made for the first of them, and anew for the next thing', () => {
  let makings = 0;
  const words = madeOnce(({ event }: { readonly event: string }) => {
    makings += 1;
    return event.toUpperCase();
  });
  const [first, second] = [{ event: 'a' }, { event: 'b' }];

  expect([first, first, first, second, second].map(words)).toEqual(['A', 'A', 'A', 'B', 'B']);
  expect(makings).toBe(2);
});
