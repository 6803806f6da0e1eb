/** The options under `control:` and of the dashboard: who may ask and change, and through what. */
import { file, orWord, text } from './config-kinds.ts';
import { option } from './config-option.ts';

const address = text(
  'address',
  /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]{1,253}):[0-9]{1,5}$/,
  'give host:port',
);

export const controlOptions = {
  'http.dashboardDir': option({
    kind: orWord(file, 'auto'),
    default: 'auto',
    what: 'The folder with the built dashboard, which is served under /. auto: the one that came with the scheduler.',
    reason: 'it is built and installed together with the scheduler',
    effect: null,
  }),
  'control.tokenFile': option({
    kind: orWord(file, 'none'),
    default: 'none',
    what: 'A file with a line "ROLE NAME TOKEN" for each who may do more than look, over TCP or in the dashboard (viewer, operator, admin). Its mode must be 0600. none: nothing can be changed but on the unix socket.',
    reason: 'whoever may open the unix socket needs none',
    effect: null,
  }),
  'control.listen': option({
    kind: orWord(address, 'none'),
    default: 'none',
    what: 'Where the control API listens besides the unix socket. It needs control.tlsCert, control.tlsKey and control.tokenFile. none: nowhere.',
    reason: 'the unix socket is enough on the head node',
    effect: null,
  }),
  'control.tlsCert': option({
    kind: orWord(file, 'none'),
    default: 'none',
    what: 'The certificate (PEM, with its chain) of control.listen.',
    reason: 'only the site has one',
    effect: null,
  }),
  'control.tlsClientCa': option({
    kind: orWord(file, 'none'),
    default: 'none',
    what: 'Authorities (PEM): who asks over control.listen has to show a certificate of one of them, besides a token. none: a token is enough.',
    reason: 'few sites have certificates for people',
    effect: null,
  }),
  'control.tlsKey': option({
    kind: orWord(file, 'none'),
    default: 'none',
    what: 'The private key (PEM) of control.tlsCert.',
    reason: 'only the site has one',
    effect: null,
  }),
  'client.api': option({
    kind: orWord(address, 'none'),
    default: 'none',
    what: "Where commands such as status and drain find the scheduler: its control.listen, as host:port. none: at control.socket. For the configuration of people's own machines.",
    reason: 'on the head node the socket is enough',
    effect: null,
  }),
  'client.tlsCa': option({
    kind: orWord(file, 'none'),
    default: 'none',
    what: 'The authorities (PEM) that a certificate at client.api may come from. none: those that Node brings along.',
    reason: 'only the site knows its authority',
    effect: null,
  }),
  'client.tlsCert': option({
    kind: orWord(file, 'none'),
    default: 'none',
    what: 'The certificate (PEM) that is shown at client.api, where control.tlsClientCa asks for one.',
    reason: 'a token is enough elsewhere',
    effect: null,
  }),
  'client.tlsKey': option({
    kind: orWord(file, 'none'),
    default: 'none',
    what: 'The private key (PEM) of client.tlsCert, mode 0600.',
    reason: 'a token is enough elsewhere',
    effect: null,
  }),
  'client.tokenFile': option({
    kind: orWord(file, 'none'),
    default: 'none',
    what: "A file with one's token for client.api, mode 0600: the last word of one's line in control.tokenFile.",
    reason: 'a secret has no place in a configuration or on a command line',
    effect: null,
  }),
} as const;
