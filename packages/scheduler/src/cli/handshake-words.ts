/** What gRPC says of a connection that was not made, in words that say what to do. */

const words: readonly (readonly [RegExp, string])[] = [
  [
    /unable to verify|self[- ]signed certificate|unable to get (?:local )?issuer|certificate signature failure/i,
    'its certificate is not from an authority that we believe; name its authority with --ca',
  ],
  [/certificate has expired|CERT_HAS_EXPIRED/i, 'its certificate has expired'],
  [/not yet valid/i, 'its certificate is not valid yet'],
  [/wrong version number|packet length too long|WRONG_VERSION_NUMBER/i, 'what is there does not speak TLS'],
  [
    /certificate required|bad certificate|alert handshake failure|unknown ca|alert number (?:40|42|48|116)/i,
    'it does not take our certificate; give one of its authority with --cert and --key',
  ],
  // TLS 1.3 lets a client go on before it is refused.
  [
    /Failed to connect/,
    'it ends the connection: if it asks for certificates (control.tlsClientCa), it does not take our certificate',
  ],
  [/ECONNREFUSED/, 'nothing listens there; is control.listen set, and the port right?'],
  [/ENOTFOUND|EAI_AGAIN|Name resolution failed/i, 'the host name is not known'],
  [/ETIMEDOUT|EHOSTUNREACH|ENETUNREACH/, 'the host is not reached'],
];

/** `details` of UNAVAILABLE, as gRPC for Node words it. */
export function handshakeWords(details: string): string {
  const said = details.replace(/\s*Resolution note: *$/, '');
  // The name that does not fit is worth more than any words of ours.
  const names = /does not match certificate's altnames: (.*?)\.*$/.exec(said)?.[1];
  if (names !== undefined) return `its certificate is made out to another name (${names.replace(/: $/, '')})`;
  return words.find(([pattern]) => pattern.test(said))?.[1] ?? said;
}
