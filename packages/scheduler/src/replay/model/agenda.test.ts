import { expect, test } from 'vitest';
import { Agenda } from './agenda.ts';

test('what is due first happens first, and of equals what was noted first', () => {
  const agenda = new Agenda();
  const happened: string[] = [];
  const times = [5, 3, 9, 3, 1, 7, 3, 0, 8];
  times.forEach((atMs, index) => {
    agenda.at(atMs, () => happened.push(`${atMs}/${index}`));
  });

  while (agenda.nextMs !== null) agenda.take()?.();

  expect(happened).toEqual(['0/7', '1/4', '3/1', '3/3', '3/6', '5/0', '7/5', '8/8', '9/2']);
  expect(agenda.take()).toBeNull();
});
