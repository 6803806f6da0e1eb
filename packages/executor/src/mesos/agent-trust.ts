/**
 * TLS towards the agent, as its environment says: libprocess' own variables, which executors are given as
 * well. Unless told to, libprocess does not look at the certificate of who answers, and neither do we.
 */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { messageOf, quote } from '@mesos-torque/common/text.ts';
import { trustProblem, usualTrust, type TlsTrust } from '@mesos-torque/common/tls-trust.ts';

/** Paths on this machine. */
export interface AgentTls {
  readonly caFile: string | null;
  readonly caDir: string | null;
  readonly certFile: string | null;
  readonly keyFile: string | null;
  /** Whether the agent's certificate has to be one that we believe. */
  readonly verifies: boolean;
}

export type AgentTrust =
  { readonly ok: true; readonly trust: TlsTrust } | { readonly ok: false; readonly why: string };

type Variables = Readonly<Record<string, string | undefined>>;

/** More than any folder of authorities holds. */
const caFilesMax = 1000;

/** Null where the agent speaks without TLS. */
export function agentTlsIn(variables: Variables): AgentTls | null {
  if (!isOn(variables['LIBPROCESS_SSL_ENABLED'])) return null;
  const file = (name: string): string | null => {
    const value = variables[`LIBPROCESS_SSL_${name}`] ?? '';
    return value === '' ? null : value.replace(/^file:\/\//, '');
  };
  // VERIFY_CERT is what VERIFY_SERVER_CERT was called before Mesos 1.9; REQUIRE_CERT implies it.
  const verifying = ['VERIFY_SERVER_CERT', 'VERIFY_CERT', 'REQUIRE_CERT', 'REQUIRE_CLIENT_CERT'];
  return {
    caFile: file('CA_FILE'),
    caDir: file('CA_DIR'),
    certFile: file('CERT_FILE'),
    keyFile: file('KEY_FILE'),
    verifies: verifying.some((name) => isOn(variables[`LIBPROCESS_SSL_${name}`])),
  };
}

function isOn(value: string | undefined): boolean {
  return value === '1' || value === 'true';
}

/**
 * Reads the files. The agent is on this machine and is reached by its address, while certificates are
 * made out to names: `hostName`, that of this machine, will do.
 */
export async function readAgentTrust(files: AgentTls | null, hostName: string): Promise<AgentTrust> {
  if (files === null) return { ok: true, trust: usualTrust };
  try {
    const { certFile, keyFile, verifies } = files;
    const trust: TlsTrust = {
      ca: await authorities(files),
      identity:
        certFile === null || keyFile === null
          ? null
          : { cert: await readFile(certFile, 'utf8'), key: await readFile(keyFile, 'utf8') },
      verifies,
      names: [hostName],
    };
    const why = trustProblem(trust);
    return why === null ? { ok: true, trust } : { ok: false, why: `LIBPROCESS_SSL_*: ${why}` };
  } catch (error) {
    return { ok: false, why: `LIBPROCESS_SSL_*: ${messageOf(error)}` };
  }
}

async function authorities({ caFile, caDir }: AgentTls): Promise<string | null> {
  const files = [...(caFile === null ? [] : [caFile]), ...(caDir === null ? [] : await filesIn(caDir))];
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  return texts.length === 0 ? null : texts.join('\n');
}

async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  if (entries.length > caFilesMax) {
    throw new Error(`${quote(folder)} has ${entries.length} files, at most ${caFilesMax} are read`);
  }
  const files = entries.filter((entry) => !entry.isDirectory());
  return files.map(({ name }) => path.join(folder, name));
}
