/**
 * Certificates for tests, made when they are needed: no key lies about, none expires, and no program
 * beside Node is wanted. X.509 (RFC 5280) as far as TLS between two tests needs it, on P-256.
 */
import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { isIP } from 'node:net';

export interface TestCertificate {
  /** PEM. */
  readonly cert: string;
  /** PEM, PKCS #8. */
  readonly key: string;
}

export interface TestAuthority extends TestCertificate {
  /** For a server or a client: `names` are DNS names or IPv4 addresses. */
  issue(names: readonly string[], more?: IssueOptions): TestCertificate;
}

export interface IssueOptions {
  /** True: it was valid until an hour ago. */
  readonly isExpired?: boolean;
}

const hourMs = 3_600_000;

/** An authority of its own; two of the same name are strangers to each other. */
export function testAuthority(name: string): TestAuthority {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const subject = nameOf(name);
  const isAuthority = extension('551d13', true, sequence(boolean(true)));
  const own = certificate({
    subject,
    issuer: subject,
    publicKey: pair.publicKey,
    signer: pair.privateKey,
    extensions: [isAuthority],
    isExpired: false,
  });
  return {
    cert: own,
    key: pemOf(pair.privateKey),
    issue: (names, { isExpired = false } = {}) => {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const cert = certificate({
        subject: nameOf(names[0] ?? 'nobody'),
        issuer: subject,
        publicKey,
        signer: pair.privateKey,
        extensions: [extension('551d11', false, sequence(...names.map(generalName)))],
        isExpired,
      });
      return { cert, key: pemOf(privateKey) };
    },
  };
}

interface Parts {
  readonly subject: Buffer;
  readonly issuer: Buffer;
  readonly publicKey: KeyObject;
  readonly signer: KeyObject;
  readonly extensions: readonly Buffer[];
  readonly isExpired: boolean;
}

function certificate(parts: Parts): string {
  const { subject, issuer, publicKey, signer, extensions, isExpired } = parts;
  const now = Date.now();
  const until = isExpired ? now - hourMs : now + 24 * hourMs;
  const ecdsaWithSha256 = sequence(oid('2a8648ce3d040302'));
  const content = sequence(
    tagged(0xa0, integer(Buffer.from([2]))), // version 3
    integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    ecdsaWithSha256,
    issuer,
    sequence(time(now - 2 * hourMs), time(until)),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(...extensions)),
  );
  const signature = bitString(sign('sha256', content, signer));
  return pem('CERTIFICATE', sequence(content, ecdsaWithSha256, signature));
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

/** One attribute: the common name. */
function nameOf(commonName: string): Buffer {
  const attribute = sequence(oid('550403'), tagged(0x0c, Buffer.from(commonName)));
  return sequence(tagged(0x31, attribute));
}

function generalName(name: string): Buffer {
  if (isIP(name) === 4) return tagged(0x87, Buffer.from(name.split('.').map(Number)));
  return tagged(0x82, Buffer.from(name));
}

function extension(id: string, isCritical: boolean, value: Buffer): Buffer {
  return sequence(oid(id), ...(isCritical ? [boolean(true)] : []), tagged(0x04, value));
}

// DER: a tag, the length of what follows, the content.

function tagged(tag: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  return Buffer.concat([Buffer.from([tag]), lengthOf(body.length), body]);
}

function lengthOf(bytes: number): Buffer {
  if (bytes < 0x80) return Buffer.from([bytes]);
  if (bytes < 0x100) return Buffer.from([0x81, bytes]);
  return Buffer.from([0x82, bytes >> 8, bytes & 0xff]);
}

function sequence(...content: readonly Buffer[]): Buffer {
  return tagged(0x30, ...content);
}

function integer(bytes: Buffer): Buffer {
  return tagged(0x02, bytes);
}

function boolean(value: boolean): Buffer {
  return tagged(0x01, Buffer.from([value ? 0xff : 0]));
}

/** `hex`: the encoded identifier. */
function oid(hex: string): Buffer {
  return tagged(0x06, Buffer.from(hex, 'hex'));
}

function bitString(bytes: Buffer): Buffer {
  return tagged(0x03, Buffer.from([0]), bytes);
}

/** `YYYYMMDDHHMMSSZ`: good for any year; for those before 2050 the shorter form is usual, and both are read. */
function time(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  return tagged(0x18, Buffer.from(digits));
}
