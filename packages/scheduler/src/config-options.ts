/** Every option there is, by its key. `mesos-torque config --print` shows this table. */
import { anyText, choice, duration, file, host, list, orWord, text, whole, yesOrNo } from './config-kinds.ts';
import { controlOptions } from './config-control-options.ts';
import { haOptions } from './config-ha-options.ts';
import { jobOptions } from './config-job-options.ts';
import { option, type Option } from './config-option.ts';
import { policyOptions } from './config-policy-options.ts';
import { serverOptions } from './config-server-options.ts';
import { executorOptions, torqueOptions } from './config-torque-options.ts';

const minute = 60_000;
const week = 7 * 24 * 60 * minute;

const url = text(
  'URL',
  /^https?:\/\/(?![^/@]*:[^/@]*@)[^\p{Cc}\s]{1,2000}$/u,
  'give a URL that begins with http:// or https://, without a secret in it',
);

const mesosOptions = {
  'mesos.master': option({
    kind: list(
      text(
        'address',
        /^(?:(?:https?|zk):\/\/)?(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]{1,253})(?::[0-9]{1,5})?(?:\/[A-Za-z0-9._/-]{0,200})?$/,
        'give host:port, several separated by commas, each perhaps with http:// or https:// before it; or zk://host:port,host:port/path',
      ),
      ',',
      1,
    ),
    default: null,
    what: 'The Mesos master, several of which one leads, or the ZooKeeper that knows the leader (zk://host:port,…/path).',
    reason: 'only the site knows where its master is',
    effect: null,
  }),
  'mesos.role': option({
    kind: text(
      'role',
      /^(?=.{1,255}$)(?!-|\.{1,2}(?:\/|$))[^\s/*\p{Cc}]+(?:\/(?!-|\.{1,2}(?:\/|$))[^\s/*\p{Cc}]+)*$/u,
      'give a role without blanks and asterisks; one below another is written hpc/torque',
    ),
    default: 'torque',
    what: 'The role whose resources we take.',
    reason: 'a role of its own lets quotas and weights speak of TORQUE',
    effect: null,
  }),
  'mesos.user': option({
    kind: text('user', /^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/, 'give the name of a user that the agents have'),
    default: 'root',
    what: 'The user as whom agents run the executor. Mesos never lets it change for a framework id.',
    reason: 'a real pbs_mom starts as root alone',
    effect: null,
  }),
  'mesos.principal': option({
    kind: orWord(anyText('principal'), 'none'),
    default: 'none',
    what: 'The principal that the framework registers with. Mesos never lets it change for a framework id.',
    reason: 'needed only where the master asks for authentication',
    effect: null,
  }),
  'mesos.secretFile': option({
    kind: orWord(file, 'none'),
    default: 'none',
    what: "A file with the principal's secret, readable by us alone (mode 0600).",
    reason: 'a secret has no place in a configuration or on a command line',
    effect: null,
  }),
  'mesos.tls': option({
    kind: orWord(yesOrNo, 'auto'),
    default: 'auto',
    what: 'Whether masters are spoken to over TLS whose address does not say it with http:// or https://, and those that ZooKeeper tells. auto: where mesos.tlsCa or mesos.tlsCert is given.',
    reason: "ZooKeeper does not tell, and Mesos' own default is no TLS",
    effect: null,
  }),
  'mesos.tlsCa': option({
    kind: orWord(file, 'none'),
    default: 'none',
    what: 'The certificates (PEM) of the authorities that the certificate of a master may come from. none: those that Node brings along.',
    reason: 'a site with an authority of its own knows where it is',
    effect: null,
  }),
  'mesos.tlsCert': option({
    kind: orWord(file, 'none'),
    default: 'none',
    what: 'Our certificate (PEM, with its chain) for masters that ask for one.',
    reason: 'most masters ask for none',
    effect: null,
  }),
  'mesos.tlsKey': option({
    kind: orWord(file, 'none'),
    default: 'none',
    what: 'The private key (PEM) of mesos.tlsCert, readable by us alone (mode 0600).',
    reason: 'a key has no place in a configuration',
    effect: null,
  }),
  'mesos.zookeeperSecretFile': option({
    kind: orWord(file, 'none'),
    default: 'none',
    what: 'A file with the line "user:secret" that is shown to the ZooKeeper of mesos.master (scheme digest), readable by us alone (mode 0600).',
    reason: 'needed only where reading the znodes of the masters is restricted',
    effect: null,
  }),
  'mesos.agentSecretFile': option({
    kind: orWord(file, 'none'),
    default: 'none',
    what: 'A file with one line "principal:secret" that agents are shown when a node\'s log is looked at, readable by us alone (mode 0600).',
    reason:
      'needed only where agents run with --authenticate_http_readonly; our own secret is for masters alone',
    effect: null,
  }),
  'mesos.otherRegions': option({
    kind: yesOrNo,
    default: 'false',
    what: 'Whether agents in other regions than the masters may be used (the capability REGION_AWARE). Their region and zone are attributes for policy.constraints and policy.propertyAttributes.',
    reason: 'MPI across regions is slow; who wants it says where, too',
    effect: null,
  }),
  'mesos.tellWishes': option({
    kind: yesOrNo,
    default: 'true',
    what: 'Whether the master is told which offers are of no use to us: less than policy.minComputeNode, or against policy.constraints as far as it can compare them. Agents that are not offered are then not seen either, when somebody asks why they are not used.',
    reason: 'what we would decline anyway goes to other frameworks at once',
    effect: null,
  }),
  'mesos.keepToFairShare': option({
    kind: yesOrNo,
    default: 'false',
    what: "Whether we never hold more than our role's fair share of the cluster, by the weights of the roles that have frameworks (the master's GET_ROLES and GET_AGENTS, read once a minute; its ACLs have to let our principal view roles and agents).",
    reason: 'Mesos itself divides what several want, and lets one use what nobody else does',
    effect: null,
  }),
  'mesos.frameworkName': option({
    kind: anyText('name'),
    default: 'torque',
    what: "The framework's name in Mesos' pages.",
    reason: 'says what it is',
    effect: null,
  }),
  'mesos.failoverTimeout': option({
    kind: duration(minute, 52 * week),
    default: '1w',
    what: 'How long Mesos keeps our nodes running while we are away.',
    reason: "what other frameworks use; Mesos' own default of 0 ends every node at once",
    effect: {
      tooSmall: 'a restart or an upgrade that takes longer ends all jobs',
      tooLarge: 'nodes of a framework that never comes back stay',
    },
  }),
  'mesos.webuiUrl': option({
    kind: orWord(url, 'none'),
    default: 'none',
    what: "Where Mesos' pages shall link to.",
    reason: 'only the site knows under which address people reach us',
    effect: null,
  }),
  'mesos.encoding': option({
    kind: choice(['protobuf', 'json']),
    default: 'protobuf',
    what: 'How we speak with the master.',
    reason: 'less than half the size; json is for debugging',
    effect: null,
  }),
} as const;

const ownOptions = {
  stateDir: option({
    kind: file,
    default: '/var/lib/mesos-torque',
    what: 'Where the framework id and the intents are kept. Losing it costs a look around, no job.',
    reason: 'where programs keep what must live through a restart of the machine',
    effect: null,
  }),
  'http.host': option({
    kind: text('address', /^[A-Za-z0-9.:-]{1,253}$/, 'give an address or host name to listen on'),
    default: '0.0.0.0',
    what: 'The address on which agents fetch the executor.',
    reason: 'agents are other machines',
    effect: null,
  }),
  'http.port': option({
    kind: whole('port', 0, 65_535),
    default: '8470',
    what: 'The port on which agents fetch the executor. 0: any that is free.',
    reason: 'a fixed port can be let through a firewall',
    effect: null,
  }),
  'http.advertise': option({
    kind: orWord(host, 'auto'),
    default: 'auto',
    what: 'The name under which agents reach us. auto: the name of the host that we run on.',
    reason: 'right wherever host names resolve',
    effect: null,
  }),
  'control.socket': option({
    kind: orWord(text('path', /^[^\p{Cc}]{1,103}$/u, 'give a path of up to 103 characters'), 'auto'),
    default: 'auto',
    what: 'The unix socket on which the command line asks us. auto: control.sock in stateDir.',
    reason: 'whoever may open the state may ask',
    effect: null,
  }),
  'log.level': option({
    kind: choice(['debug', 'info', 'warn', 'error']),
    default: 'info',
    what: 'The least important lines that are logged.',
    reason: 'a line for each event, none for each look',
    effect: null,
  }),
} as const;

export const options = {
  ...mesosOptions,
  ...torqueOptions,
  ...serverOptions,
  ...executorOptions,
  ...jobOptions,
  ...policyOptions,
  ...haOptions,
  ...controlOptions,
  ...ownOptions,
} as const;

export type OptionKey = keyof typeof options;

/** What each option holds once read. */
export type Values = {
  readonly [K in OptionKey]: (typeof options)[K] extends Option<infer T> ? T : never;
};

export const optionKeys = Object.keys(options) as readonly OptionKey[];

/** `policy.idleTime` → `MESOS_TORQUE_POLICY_IDLE_TIME`. */
export function environmentName(key: OptionKey): string {
  const words = key.replace(/([a-z])([A-Z])/g, '$1_$2').replaceAll('.', '_');
  return `MESOS_TORQUE_${words.toUpperCase()}`;
}
