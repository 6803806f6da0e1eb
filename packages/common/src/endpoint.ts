/** Where an HTTP server is reached, and how addresses of one are read. */
import { quote } from './text.ts';

export interface Endpoint {
  readonly scheme: 'http' | 'https';
  /** Name or address, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** A unix socket that leads to the server; null to go over the network. */
  readonly socketPath: string | null;
}

export type EndpointReading =
  { readonly ok: true; readonly endpoint: Endpoint } | { readonly ok: false; readonly why: string };

/** `http://host:5050`, IPv6 in brackets. */
export function endpointText(endpoint: Endpoint): string {
  const host = endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host;
  return `${endpoint.scheme}://${host}:${endpoint.port}`;
}

/**
 * Reads `host:port` or `http(s)://host[:port]`; a path, user or query is refused, since we use none.
 * `portDefault` and `schemeDefault` are taken where the address has none.
 */
export function readEndpoint(
  text: string,
  portDefault: number,
  schemeDefault: Endpoint['scheme'] = 'http',
): EndpointReading {
  const withScheme = /^https?:\/\//i.test(text) ? text : `${schemeDefault}://${text}`;
  const url = URL.parse(withScheme);
  const otherScheme = /^(?!https?:)[a-z][a-z0-9+.-]*:\/\//i.test(text);
  if (url === null || otherScheme || url.hostname === '' || /\s/.test(text)) {
    return { ok: false, why: `${quote(text)} is not host:port or http(s)://host:port` };
  }
  if (url.username !== '' || url.password !== '') {
    // The address may hold a secret: it is not quoted.
    return { ok: false, why: `an address with a user or password is not taken (host ${url.hostname})` };
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    return { ok: false, why: `${quote(text)} has more than host and port; leave out what comes after` };
  }
  return { ok: true, endpoint: ofUrl(url, statedPort(withScheme) ?? portDefault) };
}

/**
 * Where a redirect leads. Mesos answers `Location: //host:5050/master/api/v1/scheduler`: without a
 * scheme, and with another path than the one that was asked for. Only host and port are taken from it.
 */
export function redirectTarget(from: Endpoint, location: string | undefined): EndpointReading {
  if (location === undefined) return { ok: false, why: 'redirect without a Location' };
  const url = URL.parse(location, `${endpointText(from)}/`);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    return { ok: false, why: `redirect to ${quote(location)}, which is not an address of an HTTP server` };
  }
  if (from.scheme === 'https' && url.protocol === 'http:') {
    return { ok: false, why: `redirect from https to ${quote(location)}, which is not encrypted` };
  }
  const portOfScheme = url.protocol === 'https:' ? 443 : 80;
  const endpoint = ofUrl(url, url.port === '' ? portOfScheme : Number(url.port));
  if (endpointText(endpoint) === endpointText(from)) {
    return { ok: false, why: `redirect to ${quote(location)}, the server that gave it` };
  }
  return { ok: true, endpoint };
}

function ofUrl(url: URL, port: number): Endpoint {
  return {
    scheme: url.protocol === 'https:' ? 'https' : 'http',
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port,
    socketPath: null,
  };
}

/** The port as written: URL leaves out one that is the scheme's own. */
function statedPort(text: string): number | null {
  const port = /:(?<port>\d{1,5})\/?$/.exec(text)?.groups?.['port'];
  return port === undefined ? null : Number(port);
}
