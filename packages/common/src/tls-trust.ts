/** TLS as a client: whom we believe, and by what we show who we are. */
import tls from 'node:tls';
import { messageOf } from './text.ts';

export interface TlsTrust {
  /** Certificates (PEM) of the authorities that are believed; null: those that Node brings along. */
  readonly ca: string | null;
  /** What we show when we are asked who we are (PEM); null: nothing. */
  readonly identity: { readonly cert: string; readonly key: string } | null;
  /** False: the connection is encrypted, and whoever answers is believed. */
  readonly verifies: boolean;
  /** Names of which one may stand in the certificate instead of that of the address. */
  readonly names: readonly string[];
}

/** As browsers do. */
export const usualTrust: TlsTrust = { ca: null, identity: null, verifies: true, names: [] };

/** What Node takes along for a connection. */
export function tlsOptions(trust: TlsTrust): tls.ConnectionOptions {
  return {
    ...(trust.ca === null ? {} : { ca: trust.ca }),
    ...(trust.identity ?? {}),
    rejectUnauthorized: trust.verifies,
    checkServerIdentity: (host, certificate) => {
      const problem = tls.checkServerIdentity(host, certificate);
      const isNamed = trust.names.some((name) => tls.checkServerIdentity(name, certificate) === undefined);
      return isNamed ? undefined : problem;
    },
  };
}

/** Why files of PEM do not make a trust, in words that say what to do; null when they do. */
export function trustProblem(trust: TlsTrust): string | null {
  try {
    tls.createSecureContext({ ...(trust.ca === null ? {} : { ca: trust.ca }), ...trust.identity });
  } catch (error) {
    return messageOf(error);
  }
  return null;
}

/**
 * Why the other side ended a connection by a TLS alert, in words; null for other errors. With TLS 1.3 it comes after our
 * handshake, and a request may have been sent by then. OpenSSL's own words are several lines.
 */
export function alertProblem({ code = '', message }: NodeJS.ErrnoException): string | null {
  if (!/^(?:EPROTO|ERR_SSL_)/.test(code) || !/alert/i.test(message)) return null;
  if (/CERTIFICATE_REQUIRED|certificate required/i.test(`${code} ${message}`)) {
    return 'TLS: it wants a certificate of ours, and we have shown none';
  }
  const words = /alert [a-z ]+/i.exec(message)?.[0].trim() ?? code;
  return /certificate|unknown ca/i.test(words)
    ? `TLS: it does not take the certificate that we have shown (${words})`
    : `TLS: it ended the connection (${words})`;
}

/**
 * A handshake that failed, in words; null for other errors. No request was sent then. Node's codes of a
 * certificate that is not believed are those of OpenSSL.
 */
export function handshakeProblem({ code = '', message }: NodeJS.ErrnoException): string | null {
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return `TLS: ${message}`;
  if (
    /^(?:UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|CERT_UNTRUSTED|CERT_SIGNATURE_FAILURE|INVALID_CA)/.test(code)
  ) {
    return `TLS: its certificate is not from an authority that we believe (${message})`;
  }
  if (code.startsWith('CERT_')) return `TLS: its certificate is not valid (${message})`;
  if (/wrong version number|packet length too long|WRONG_VERSION_NUMBER/i.test(message)) {
    return 'TLS: it does not speak TLS';
  }
  if (/^(?:EPROTO|ERR_SSL_)/.test(code) && !/alert/i.test(message)) return `TLS: ${message}`;
  return null;
}
