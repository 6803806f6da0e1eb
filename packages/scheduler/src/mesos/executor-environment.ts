/** What executors are told through their environment, beside what the agent itself says there. */

/** Paths on the agents. */
export interface AgentTlsFiles {
  /** Null: as the agent's own environment says. */
  readonly ca: string | null;
  /** Not null only where `key` and `ca` are not. */
  readonly cert: string | null;
  readonly key: string | null;
}

/** Names of files, never what is in them: everybody who may look at Mesos sees a command's environment. */
export function executorEnvironment({ ca, cert, key }: AgentTlsFiles): Readonly<Record<string, string>> {
  if (ca === null) return {};
  const variables = {
    LIBPROCESS_SSL_ENABLED: 'true',
    LIBPROCESS_SSL_VERIFY_SERVER_CERT: 'true',
    LIBPROCESS_SSL_CA_FILE: ca,
  };
  if (cert === null || key === null) return variables;
  return { ...variables, LIBPROCESS_SSL_CERT_FILE: cert, LIBPROCESS_SSL_KEY_FILE: key };
}
