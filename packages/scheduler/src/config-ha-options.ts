/** The options under `ha:`: several schedulers, of which one leads. */
import { duration, file, orWord, text } from './config-kinds.ts';
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
  'ha.zookeeperSecretFile': option({
    kind: orWord(file, 'none'),
    default: 'none',
    what: 'A file with the line "user:secret" that is shown to the ZooKeeper of ha.zookeeper (scheme digest), readable by us alone (mode 0600). What we keep there can then be changed by those alone who know it. none: everybody who reaches ZooKeeper can.',
    reason: 'needed where others than the schedulers reach ZooKeeper',
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
