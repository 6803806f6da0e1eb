/** How we get in at Mesos, from files that the configuration names: secrets, certificates, keys. */
import { readFile } from 'node:fs/promises';
import { readSecretFile } from '@mesos-torque/common/secret-file.ts';
import { messageOf } from '@mesos-torque/common/text.ts';
import { trustProblem, type TlsTrust } from '@mesos-torque/common/tls-trust.ts';
import type { Endpoint } from '@mesos-torque/common/endpoint.ts';
import type { Credential } from './authorization.ts';

/** The options under `mesos:` of that name. */
export interface AccessConfig {
  readonly principal: string | null;
  readonly secretFile: string | null;
  /** Null: as the other options let expect. */
  readonly tls: boolean | null;
  readonly tlsCa: string | null;
  readonly tlsCert: string | null;
  readonly tlsKey: string | null;
  readonly zookeeperSecretFile: string | null;
  readonly agentSecretFile: string | null;
}

export interface MesosAccess {
  /** Null where the master does not authenticate. */
  readonly credential: Credential | null;
  /** What agents are shown where they ask who reads a sandbox: never the framework's own secret. */
  readonly agentCredential: Credential | null;
  readonly tls: TlsTrust;
  /** Of masters whose address does not say it. */
  readonly scheme: Endpoint['scheme'];
  /** `user:secret` for ZooKeeper; null where nothing is to be shown. */
  readonly zookeeperDigest: string | null;
}

export type AccessReading =
  | { readonly ok: true; readonly access: MesosAccess }
  /** Begins with the option; says what to type where a file's mode is wrong. Never part of a secret. */
  | { readonly ok: false; readonly why: string };

export async function readMesosAccess(config: AccessConfig): Promise<AccessReading> {
  try {
    const tls: TlsTrust = {
      ca: config.tlsCa === null ? null : await certificates(config.tlsCa, 'mesos.tlsCa'),
      identity: await identityOf(config),
      verifies: true,
      names: [],
    };
    const why = trustProblem(tls);
    if (why !== null) return { ok: false, why: `mesos.tlsCa, mesos.tlsCert, mesos.tlsKey: ${why}` };
    const expectsTls = config.tlsCa !== null || config.tlsCert !== null;
    const access: MesosAccess = {
      credential: await credentialOf(config),
      agentCredential: await agentCredentialOf(config.agentSecretFile),
      tls,
      scheme: (config.tls ?? expectsTls) ? 'https' : 'http',
      zookeeperDigest: await readZooKeeperSecret(config.zookeeperSecretFile, 'mesos.zookeeperSecretFile'),
    };
    return { ok: true, access };
  } catch (error) {
    return { ok: false, why: messageOf(error) };
  }
}

async function identityOf({ tlsCert, tlsKey }: AccessConfig): Promise<TlsTrust['identity']> {
  if (tlsCert === null || tlsKey === null) return null;
  return {
    cert: await certificates(tlsCert, 'mesos.tlsCert'),
    key: await secretIn(tlsKey, 'mesos.tlsKey'),
  };
}

async function credentialOf({ principal, secretFile }: AccessConfig): Promise<Credential | null> {
  if (principal === null || secretFile === null) return null;
  return { principal, secret: (await secretIn(secretFile, 'mesos.secretFile')).trimEnd() };
}

async function agentCredentialOf(file: string | null): Promise<Credential | null> {
  const text = await readUserAndSecret(file, 'mesos.agentSecretFile');
  if (text === null) return null;
  const colon = text.indexOf(':');
  return { principal: text.slice(0, colon), secret: text.slice(colon + 1) };
}

/** `user:secret` for ZooKeeper's scheme digest. */
export function readZooKeeperSecret(file: string | null, option: string): Promise<string | null> {
  return readUserAndSecret(file, option);
}

/** `user:secret` from a file; `option` names it. Rejects, saying what is wrong with it but not what is in it. */
async function readUserAndSecret(file: string | null, option: string): Promise<string | null> {
  if (file === null) return null;
  const text = (await secretIn(file, option)).trimEnd();
  if (/^[^:\s]+:\S+$/.test(text)) return text;
  throw new Error(`${option}: the file has to hold one line "user:secret"`);
}

async function secretIn(file: string, option: string): Promise<string> {
  const reading = await readSecretFile(file, option);
  if (reading.ok) return reading.text;
  throw new Error(reading.why);
}

/** Certificates are no secrets: everybody may read them. */
async function certificates(file: string, option: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new Error(`${option}: ${messageOf(error)}`);
  });
  if (/-----BEGIN (?:TRUSTED )?CERTIFICATE-----/.test(text)) return text;
  throw new Error(`${option}: there is no certificate (PEM) in ${file}`);
}
