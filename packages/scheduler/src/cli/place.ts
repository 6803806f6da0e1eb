/** Where the scheduler is asked: at its unix socket, or over TLS with a token. */
import { credentials, Metadata, type ChannelCredentials } from '@grpc/grpc-js';
import { readSecretFile } from '@mesos-torque/common/secret-file.ts';
import { trustProblem, type TlsTrust } from '@mesos-torque/common/tls-trust.ts';
import type { Command } from 'commander';
import { readPlace, type PlaceConfig } from '../config.ts';
import { sourcesOf, withConfigFlags, type ConfigFlags } from './config-flags.ts';
import { readText, type Input } from './read-file.ts';
import type { Terminal } from './terminal.ts';

export interface PlaceFlags extends ConfigFlags {
  readonly socket?: string;
  readonly api?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly tokenFile?: string;
}

export interface Place {
  /** For people: a path, or host:port. */
  readonly name: string;
  /** For gRPC. */
  readonly address: string;
  readonly credentials: ChannelCredentials;
  readonly way: 'socket' | 'tls';
  /** The file that the token came from; null where none is sent. */
  readonly tokenFile: string | null;
}

const certificateBytesMax = 1024 * 1024;

export function withPlaceFlags(command: Command): Command {
  return withConfigFlags(command)
    .option('--socket <path>', 'where the scheduler answers; left out, the configuration says')
    .option('--api <host:port>', 'ask over TLS instead (control.listen there)')
    .option('--ca <file>', 'with --api: the authorities that are believed (PEM); left out, the usual ones')
    .option('--cert <file>', 'with --api: our own certificate (PEM), where the scheduler asks for one')
    .option('--key <file>', 'with --api: its key (PEM), readable by you alone')
    .option('--token-file <file>', 'with --api: a file with the token, readable by you alone');
}

/** As the flags say, and where they do not, the configuration. */
export async function placeOf(flags: PlaceFlags, terminal: Terminal): Promise<Input<Place>> {
  if (flags.socket !== undefined && flags.api !== undefined) {
    return wrong('--socket and --api: give one of them');
  }
  if (flags.socket !== undefined) return { ok: true, value: socketAt(flags.socket) };
  const sources = await sourcesOf(flags, terminal);
  if (!sources.ok) return sources;
  const configured = readPlace(sources.value);
  if (!configured.ok) return wrong(configured.errors.join('; '));
  const { socket, client } = configured.value;
  const api = flags.api ?? client.api;
  return api === null ? alone(flags, socket) : overTls(api, merged(flags, client));
}

/** Flags for TLS mean nothing on the socket; who gave them meant something else. */
function alone(flags: PlaceFlags, socket: string): Input<Place> {
  const given = (['ca', 'cert', 'key', 'tokenFile'] as const).find((flag) => flags[flag] !== undefined);
  if (given === undefined) return { ok: true, value: socketAt(socket) };
  const flag = given === 'tokenFile' ? 'token-file' : given;
  return wrong(`--${flag} goes with --api HOST:PORT`);
}

function socketAt(socket: string): Place {
  return {
    name: socket,
    address: `unix:${socket}`,
    credentials: credentials.createInsecure(),
    way: 'socket',
    tokenFile: null,
  };
}

type TlsFiles = Omit<PlaceConfig['client'], 'api'>;

function merged(flags: PlaceFlags, client: PlaceConfig['client']): TlsFiles {
  return {
    tlsCa: flags.ca ?? client.tlsCa,
    tlsCert: flags.cert ?? client.tlsCert,
    tlsKey: flags.key ?? client.tlsKey,
    tokenFile: flags.tokenFile ?? client.tokenFile,
  };
}

async function overTls(api: string, files: TlsFiles): Promise<Input<Place>> {
  const address = /^(?:https:\/\/)?(?<place>(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]{1,253}):\d{1,5})\/?$/.exec(
    api,
  );
  const name = address?.groups?.['place'];
  if (name === undefined) return wrong(`--api ${api} is not HOST:PORT`);
  if ((files.tlsCert === null) !== (files.tlsKey === null)) {
    return wrong('--cert and --key (client.tlsCert, client.tlsKey): give both or neither');
  }
  const trust = await trustOf(files);
  if (!trust.ok) return trust;
  const token = await secretIn(files.tokenFile, '--token-file');
  if (!token.ok) return token;
  return {
    ok: true,
    value: {
      name,
      address: `dns:${name}`,
      credentials: credentialsOf(trust.value, token.value),
      way: 'tls',
      tokenFile: files.tokenFile,
    },
  };
}

async function trustOf({ tlsCa, tlsCert, tlsKey }: TlsFiles): Promise<Input<TlsTrust>> {
  const ca = await certificatesIn(tlsCa);
  if (!ca.ok) return ca;
  const cert = await certificatesIn(tlsCert);
  if (!cert.ok) return cert;
  const key = await secretIn(tlsKey, '--key');
  if (!key.ok) return key;
  const identity = cert.value === null || key.value === null ? null : { cert: cert.value, key: key.value };
  const trust: TlsTrust = { ca: ca.value, identity, verifies: true, names: [] };
  const why = trustProblem(trust);
  return why === null ? { ok: true, value: trust } : wrong(`--ca, --cert, --key: ${why}`);
}

async function certificatesIn(file: string | null): Promise<Input<string | null>> {
  if (file === null) return { ok: true, value: null };
  const text = await readText(file, certificateBytesMax);
  if (!text.ok || text.value.includes('CERTIFICATE-----')) return text;
  return wrong(`${file}: there is no certificate (PEM) in it`);
}

async function secretIn(file: string | null, flag: string): Promise<Input<string | null>> {
  if (file === null) return { ok: true, value: null };
  const reading = await readSecretFile(file, flag);
  return reading.ok ? { ok: true, value: reading.text.trim() } : wrong(reading.why);
}

/** The token goes with every call, streams included, and never without TLS. */
function credentialsOf({ ca, identity }: TlsTrust, token: string | null): ChannelCredentials {
  const tls = credentials.createSsl(
    ca === null ? null : Buffer.from(ca),
    identity === null ? null : Buffer.from(identity.key),
    identity === null ? null : Buffer.from(identity.cert),
  );
  if (token === null) return tls;
  const withToken = credentials.createFromMetadataGenerator((_context, done) => {
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${token}`);
    done(null, metadata);
  });
  return credentials.combineChannelCredentials(tls, withToken);
}

function wrong(error: string): { readonly ok: false; readonly error: string } {
  return { ok: false, error };
}
