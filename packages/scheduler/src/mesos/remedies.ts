/** What to do when Mesos will have no more of us. Texts as Mesos 1.12 words them. */

export interface Fatal {
  readonly kind: 'fatal';
  readonly why: string;
  readonly remedy: string;
}

const remedies: readonly { readonly text: RegExp; readonly why?: string; readonly remedy: string }[] = [
  {
    text: /^Framework failed over/,
    why: 'another scheduler took over this framework id',
    remedy:
      'run one scheduler per framework id: stop this one or the other, or give one of them a state directory of its own',
  },
  {
    text: /^Framework has been removed/,
    remedy:
      'the framework was torn down, or its scheduler was away for longer than the failover time-out, and its tasks are gone: start again with an empty state directory, which registers a new framework; the nodes of the old one are still in TORQUE then, and "repair --dry-run" names each with the commands that remove it',
  },
  {
    text: /principal/i,
    remedy:
      'a framework keeps its principal: configure the one it was registered with, or start with an empty state directory',
  },
  {
    text: /^Not authorized/,
    remedy:
      "allow this principal to register frameworks with this role (the master's ACL register_frameworks), or configure another role",
  },
  { text: /\brole/i, remedy: 'configure a role that Mesos takes' },
  { text: /failover_timeout/, remedy: 'configure a shorter failover time-out' },
];

const otherwise = 'look at the log of the master, and start again once what it complains about is settled';

/** The meaning of an ERROR event: Mesos sends one to have the scheduler stop. */
export function fatalOfError(message: string): Fatal {
  const known = remedies.find(({ text }) => text.test(message));
  const why = known?.why === undefined ? message : `${known.why} (${message})`;
  return {
    kind: 'fatal',
    why: `Mesos ended the subscription: ${why === '' ? 'no reason given' : why}`,
    remedy: known?.remedy ?? otherwise,
  };
}

/** The meaning of a SUBSCRIBE that was answered with a status of refusal. */
export function fatalOfRefusal(server: string, status: number, said: string): Fatal {
  const why = `subscribing at ${server}: answered ${status}${said === '' ? '' : ` ${said}`}`;
  return { kind: 'fatal', why, remedy: refusalRemedy(status, said) };
}

function refusalRemedy(status: number, said: string): string {
  switch (status) {
    case 401:
      return 'configure the principal and secret that the master knows; it answers the same to a missing, unknown or wrong one';
    case 403:
      return "allow this principal in the master's ACLs";
    case 405:
    case 406:
    case 415:
      return 'check that the address is that of a Mesos master, 1.0 or later';
    default:
      return remedies.find(({ text }) => text.test(said))?.remedy ?? otherwise;
  }
}

/** Framework ids with a dot cannot be told from the task id behind them in a node's `requestid`. */
export function fatalOfDottedId(frameworkId: string): Fatal {
  return {
    kind: 'fatal',
    why: `framework id ${frameworkId} has a dot in it, which the marks of our nodes cannot hold`,
    remedy:
      'start with an empty state directory; Mesos itself makes ids without a dot, out of the id of the master',
  };
}
