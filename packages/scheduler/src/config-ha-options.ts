/** The options under `ha:`: several schedulers, of which one leads. */
import { duration, orWord, text } from './config-kinds.ts';
import { option } from './config-option.ts';

export const haOptions = {
  'ha.zookeeper': option({
    kind: orWord(
      text(
        'address',
        /^zk:\/\/[A-Za-z0-9._:,[\]-]{1,2000}(?:\/[A-Za-z0-9._-]{1,100}){1,20}$/,
        'give zk://host:port,host:port/path, with a path of its own for this framework',
      ),
      'none',
    ),
    default: 'none',
    what: 'The ZooKeeper in which several schedulers choose one that leads, and in which its state is kept.',
    reason: 'one scheduler alone needs none: its state is in stateDir',
    effect: null,
  }),
  'ha.sessionTimeout': option({
    kind: duration(2000, 300_000),
    default: '10s',
    what: 'How long ZooKeeper waits for a sign of life before another scheduler may lead.',
    reason: 'a leader that died is replaced within it and a second more; Mesos itself takes as long',
    effect: {
      tooSmall: 'short faults of the network change the leader',
      tooLarge: 'nothing is decided for so long after the leader has died; jobs go on',
    },
  }),
};
