import { expect, test } from 'vitest';
import { laidOver } from './scheduler.ts';

test('a story’s options are laid over the site’s, option by option', () => {
  const own = { mesos: { master: 'zk://z', user: 'root' }, http: { port: 1 } };
  expect(laidOver(own, { mesos: { user: 'carol' }, policy: { idleTime: '2s' } })).toEqual({
    mesos: { master: 'zk://z', user: 'carol' },
    http: { port: 1 },
    policy: { idleTime: '2s' },
  });
});
